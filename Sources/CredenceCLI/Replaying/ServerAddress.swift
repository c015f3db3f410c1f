import ArgumentParser

/// Where a server takes clients: `nats://HOST:PORT`, the scheme and the port left out at will.
struct ServerAddress: Hashable, ExpressibleByArgument {
    let host: String
    let port: UInt16

    init?(argument: String) {
        var rest = argument[...]
        if rest.hasPrefix("nats://") { rest = rest.dropFirst(7) }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
        }
        let isPlain = host.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@")
        }
        guard !host.isEmpty, isPlain else { return nil }
        if rest.isEmpty {
            port = 4222
        } else {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
            self.port = port
        }
    }

    /// The address as a URL.
    var url: String { host.contains(":") ? "nats://[\(host)]:\(port)" : "nats://\(host):\(port)" }
}

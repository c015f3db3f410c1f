/// The address of a document of an issuer: over https, or over http from this machine alone, where nobody else can answer.
struct KeyAddress: Hashable, Sendable {
    /// The address, as it was given.
    let text: String
    /// Scheme, host and port.
    let origin: String
    /// What follows the origin: nothing, or a path, or a query.
    let path: String
    /// Whether it is asked in the clear, on this machine.
    let isPlain: Bool

    /// The longest address, in bytes.
    static let maximumBytes = 2048

    /// Reads an address; nil when it is none that is asked: another scheme, a host elsewhere over http, a user, a
    /// fragment or a character that belongs into none. Linear.
    init?(_ text: String) {
        if text.hasPrefix("https://") {
            isPlain = false
        } else if text.hasPrefix("http://") {
            isPlain = true
        } else {
            return nil
        }
        let allowed = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}@#".utf8.contains($0) }
        guard allowed, text.utf8.count <= Self.maximumBytes else { return nil }
        let rest = text.dropFirst(isPlain ? 7 : 8)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let host = Self.host(authority) else { return nil }
        if isPlain, !Self.isLoopback(host) { return nil }
        self.text = text
        origin = String(text.dropLast(rest.count - authority.count))
        path = String(rest.dropFirst(authority.count))
    }

    /// The host of `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`; nil when it is none of these.
    private static func host(_ authority: Substring) -> Substring? {
        let (host, port): (Substring, Substring)
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            guard authority[..<end].dropFirst().utf8.allSatisfy({ "0123456789abcdefABCDEF:.".utf8.contains($0) }) else {
                return nil
            }
            (host, port) = (authority[...end], authority[authority.index(after: end)...])
        } else {
            host = authority.prefix { $0 != ":" }
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }) else {
                return nil
            }
            port = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { return nil }
        if port.isEmpty { return host }
        guard port.first == ":", let number = UInt16(port.dropFirst()), number > 0, port.dropFirst().first != "+" else {
            return nil
        }
        return host
    }

    /// Whether the host is this machine, by its number or by the name that stands for it.
    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) ? UInt8(part) : nil
        }
        return parts.count == 4 && numbers.count == 4 && numbers.first == 127
    }
}

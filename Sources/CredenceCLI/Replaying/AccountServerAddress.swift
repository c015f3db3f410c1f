import ArgumentParser

/// Where an account server is: `http://HOST:PORT` or `https://HOST:PORT`, with nothing behind it.
struct AccountServerAddress: Hashable, ExpressibleByArgument {
    /// Scheme, name and port.
    let url: String

    init?(argument: String) {
        var text = argument[...]
        if text.hasSuffix("/") { text = text.dropLast() }
        guard let address = PackAddress(String(text)), address.server.count == text.count else { return nil }
        url = address.server
    }

    /// Whether what is sent can be read by nobody on the way: over TLS, or on this machine.
    var isPrivate: Bool {
        if url.hasPrefix("https://") { return true }
        let rest = url.dropFirst("http://".count)
        let host = rest.hasPrefix("[") ? rest.prefix { $0 != "]" } + "]" : rest.prefix { $0 != ":" }
        return host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127(\.[0-9]{1,3}){3}/) != nil
    }
}

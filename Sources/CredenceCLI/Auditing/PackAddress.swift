/// Where the pack of an account server is.
///
/// Given is the server's address, as it stands in the configuration of a server or by itself: with `/jwt/v1/accounts/`,
/// with another path below `/jwt/v1`, or without.
struct PackAddress: Equatable {
    /// Scheme, name and port: what errors say.
    let server: String
    /// The address of the pack.
    let pack: String

    private static let root = "/jwt/v1"

    /// Nil when the text is no address over HTTP or HTTPS, or holds more than one: a name and password, a query, a
    /// fragment, or characters that no address has.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }), !text.contains(where: { "@?#\\\"<>".contains($0) }),
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.utf8.count)
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty, host.first != ":" else { return nil }
        server = scheme + host
        var path = rest.dropFirst(host.count)
        if let found = Self.rootStart(in: path) { path = path[..<found] }
        while path.last == "/" { path = path.dropLast() }
        pack = server + path + Self.root + "/pack"
    }

    /// Whether nobody on the way can read what is sent: over TLS, or to this machine.
    var isPrivate: Bool {
        guard server.lowercased().hasPrefix("http://") else { return true }
        let host = server.dropFirst(7)
        return ["localhost", "127.0.0.1", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }

    /// Where the last `/jwt/v1` begins that is followed by a slash or by nothing.
    private static func rootStart(in path: Substring) -> Substring.Index? {
        path.indices.last { index in
            let rest = path[index...]
            return rest.hasPrefix(root) && (rest.utf8.count == root.utf8.count || rest.hasPrefix(root + "/"))
        }
    }
}

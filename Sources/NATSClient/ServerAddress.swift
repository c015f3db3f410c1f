/// Where a server listens: `nats://host:port`, or `tls://host:port` for one that is spoken to in TLS only.
///
/// A host is a name, an IPv4 address, or an IPv6 address in brackets; the port is 4222 where none is given. Credentials
/// in an address are refused, without being repeated: they would end up in logs.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// How the connection begins.
    public enum Scheme: String, Hashable, Sendable {
        /// In the clear, and in TLS where the server or the settings ask for it.
        case nats
        /// In TLS, or not at all.
        case tls
    }

    /// How the connection begins.
    public let scheme: Scheme
    /// A name or an address, without brackets.
    public let host: String
    /// From 1 to 65535.
    public let port: Int
    /// The name that the server's certificate must have. That of the server that told of this one, where this one is
    /// known by its number alone.
    let certificateName: String

    /// Reads an address.
    ///
    /// - Throws: `NATSFault.address`.
    public init(_ text: String) throws(NATSFault) {
        var rest = text[...]
        var scheme = Scheme.nats
        if let end = text.firstRange(of: "://") {
            guard let known = Scheme(rawValue: text[..<end.lowerBound].lowercased()) else {
                throw .address("it must begin with `nats://` or `tls://`")
            }
            scheme = known
            rest = text[end.upperBound...]
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.contains("@") else { throw .address("it holds credentials; give a creds file instead") }
        let (host, port) = try Self.parts(of: rest)
        self.init(scheme: scheme, host: host, port: port, certificateName: host)
    }

    init(scheme: Scheme, host: String, port: Int, certificateName: String) {
        (self.scheme, self.host, self.port, self.certificateName) = (scheme, host, port, certificateName)
    }

    /// Another server of the same cluster, as it is announced; nil for what cannot be read.
    func neighbour(_ text: String) -> ServerAddress? {
        guard !text.contains("@"), let (host, port) = try? Self.parts(of: text[...]) else { return nil }
        let isNumber = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        return ServerAddress(
            scheme: scheme, host: host, port: port, certificateName: isNumber ? certificateName : host)
    }

    private static func parts(of text: Substring) throws(NATSFault) -> (host: String, port: Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .address("`[` is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .address("after `]` comes the port") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { throw .address("an IPv6 address stands in brackets") }
        }
        let isName = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x3A, 0x5F, 0x25].contains(byte)
        }
        guard !host.isEmpty, host.utf8.count <= 255, isName else { throw .address("the host is missing or no host") }
        guard let port else { return (String(host), 4222) }
        guard let number = Int(port), (1...65535).contains(number), port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { throw .address("the port is not a number from 1 to 65535") }
        return (String(host), number)
    }

    /// As it is written: it holds no secret.
    public var description: String {
        "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

/// What a client says of itself in CONNECT.
public struct ConnectOptions: Equatable, Sendable {
    /// The user's token; nil for none.
    public var token: String?
    /// The user's key, where it signs without a token; nil for none.
    public var key: String?
    /// The name that goes with a password; nil for none.
    public var user: String?
    /// The password; nil for none.
    public var password: String?
    /// The signature of the nonce, in base64; nil for none.
    public var signature: String?
    /// What the connection is called in the server's lists; nil for nothing.
    public var name: String?
    /// The version of the client.
    public var version = ""
    /// Whether messages may have headers, and whether a request that nobody hears is answered by the server.
    public var usesHeaders = true
    /// Whether the connection goes on in TLS.
    public var usesTLS = false
    /// Whether the client's own messages come back to its own subscriptions.
    public var echoes = true

    /// Options for nobody in particular.
    public init() {}

    /// The JSON text, on one line. Errors are asked for, confirmations are not (`verbose`), and INFO after CONNECT is
    /// understood (`protocol` 1).
    public var utf8: [UInt8] {
        var members: [WireJSON.Member] = [
            .init("verbose", false), .init("pedantic", false), .init("protocol", 1), .init("lang", "swift"),
            .init("version", .string(version)), .init("echo", .bool(echoes)), .init("headers", .bool(usesHeaders)),
            .init("no_responders", .bool(usesHeaders)), .init("tls_required", .bool(usesTLS)),
        ]
        if let name { members.append(.init("name", .string(name))) }
        if let token { members.append(.init("jwt", .string(token))) }
        if let key { members.append(.init("nkey", .string(key))) }
        if let user { members.append(.init("user", .string(user))) }
        if let password { members.append(.init("pass", .string(password))) }
        if let signature { members.append(.init("sig", .string(signature))) }
        return WireJSON.object(members).utf8
    }
}

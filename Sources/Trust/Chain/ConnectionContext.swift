/// What a server knows of a client that wants to act as a user, apart from the user's token.
public struct ConnectionContext: Sendable {
    /// How a client is connected.
    public typealias Kind = ConnectionType

    /// Whether the client came through a proxy that the server trusts.
    public enum Proxy: Hashable, Sendable {
        case none
        case trusted
    }

    /// What the account has in use, without this connection.
    public struct Usage: Hashable, Sendable {
        /// Connections of clients.
        public var connections: Int
        /// Connections of leaf nodes.
        public var leafConnections: Int

        /// An account's usage; nothing unless said.
        public init(connections: Int = 0, leafConnections: Int = 0) {
            self.connections = connections
            self.leafConnections = leafConnections
        }
    }

    /// The client's address; nil when it is not known, and then a user with `src` is refused.
    public var address: IPAddress?
    /// How the client is connected.
    public var kind: Kind
    /// The nonce that the server sent, as it was sent.
    public var nonce: [UInt8]
    /// The client's signature of the nonce as it was sent; nil or empty for none. Not a secret, but it is not logged.
    public var signature: String?
    /// Whether the client came through a trusted proxy.
    public var proxy: Proxy
    /// What the account has in use; nil when nobody counts, and then C-account-limit is not asked.
    public var usage: Usage?

    /// A connection.
    public init(
        address: IPAddress?, kind: Kind = .standard, nonce: [UInt8], signature: String?, proxy: Proxy = .none,
        usage: Usage? = Usage()
    ) {
        self.address = address
        self.kind = kind
        self.nonce = nonce
        self.signature = signature
        self.proxy = proxy
        self.usage = usage
    }

    /// A connection from `host`, the text of an address. A name, or nothing, is no address: names are not looked up.
    public init(
        host: String, kind: Kind = .standard, nonce: [UInt8], signature: String?, proxy: Proxy = .none,
        usage: Usage? = Usage()
    ) {
        self.init(
            address: IPAddress(host), kind: kind, nonce: nonce, signature: signature, proxy: proxy, usage: usage)
    }
}

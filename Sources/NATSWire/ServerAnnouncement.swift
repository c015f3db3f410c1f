/// What a server says of itself in INFO: first thing on a connection, and again when its cluster or the client's limits
/// change.
///
/// Everything but the nonce and the limits is advice from whoever answers: before TLS anybody can say it.
public struct ServerAnnouncement: Equatable, Sendable {
    /// The server's public key, as text.
    public var serverID = ""
    /// The name that its operator gave it.
    public var serverName = ""
    /// Its version.
    public var version = ""
    /// The characters that the client signs; nil where none are asked for.
    public var nonce: String?
    /// Bytes of the longest message that it takes from this client.
    public var payloadLimit = 1 << 20
    /// Whether messages may have headers.
    public var hasHeaders = false
    /// Whether it asks for credentials.
    public var asksForCredentials = false
    /// Whether the connection has to go on in TLS.
    public var requiresTLS = false
    /// Whether the connection can go on in TLS.
    public var offersTLS = false
    /// Where clients reach the servers of its cluster: `host:port`.
    public var clusterAddresses: [String] = []
    /// Whether it is about to stop, and asks its clients to go elsewhere.
    public var isLeaving = false
    /// The key of the account that this client was bound to, as text; only after CONNECT.
    public var account: String?

    /// An announcement that says nothing.
    public init() {}

    /// Reads the JSON text of an INFO. Members that are not known are left alone.
    ///
    /// - Throws: `WireFault.json`, and `WireFault.member` for a known one of another type.
    public init(parsing text: [UInt8]) throws(WireFault) {
        let json = try WireJSON(parsing: text)
        guard case .object = json else { throw .json(offset: 0) }
        serverID = try Self.string("server_id", in: json) ?? ""
        serverName = try Self.string("server_name", in: json) ?? ""
        version = try Self.string("version", in: json) ?? ""
        nonce = try Self.string("nonce", in: json)
        account = try Self.string("remote_account", in: json)
        hasHeaders = try Self.bool("headers", in: json)
        asksForCredentials = try Self.bool("auth_required", in: json)
        requiresTLS = try Self.bool("tls_required", in: json)
        offersTLS = try Self.bool("tls_available", in: json)
        isLeaving = try Self.bool("ldm", in: json)
        if let value = json["max_payload"] {
            guard let limit = value.integer, limit > 0 else { throw .member("max_payload") }
            payloadLimit = limit
        }
        if let value = json["connect_urls"], value != .null {
            guard let list = value.array else { throw .member("connect_urls") }
            for entry in list {
                guard let address = entry.string else { throw .member("connect_urls") }
                clusterAddresses.append(address)
            }
        }
    }

    private static func string(_ name: String, in json: WireJSON) throws(WireFault) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string else { throw .member(name) }
        return text
    }

    private static func bool(_ name: String, in json: WireJSON) throws(WireFault) -> Bool {
        guard let value = json[name] else { return false }
        guard let truth = value.bool else { throw .member(name) }
        return truth
    }
}

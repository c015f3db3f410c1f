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
    /// Whether that is the servers' own account.
    public var isSystemAccount = false
    /// Where it listens.
    public var host = ""
    /// The port that it listens at.
    public var port = 0
    /// The connection's number.
    public var clientID: UInt64?
    /// The address that the client came from, as the server sees it.
    public var clientAddress = ""
    /// The server's public curve key, as text; empty for none.
    public var sealingKey = ""

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

    /// The JSON text, on one line, with what does not hold left out.
    public var utf8: [UInt8] {
        var members: [WireJSON.Member] = [
            .init("server_id", .string(serverID)), .init("server_name", .string(serverName)),
            .init("version", .string(version)), .init("proto", 1), .init("host", .string(host)),
            .init("port", .number(String(port))), .init("headers", .bool(hasHeaders)),
        ]
        if asksForCredentials { members.append(.init("auth_required", true)) }
        if requiresTLS { members.append(.init("tls_required", true)) }
        if offersTLS { members.append(.init("tls_available", true)) }
        members.append(.init("max_payload", .number(String(payloadLimit))))
        if let clientID { members.append(.init("client_id", .number(String(clientID)))) }
        if !clientAddress.isEmpty { members.append(.init("client_ip", .string(clientAddress))) }
        if let nonce { members.append(.init("nonce", .string(nonce))) }
        if !clusterAddresses.isEmpty {
            members.append(.init("connect_urls", .array(clusterAddresses.map { .string($0) })))
        }
        if isLeaving { members.append(.init("ldm", true)) }
        if !sealingKey.isEmpty { members.append(.init("xkey", .string(sealingKey))) }
        if let account {
            members.append(.init("connect_info", true))
            members.append(.init("remote_account", .string(account)))
            if isSystemAccount { members.append(.init("acc_is_sys", true)) }
        }
        return WireJSON.object(members).utf8
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

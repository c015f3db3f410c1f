/// What a client says of itself in CONNECT. Holds secrets: it prints nothing of them.
///
/// Members are found whatever the case of their names, members that are not known are passed over, and a known one of
/// another type is a fault: a client that says something and is misunderstood is better off closed.
public struct ClientOptions: Sendable, CustomStringConvertible, CustomReflectable {
    /// Whether each operation that is accepted is confirmed.
    public var isVerbose = true
    /// Whether subjects of messages are held to the rules of literal subjects.
    public var isPedantic = true
    /// Whether the client's own messages come back to its own subscriptions.
    public var echoes = true
    /// Whether messages may have headers.
    public var hasHeaders = false
    /// Whether a request that nobody hears is answered by the server.
    public var wantsNoResponders = false
    /// 0, or 1 for a client that understands INFO at any time.
    public var protocolVersion = 0
    /// The user's token; empty for none.
    public var token = ""
    /// The signature of the nonce, as it was sent; empty for none.
    public var signature = ""
    /// What the connection is called; empty for nothing.
    public var name = ""
    /// The client's language; empty for none said.
    public var language = ""
    /// The client's version; empty for none said.
    public var version = ""
    /// A user's public key, beside or instead of a token: it proves nothing.
    public var key = ""
    /// A user's name: data for an authorization service.
    public var user = ""
    /// A password: data for an authorization service.
    public var password = ""
    /// A token that is none of ours: data for an authorization service.
    public var authToken = ""
    /// Whether it asks for an account by name, which nobody may.
    public var asksForAccount = false

    /// Options that say nothing.
    public init() {}

    /// Reads the JSON text of a CONNECT.
    ///
    /// - Throws: `WireFault.json`, and `WireFault.member` for a known member of another type, or a member that comes
    ///   twice, in whatever case.
    public init(parsing text: [UInt8]) throws(WireFault) {
        let json = try WireJSON(parsing: text)
        guard case .object(let members) = json else { throw .json(offset: 0) }
        var names: Set<String> = []
        for member in members {
            let value = member.value
            let folded = member.name.lowercased()
            // In whatever case, a member comes once: readers differ in which of two they take.
            guard names.insert(folded).inserted else { throw .member(member.name) }
            if value == .null { continue }
            switch folded {
            case "verbose": isVerbose = try Self.bool(member)
            case "pedantic": isPedantic = try Self.bool(member)
            case "echo": echoes = try Self.bool(member)
            case "headers": hasHeaders = try Self.bool(member)
            case "no_responders": wantsNoResponders = try Self.bool(member)
            case "protocol":
                guard let number = value.integer else { throw .member(member.name) }
                protocolVersion = number
            case "jwt": token = try Self.string(member)
            case "sig": signature = try Self.string(member)
            case "name": name = try Self.string(member)
            case "lang": language = try Self.string(member)
            case "version": version = try Self.string(member)
            case "nkey": key = try Self.string(member)
            case "user": user = try Self.string(member)
            case "pass": password = try Self.string(member)
            case "auth_token": authToken = try Self.string(member)
            case "tls_required": _ = try Self.bool(member)
            case "account": if try !Self.string(member).isEmpty { asksForAccount = true }
            case "new_account": if try Self.bool(member) { asksForAccount = true }
            default: break
            }
        }
    }

    private static func bool(_ member: WireJSON.Member) throws(WireFault) -> Bool {
        guard let value = member.value.bool else { throw .member(member.name) }
        return value
    }

    private static func string(_ member: WireJSON.Member) throws(WireFault) -> String {
        guard let value = member.value.string else { throw .member(member.name) }
        return value
    }

    /// Says nothing of what the client sent.
    public var description: String { "client options" }
    /// Shows nothing of what the client sent.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

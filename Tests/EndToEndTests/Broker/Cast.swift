import Foundation
import NKeys
import Synchronization

/// Who takes part in a conversation: keys by name, and tokens made with them. Both servers meet the same accounts.
///
/// Tokens are written by hand and not by the module that is meant to judge them, so that they can say anything.
final class Cast: Sendable {
    private struct State {
        var keys: [String: KeyPair] = [:]
        var tokens: [(account: String, token: String)] = []
        /// Accounts whose tokens the product does not start on.
        var unread: Set<String> = []
        /// When the last account token was signed, so that each is newer than those before.
        var lastIssue = Cast.now - 10_000
    }

    /// The name of the conversation.
    let name: String
    /// Whom the servers trust.
    let realm: Realm
    private let state: Mutex<State>

    init(_ name: String, in realm: Realm) {
        (self.name, self.realm) = (name, realm)
        state = Mutex(State(keys: ["OP": realm.operatorKeys, "OP1": realm.signingKeys, "SYS": realm.system]))
    }

    /// The keys of this name, made when they are first asked for.
    func keys(_ name: String, _ role: KeyRole = .account) throws -> KeyPair {
        try state.withLock { state in
            if let known = state.keys[name] {
                guard known.role == role || role == .account else { throw Fault("the name \(name) is taken") }
                return known
            }
            let pair = try KeyPair.generate(role)
            state.keys[name] = pair
            return pair
        }
    }

    /// The public key of this name.
    func id(_ name: String, _ role: KeyRole = .account) throws -> String { try keys(name, role).publicKey.text }

    /// Accounts that the servers know from the start.
    var preloaded: [(account: String, token: String)] { state.withLock { $0.tokens } }

    /// A member of `nats` of an account that the servers know from the start.
    func preloadedClaim(_ account: String, _ name: String) throws -> Any? {
        let id = try id(account)
        return try preloaded.last { $0.account == id }.map { try TokenText($0.token) }?[name]
    }

    /// Accounts that only the real server is told of: with them the product does not start.
    var unread: Set<String> { state.withLock { $0.unread } }

    /// As `preload`, of what is no account token at all.
    func preload(unread account: String, _ claims: [String: Any] = [:], _ more: Claims = Claims()) throws {
        try preload(account, claims, more)
        let id = try id(account)
        _ = state.withLock { $0.unread.insert(id) }
    }

    /// Makes an account's token and lets the servers know it from the start.
    func preload(_ account: String, _ claims: [String: Any] = [:], _ more: Claims = Claims()) throws {
        let token = try self.account(account, claims, more)
        let id = try id(account)
        state.withLock { $0.tokens.append((id, token)) }
    }

    /// What a token says beside its type's own content.
    struct Claims {
        /// Who signs; nil for the one that is expected to.
        var by: String?
        var name: String?
        var issuedAt: Int?
        var expires: Int?
        var notBefore: Int?
        /// Members beside `nats`, in the place of what would stand there.
        var top: [String: Any] = [:]
        /// Members of the header, likewise.
        var header: [String: Any] = [:]
        /// Whether the limits that everybody has are left out.
        var isBare = false
    }

    /// An account's token, without limits unless `limits` says some.
    func account(_ name: String, _ claims: [String: Any] = [:], _ more: Claims = Claims()) throws -> String {
        var nats = claims
        if !more.isBare {
            let limits: [String: Any] = [
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
                "leaf": -1,
            ]
            nats["limits"] = limits.merging(claims["limits"] as? [String: Any] ?? [:]) { $1 }
        }
        var more = more
        if more.issuedAt == nil {
            more.issuedAt = state.withLock { state in
                state.lastIssue += 1
                return state.lastIssue
            }
        }
        return try Self.token(
            about: id(name), named: more.name ?? name, type: "account", nats, more,
            by: more.by.map { try keys($0) } ?? keys("OP"))
    }

    /// An activation token.
    func activation(
        _ subject: String, _ kind: String, for importer: String, from exporter: String, _ more: Claims = Claims()
    ) throws -> String {
        var nats: [String: Any] = ["subject": subject, "kind": kind]
        if let signer = more.by, signer != exporter { nats["issuer_account"] = try id(exporter) }
        return try Self.token(
            about: id(importer), named: subject, type: "activation", nats, more, by: keys(more.by ?? exporter))
    }

    /// A user who can log in.
    struct User {
        var token: String
        let keys: KeyPair
    }

    /// A user's token, without limits unless `claims` says some. Signed by another than the account, it names the
    /// account.
    func user(
        _ name: String, of account: String, _ claims: [String: Any] = [:], _ more: Claims = Claims()
    ) throws -> User {
        let keys = try keys(name, .user)
        var nats: [String: Any] = more.isBare ? [:] : ["subs": -1, "data": -1, "payload": -1]
        if let signer = more.by, signer != account { nats["issuer_account"] = try id(account) }
        nats.merge(claims) { $1 }
        let token = try Self.token(
            about: keys.publicKey.text, named: more.name ?? name, type: "user", nats, more,
            by: self.keys(more.by ?? account))
        return User(token: token, keys: keys)
    }

    /// Any token at all.
    static func token(
        about subject: String, named name: String, type: String, _ nats: [String: Any], _ more: Claims,
        by signer: KeyPair
    ) throws -> String {
        var nats: [String: Any] = ["type": type, "version": 2].merging(nats) { $1 }
        nats = nats.filter { !($0.value is NSNull) }
        var payload: [String: Any] = [
            "jti": UUID().uuidString, "iat": more.issuedAt ?? now, "iss": signer.publicKey.text, "sub": subject,
            "name": name, "nats": nats,
        ]
        payload["exp"] = more.expires
        payload["nbf"] = more.notBefore
        payload = payload.merging(more.top) { $1 }.filter { !($0.value is NSNull) }
        let header = ["typ": "JWT", "alg": "ed25519-nkey"].merging(more.header) { $1 }.filter { !($0.value is NSNull) }
        let text = try "\(base64URL(json(header))).\(base64URL(json(payload)))"
        return "\(text).\(TokenText.base64URL(Data(try signer.sign(Array(text.utf8)).rawBytes)))"
    }

    /// Seconds since 1970.
    static var now: Int { Int(Date().timeIntervalSince1970) }

    static func json(_ object: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func base64URL(_ data: Data) -> String { TokenText.base64URL(data) }

    /// Text with names in the place of keys, and words in the place of what is new with every run.
    func normalised(_ text: String) -> String {
        var text = text
        for (name, pair) in state.withLock({ $0.keys }) {
            text = text.replacing(pair.publicKey.text, with: "<\(name)>")
        }
        return text.replacing(/_R_\.[A-Za-z0-9._]+/, with: "<reply>")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "<time>")
            .replacing(/_INBOX\.[0-9A-F]{8}\.[0-9]+/, with: "<inbox>")
            .replacing(/"rtt":[0-9]+/, with: "\"rtt\":<time>")
            .replacing(/\b[NX][A-Z2-7]{55}\b/, with: "<key>")
    }
}

import HTTPTypes
import HummingbirdCore
import Synchronization
import Trust

/// Decides who may do what, and how often. What it turns away costs no more than its head.
final class AccessGate: Sendable {
    /// Whom a request comes from.
    enum Identity: Sendable {
        /// Nobody in particular.
        case anyone
        /// Whoever shows this credential.
        case named(String, allows: Set<AccessPolicy.Action>)
        /// Somebody with a credential that is none.
        case impostor

        var name: String? { if case .named(let name, _) = self { name } else { nil } }
    }

    /// Why a request goes no further.
    struct Turn: Sendable {
        let answer: HTTPAnswer
        /// What a journal is told of it; nil for what it is not told.
        let rule: Rule?
    }

    private static let challenge = #"Bearer realm="credence""#
    private static let challengeInvalid = #"Bearer realm="credence", error="invalid_token""#

    private let settings: HTTPSettings
    private let clock: ServerClock
    private let credentials: Mutex<CallerCredentials>
    private let reads: RateLimit?
    private let uploads: RateLimit?
    private let exchanges: RateLimit?

    init(_ settings: HTTPSettings, credentials: CallerCredentials, clock: ServerClock) {
        (self.settings, self.clock) = (settings, clock)
        self.credentials = Mutex(credentials)
        reads = settings.reads.map { RateLimit($0, capacity: settings.rationedCallers) }
        uploads = settings.uploads.map { RateLimit($0, capacity: settings.rationedCallers) }
        exchanges = settings.exchanges.map { RateLimit($0, capacity: settings.rationedCallers) }
    }

    /// Goes by these credentials from now on.
    func use(_ credentials: CallerCredentials) { self.credentials.withLock { $0 = credentials } }

    /// Who sent this head: by its bearer token when it has one, else by the connection's certificate.
    func identity(of fields: HTTPFields, on peer: ConnectionPeer) -> Identity {
        guard let authorization = fields[.authorization] else {
            guard let fingerprint = peer.certificate else { return .anyone }
            let credential = credentials.withLock { $0 }.certificate(sha256: fingerprint)
            return credential.map { .named($0.name, allows: $0.allows) } ?? .anyone
        }
        // Several headers come as one value with a comma, which no bearer token has.
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            let credential = credentials.withLock({ $0 }).bearer(Array(parts[1].utf8))
        else { return .impostor }
        return .named(credential.name, allows: credential.allows)
    }

    /// Nil when the caller may ask once more.
    func ration(_ action: AccessPolicy.Action, _ identity: Identity, on peer: ConnectionPeer) -> HTTPAnswer? {
        if peer.address.isLoopback, settings.loopbackCallers == .exempt { return nil }
        let limit = action == .exchange ? exchanges : action.isChange || action == .list ? uploads : reads
        let key = identity.name.map(RateLimit.Key.name) ?? .network(peer.address.network)
        guard let wait = limit?.wait(for: key, at: clock.uptime()) else { return nil }
        var answer = HTTPAnswer.refusal(.rate)
        answer.fields[.retryAfter] = "\(max(1, wait))"
        return answer
    }

    /// Nil when whoever this is may do it.
    func turn(_ action: AccessPolicy.Action, _ identity: Identity, on peer: ConnectionPeer) -> Turn? {
        if case .impostor = identity {
            return unauthorized("the credential is not known here", challenge: Self.challengeInvalid)
        }
        if action.isChange {
            if settings.access.changes == .refused { return Self.readOnly }
            if !isProtected(peer) { return denied("uploads are taken over TLS only") }
        }
        guard settings.access.audience(of: action) == .named else { return nil }
        guard case .named(_, let allows) = identity else {
            return unauthorized(
                "a credential is needed: send a bearer token, or connect with a certificate", challenge: Self.challenge)
        }
        return allows.contains(action) ? nil : denied("the credential does not allow `\(action.rawValue)`")
    }

    /// Whether what comes this way is not seen by others, or is taken all the same.
    func isProtected(_ peer: ConnectionPeer) -> Bool {
        if peer.protection == .tls { return true }
        switch settings.plainHTTP {
        case .readOnly: return false
        case .uploadsFromLoopback: return peer.address.isLoopback
        case .unsafeUploads: return true
        }
    }

    private static let readOnly = Turn(
        answer: .refusal(
            .forbidden, [.init(rule: .uploadReadOnly, at: "", "the server is read-only: nothing can be changed here")]),
        rule: .uploadReadOnly)

    private func denied(_ message: String) -> Turn {
        Turn(
            answer: .refusal(.forbidden, [.init(rule: .uploadDenied, at: "", message)]), rule: .uploadDenied)
    }

    private func unauthorized(_ message: String, challenge: String) -> Turn {
        var answer = HTTPAnswer.refusal(.unauthorized, [.init(rule: .uploadDenied, at: "authorization", message)])
        answer.fields[.wwwAuthenticate] = challenge
        return Turn(answer: answer, rule: .uploadDenied)
    }
}

import Logging
import Metrics
import Trust

/// A token of a foreign issuer that passed every F rule.
public struct VerifiedForeignToken: Sendable {
    /// `iss`.
    public let issuer: String
    /// `sub`.
    public let subject: String
    /// `aud`, one or several.
    public let audiences: [String]
    /// When it was issued.
    public let issuedAt: UnixTime
    /// When it ends.
    public let expires: UnixTime
    /// `jti`; nil when absent.
    public let identifier: String?
    /// All claims.
    public let claims: ForeignClaims

    /// Made where every rule was judged, in this file, and nowhere else.
    fileprivate init(_ content: ForeignJudge.Content) {
        (issuer, subject, audiences) = (content.issuer, content.subject, content.audiences)
        (issuedAt, expires, identifier) = (content.issuedAt, content.expires, content.identifier)
        claims = ForeignClaims(content.claims)
    }
}

/// Verifies tokens of foreign issuers, by what is configured about each issuer and nothing that a token says of itself
/// (RFC 8725).
///
///     let verifier = ForeignTokenVerifier([issuer])
///     switch await verifier.verify(token, at: now) {
///     case .accepted(let verified, let warnings): …    // `verified.subject`, `verified.claims`
///     case .refused(let refusal): …                    // every rule that failed: `refusal.failures`
///     }
public final class ForeignTokenVerifier: Sendable {
    /// An issuer, with what was fetched for it and what it remembers.
    struct Configured: Sendable {
        let issuer: ForeignIssuer
        let keys: any KeySource
        let taken: OneTimeTokens?
        let isFaulty: Bool
    }

    /// By the bytes of their names: `String` takes two spellings of one text for equal.
    private let issuers: [[UInt8]: Configured]

    /// A verifier of the tokens of these issuers, which fetches keys over HTTP where they are configured so.
    ///
    /// Every token of an issuer that is configured twice or has `faults` is refused; who reads a configuration says so
    /// before.
    ///
    /// - Parameters:
    ///   - previous: the verifier whose place this one takes, after its configuration was read again: one-time tokens that
    ///     it took stay taken.
    ///   - logger: where it is told that keys could not be fetched, or are not used.
    ///   - metrics: where fetches are counted: `credence_identity_key_fetches_total`.
    public convenience init(
        _ issuers: [ForeignIssuer], inPlaceOf previous: ForeignTokenVerifier? = nil,
        logger: Logger = Logger(label: "identity", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(issuers, inPlaceOf: previous, clock: .system, logger: logger, metrics: metrics) { issuer in
            HTTPDocumentFetcher(authorities: issuer.authorities)
        }
    }

    init(
        _ issuers: [ForeignIssuer], inPlaceOf previous: ForeignTokenVerifier? = nil, clock: KeySetCache.Clock,
        logger: Logger = Logger(label: "identity", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        documents: (ForeignIssuer) -> any DocumentFetching
    ) {
        var known: [[UInt8]: Configured] = [:]
        for issuer in issuers {
            let name = Array(issuer.issuer.utf8)
            let keys: any KeySource
            switch issuer.keys {
            case .set, .secret: keys = FixedKeys(issuer, logger: logger)
            case .url, .discovery:
                let fetch = IssuerKeyFetch(issuer, documents: documents(issuer), clock: clock)
                keys = KeySetCache(issuer, clock: clock, logger: logger, metrics: metrics) { () throws(DocumentFault) in
                    try await fetch.keys()
                }
            }
            let taken = issuer.use == .once ? previous?.issuers[name]?.taken ?? OneTimeTokens() : nil
            known[name] = Configured(
                issuer: issuer, keys: keys, taken: taken,
                isFaulty: known[name] != nil || !issuer.faults.isEmpty)
        }
        self.issuers = known
    }

    /// Judges a token by every F rule. What can be judged independently is judged, and all that failed is listed; what
    /// could not be judged is not claimed to have failed.
    ///
    /// It waits for keys when they are to be fetched, for a bounded time. Otherwise linear in the token, and one
    /// verification of a signature.
    public func verify(_ token: String, at now: UnixTime) async -> IdentityVerdict<VerifiedForeignToken> {
        let token = CompactToken(token)
        var judge = ForeignJudge(token, at: now)
        judge.judgeHeader()
        guard let configured = judge.judgeIssuer({ issuers[Array($0.utf8)] }) else { return .refused(judge.refusal) }
        judge.judgeAlgorithm(configured.issuer)
        judge.judgeType(configured.issuer)
        judge.judgeAudience(configured.issuer)
        judge.judgeTimes(configured.issuer)
        judge.judgeClaims(configured.issuer)
        await judge.judgeSignature(configured.keys)
        judge.judgeReplay(configured.taken, configured.issuer)
        // Every rule has been judged: without a failure, and with nothing that was left unread, this is the proof.
        guard judge.isSigned, judge.failures.isEmpty, let content = judge.content else {
            return .refused(judge.refusal)
        }
        return .accepted(VerifiedForeignToken(content), warnings: judge.warnings)
    }
}

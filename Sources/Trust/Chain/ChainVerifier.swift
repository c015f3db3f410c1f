import NKeys

/// Judges accounts and users by the chain that leads from them to a trusted operator (the C rules).
///
/// ```swift
/// let chain = ChainVerifier(anchors: TrustAnchors([operatorToken]), verifier: verifier)
/// let connection = ConnectionContext(host: peer, nonce: nonce, signature: connect.sig)
/// switch chain.user(connect.jwt, resolver: accounts, connection: connection, at: now) {
/// case .accepted(let user, _): start(user.permissions, until: user.expires)
/// case .refused(let refusal): log(refusal.failures.map(\.rule.code))
/// }
/// ```
///
/// A value without state: nothing is remembered between two judgements.
public struct ChainVerifier: Sendable {
    /// The operators that are trusted.
    public var anchors: TrustAnchors
    /// Judges each token by itself; its policy and zones hold for the chain too.
    public var verifier: TokenVerifier
    /// The only accounts that are let in, beside the system account; nil for all.
    public var pinned: Set<PublicKey>?
    /// The servers' own account, where configuration names one. One that a trusted operator names counts as well.
    public var systemAccount: PublicKey?

    /// A verifier under these operators.
    public init(
        anchors: TrustAnchors, verifier: TokenVerifier, pinned: Set<PublicKey>? = nil,
        systemAccount: PublicKey? = nil
    ) {
        self.anchors = anchors
        self.verifier = verifier
        self.pinned = pinned
        self.systemAccount = systemAccount
    }

    /// Judges an operator token: the T rules, and that it is one of the trust anchors (C-operator).
    public func `operator`(_ token: String, at now: UnixTime) -> Verdict<VerifiedToken<OperatorClaims>> {
        let verdict = verifier.verify(token, as: OperatorClaims.self, at: now)
        guard let verified = verdict.proof, !anchors.trusts(verified.subject) else { return verdict }
        var judgement = Judgement(verifier.policy)
        judgement.merge(verdict)
        judgement.fail(.operatorTrusted, at: "sub", .operatorNotTrusted)
        return judgement.verdict(verified)
    }

    /// Whether an account may be used where accounts are pinned (C-account-pinned).
    func isAdmitted(_ account: PublicKey) -> Bool {
        guard let pinned else { return true }
        return pinned.contains(account) || account == systemAccount || anchors.hasSystemAccount(account)
    }
}

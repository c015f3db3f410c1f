import NKeys

/// An account that a trusted operator stands for: its token holds by the T rules and it by the C rules of accounts,
/// at the time it was judged. Only `ChainVerifier.account` makes one.
///
/// Immutable; a reference, so that the users of an account share it.
public final class TrustedAccount: Sendable {
    /// What the token says.
    public var claims: AccountClaims { standing.claims }
    /// The token as received.
    public let text: String
    /// The operator that the account belongs to.
    public let operatorKey: PublicKey
    /// When the operator's token expires; nil for never.
    public let operatorExpires: UnixTime?
    let standing: AccountStanding

    fileprivate init(
        _ standing: AccountStanding, text: String, operatorKey: PublicKey, operatorExpires: UnixTime?
    ) {
        self.standing = standing
        self.text = text
        self.operatorKey = operatorKey
        self.operatorExpires = operatorExpires
    }

    /// The account's identity key.
    public var key: PublicKey { standing.key }
    /// Whether the operator demands signing keys: then the account's identity key signs nothing below it.
    public var strictSigningKeys: Bool { standing.strictSigningKeys }
    /// From this second on the account, or its operator, is expired; nil for never.
    public var expires: UnixTime? {
        [claims.common.expires, operatorExpires].compactMap { $0 }.min()
    }
}

extension ChainVerifier {
    /// Judges an account token: the T rules, that a trusted operator signed it, that it is the account asked for and
    /// one of those pinned, and that it is inside its operator's limits.
    ///
    /// `key` is what the token was asked for by, nil when it was not asked for by key.
    public func account(_ token: String, for key: PublicKey? = nil, at now: UnixTime) -> Verdict<TrustedAccount> {
        var token = token
        return token.withUTF8 { account(utf8: $0, for: key, at: now) }
    }

    /// Judges the bytes of an account token, as above.
    public func account(
        utf8 token: UnsafeBufferPointer<UInt8>, for key: PublicKey? = nil, at now: UnixTime
    ) -> Verdict<TrustedAccount> {
        var signature = KnownSignature.notChecked
        return judgeAccount(token, for: key, at: now, signature: &signature).verdict
    }

    /// The verdict, and what the token says even where it is refused; nothing where it cannot be read or is not
    /// signed by whom it names.
    func judgeAccount(
        _ token: UnsafeBufferPointer<UInt8>, for key: PublicKey?, at now: UnixTime, signature: inout KnownSignature
    ) -> (verdict: Verdict<TrustedAccount>, standing: AccountStanding?) {
        var judge = TokenJudge(
            verifier: verifier, expected: .type(.account), now: now, signature: signature)
        judge.judge(token)
        signature = judge.signature
        var judgement = judge.judgement
        if let key, !isAdmitted(key) { judgement.fail(.accountPinned, at: "sub", .accountNotPinned) }
        guard let claims = judge.read?.claims(as: AccountClaims.self) else {
            judgement.couldNotJudge([.accountSigner, .accountMismatch, .localSubject, .accountLimits])
            if key == nil { judgement.couldNotJudge([.accountPinned]) }
            // A token that says nothing was refused; this line is for a policy that would relax why.
            if !judgement.hasFailed { judgement.refuse(.tokenContent, at: .whole, .claimMissing("nats")) }
            return (.refused(judgement.refusal ?? Refusal(Self.unread)), nil)
        }
        let (subject, issuer) = (claims.common.subject, claims.common.issuer)

        if let fault = anchors.fault(ofSigner: issuer) { judgement.fail(.accountSigner, at: "iss", fault) }
        let `operator` = anchors.operator(of: issuer)
        if let expires = `operator`?.common.expires, now >= expires {
            judgement.fail(.tokenExpired, at: "operator.exp", .expired(at: expires, now: now))
        }

        if key == nil, !isAdmitted(subject) { judgement.fail(.accountPinned, at: "sub", .accountNotPinned) }

        if let key, key != subject { judgement.fail(.accountMismatch, at: "sub", .otherAccountReturned(subject)) }

        let overlaps = claims.serviceImports { $0.overlaps($1) }
        for pair in overlaps.pairs {
            let place = Place("imports").element(pair.later)
            judgement.fail(.localSubject, at: place, .importsOverlap(with: pair.earlier))
        }
        if overlaps.isExhausted {
            judgement.fail(.localSubject, at: "imports", .budgetExhausted("whether imports overlap"))
        }

        for finding in claims.limitFindings(.accountLimits) { judgement.add(finding) }

        let standing = AccountStanding(claims, strictSigningKeys: `operator`?.strictSigningKeys ?? false)
        let isForged = judgement.failures.contains { $0.rule == .tokenSignature }
        let verdict = judgement.verdict(
            TrustedAccount(
                standing, text: String(decoding: token, as: UTF8.self),
                operatorKey: `operator`?.common.subject ?? issuer, operatorExpires: `operator`?.common.expires))
        return (verdict, isForged ? nil : standing)
    }

    static let unread = Finding(.tokenContent, at: .whole, .claimMissing("nats"))
}

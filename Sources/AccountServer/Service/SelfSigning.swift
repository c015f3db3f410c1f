import NKeys
import Trust

/// What becomes of accounts that sign themselves: the operator's key signs them again, with the operator's limits.
///
/// An account that is stored already is known; another one has to be approved. Nothing is signed by default: a server
/// without this refuses every token that no operator signed.
public struct SelfSigning: Sendable {
    /// What is said of an account that is not known.
    public enum Approval: Hashable, Sendable {
        /// It is signed.
        case approved
        /// It waits, for what these lines say.
        case pending([String])
        /// It is refused.
        case refused
    }

    /// Signs for the operator: a key pair, or a function that hands the bytes to a signer elsewhere.
    public var signer: TokenSigner
    /// The limits that the operator gives a new account. A known one keeps those that it has.
    public var limits: AccountLimits
    /// Whether an account that is not known may be signed.
    public var approval: @Sendable (PublicKey) -> Approval

    /// Signs with `signer`.
    public init(
        signer: TokenSigner, limits: AccountLimits = AccountLimits(),
        approval: @escaping @Sendable (PublicKey) -> Approval
    ) {
        (self.signer, self.limits, self.approval) = (signer, limits, approval)
    }

    /// What came of a token.
    enum Outcome {
        /// It does not sign itself: it is judged as it is.
        case notSelfSigned
        /// The operator's key has signed it: this is to be judged.
        case signed(String)
        case pending([String])
        case refused(Refusal)
    }

    /// Signs a token again that signs itself.
    ///
    /// - Parameter stored: what is known of the account; nil when it is not stored.
    func sign(
        _ token: [UInt8], at path: String, over stored: StoredVersion, storedLimits: AccountLimits?,
        under chain: ChainVerifier, at now: UnixTime
    ) -> Outcome {
        var verifier = chain.verifier
        verifier.policy.accountSigning = .byOperatorOrSelf
        let verdict = token.withUnsafeBufferPointer { verifier.verify(utf8: $0, as: AccountClaims.self, at: now) }
        // What is refused here is refused with its rules where it is judged as it is.
        guard let own = verdict.proof, own.issuer == own.subject else { return .notSelfSigned }
        guard own.subject.text == path else { return .notSelfSigned }
        let issuedAt = own.claims.common.issuedAt ?? .zero
        var previous: UnixTime?
        switch stored {
        case .token(_, let time):
            // The stored one was signed after the account's own version of it: what is not newer is an old version.
            guard issuedAt > time else { return .refused(Self.stale(.older(than: time))) }
            previous = time
        case .deleted(let time):
            guard issuedAt > time else { return .refused(Self.stale(.notAfterDeletion(time))) }
            previous = time
        case .none: break
        }
        if storedLimits == nil {
            switch approval(own.subject) {
            case .approved: break
            case .pending(let lines): return .pending(lines)
            case .refused:
                return .refused(
                    Refusal(Finding(.uploadSigner, at: "iss", .text("the account signs itself and is not approved"))))
            }
        }
        guard chain.anchors.signsAccounts(signer.key) else {
            return .refused(Refusal(Finding(.uploadSigner, at: "iss", .text("the server's key signs for no operator"))))
        }
        var claims = own.claims
        claims.limits = storedLimits ?? limits
        do throws(SigningError) {
            // No older than the account's own version, so that this very version cannot be brought again.
            let earlier = max(previous ?? .zero, issuedAt.advanced(by: -1))
            return .signed(try signer.sign(claims, replacing: earlier, at: now).text)
        } catch {
            switch error {
            case .refused(let refusal): return .refused(refusal)
            case .tooSoon(let time):
                return .refused(Self.stale(.text("the stored token is too new: wait until \(time)")))
            default:
                return .refused(
                    Refusal(Finding(.uploadSigner, at: "iss", .text("the operator's key could not sign the account"))))
            }
        }
    }

    private static func stale(_ detail: Detail) -> Refusal { Refusal(Finding(.uploadStale, at: "iat", detail)) }
}

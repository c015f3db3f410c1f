import NKeys

/// What a server that keeps an account token has to know of it, read once when it is stored or loaded.
///
/// It says that the text is an account token of this key whose signature is right; not that it holds now. An account
/// server hands out what it accepted, and whoever asked judges it: a token that has expired since is still what is
/// stored.
public struct StoredAccountToken: Sendable {
    /// Whether a text's signature has to be checked.
    public enum Signature: Sendable {
        /// It is checked.
        case checked
        /// It was checked when the text was stored, and nobody else could change it since: whoever says so vouches.
        case unsafeKnown
    }

    /// Whose it is.
    public let key: PublicKey
    /// `jti`; empty when absent.
    public let identifier: String
    /// `iat`.
    public let issuedAt: UnixTime
    /// `exp`; nil for never.
    public let expires: UnixTime?
    /// The accounts that it imports from, each once, in no order.
    public let exporters: [PublicKey]

    /// What is known of an account that was accepted.
    public init(_ account: TrustedAccount) { self.init(account.claims) }

    private init(_ claims: AccountClaims) {
        key = claims.common.subject
        identifier = claims.common.id
        issuedAt = claims.common.issuedAt ?? .zero
        expires = claims.common.expires
        exporters = Array(Set(claims.imports.map(\.account)))
    }

    /// Reads a stored text.
    ///
    /// - Returns: nil when it is no account token of `key`, or its signature is wrong.
    /// - Complexity: linear in the text, and one signature check if it is asked for.
    public static func read(
        utf8 text: UnsafeBufferPointer<UInt8>, for key: PublicKey, signature: Signature, by verifier: TokenVerifier
    ) -> StoredAccountToken? {
        let known: KnownSignature =
            switch signature {
            case .checked: .notChecked
            case .unsafeKnown: .valid
            }
        // No time is asked about: whether the token holds now is for whoever reads it.
        var judge = TokenJudge(verifier: verifier, expected: .type(.account), now: .zero, signature: known)
        judge.judge(text)
        guard judge.signature == .valid, let claims = judge.read?.claims(as: AccountClaims.self),
            claims.common.subject == key
        else { return nil }
        return StoredAccountToken(claims)
    }
}

import NKeys

/// Knows accounts by their keys. What it answers is judged, so it need not be trusted.
public protocol AccountResolver: Sendable {
    /// The account of this key; nil when it is not known.
    ///
    /// - Throws: `AccountResolverError` when it cannot be told whether the account is known.
    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount?
}

/// What a resolver has for an account.
public enum ResolvedAccount: Sendable {
    /// An account token, to be judged.
    case token(String)
    /// An account token whose signature is not checked again. Only for a text that was kept, since it was checked,
    /// where nobody else could change it: whoever answers so vouches for it.
    case unsafeTokenWithKnownSignature(String)
    /// An account that was judged before by the same anchors. Only its expiry is judged again.
    case trusted(TrustedAccount)
}

/// Why a resolver could not answer.
public struct AccountResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line in lower case, without a secret.
    public let description: String

    /// An error with this text.
    public init(_ description: String) { self.description = description }
}

/// Holds accounts in memory.
public struct MemoryAccountResolver: AccountResolver {
    private var accounts: [PublicKey: ResolvedAccount] = [:]

    /// Knows no account.
    public init() {}

    /// Knows these tokens, each under the key given.
    public init(_ tokens: [PublicKey: String]) { accounts = tokens.mapValues(ResolvedAccount.token) }

    /// Knows these accounts.
    public init(_ trusted: some Sequence<TrustedAccount>) {
        for account in trusted { accounts[account.key] = .trusted(account) }
    }

    /// What is known under a key; nil for nothing.
    public subscript(key: PublicKey) -> ResolvedAccount? {
        get { accounts[key] }
        set { accounts[key] = newValue }
    }

    /// What is known under `key`.
    public func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? { accounts[key] }
}

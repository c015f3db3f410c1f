import NKeys
import Trust

/// Tells a cluster of servers what was accepted.
public protocol AccountDistributing: Sendable {
    /// An account token was accepted and stored. Returns at once: it is pushed behind the caller's back, until every
    /// known server has it.
    func stored(_ token: String, for account: PublicKey)

    /// Accounts were deleted, by this token that an operator signed.
    func deleted(_ accounts: [PublicKey], by token: String)

    /// Tells the servers of an account's token once more, without keeping account of it (`?notify=true`).
    ///
    /// - Throws: when it cannot be published.
    func announce(_ token: String, for account: PublicKey) async throws(DistributionFault)
}

/// Why servers could not be told.
public struct DistributionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line in lower case, without a token.
    public let description: String

    /// A fault.
    public init(_ description: String) { self.description = description }
}

import NKeys
import Trust

/// Where a broker has its account tokens from, and who judges and keeps new ones: its resolver.
///
/// A broker judges every token that comes from here again, so an authority need not be trusted to let nothing bad
/// through; it is trusted to lose nothing that it has acknowledged. Every call may take its time; the broker goes on
/// meanwhile and gives up by itself.
public protocol AccountAuthority: Sendable {
    /// Which requests of the claims services are answered; the others are left without an answer, as servers with such
    /// a resolver do.
    var services: Set<ClaimsService> { get }

    /// The token of an account as it stands now; nil when there is none.
    ///
    /// - Throws: when that cannot be told now. Then the account is asked for again when somebody needs it.
    func token(of account: PublicKey) async throws(AccountResolverError) -> String?

    /// Judges a pushed account token by the U rules and keeps it, durably before it returns.
    ///
    /// - Parameters:
    ///   - account: the key in the request's subject; nil where it has none, and then the token's `sub` counts.
    ///   - caller: who pushes it: the user's key, for the journal.
    func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer

    /// Deletes the accounts that a token names which the operator signed. An older token of them does not come back.
    func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer

    /// The accounts that are kept, in the order of their keys.
    func accounts() async -> [PublicKey]

    /// Tokens that were stored or deleted, by whatever way: pushes, files, an account server. The broker applies them to
    /// who is connected. Ends with the authority.
    func changes() -> AsyncStream<AccountChange>
}

/// A service of the system account about claims.
public enum ClaimsService: Hashable, Sendable {
    /// `$SYS.REQ.CLAIMS.UPDATE`: store and apply.
    case update
    /// `$SYS.REQ.ACCOUNT.KEY.CLAIMS.UPDATE`, and its old form.
    case updateOfAccount
    /// `$SYS.REQ.ACCOUNT.KEY.CLAIMS.LOOKUP`.
    case lookup
    /// `$SYS.REQ.CLAIMS.LIST`.
    case list
    /// `$SYS.REQ.CLAIMS.DELETE`.
    case delete
    /// `$SYS.REQ.CLAIMS.PACK`.
    case pack
}

/// What became of a pushed token or a deletion.
public enum ClaimsAnswer: Sendable {
    /// It is kept, durably. What is said of it, in the words of the field: `jwt updated`, `deleted 2 accounts`.
    case accepted(message: String, accounts: [PublicKey])
    /// Nothing was changed: these rules stand against it.
    case refused(Refusal, account: PublicKey?)
    /// It could not be done now; one line without a path of this machine.
    case failed(String)
}

/// An account's token changed.
public enum AccountChange: Sendable {
    /// This is its token now.
    case token(String, of: PublicKey)
    /// It has none any more.
    case deleted(PublicKey)
}

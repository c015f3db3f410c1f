import NKeys
import Trust

/// What the routes of an account server stand on. `AccountService` is the one; tests of the routes may bring another.
public protocol AccountServing: Sendable {
    /// What is kept of an account; nil when nothing is, or when it was deleted. Takes no lock that a change holds for
    /// long; constant time.
    func account(for key: PublicKey) -> KeptAccount?

    /// The accounts that are kept, in the order of their keys, at most `limit`.
    func accounts(atMost limit: Int) -> [KeptAccount]

    /// The operator's token that the accounts are judged by.
    var operatorToken: String { get }

    /// An activation token that was stored, by its hash.
    func activation(for hash: String) -> String?

    /// Judges an upload and stores what is accepted, durably before it returns.
    func upload(_ upload: Upload) async -> UploadAnswer

    /// Judges and stores an activation token. On acceptance the answer comes with its hash.
    func uploadActivation(_ token: [UInt8], by caller: Caller) async -> (answer: UploadAnswer, hash: String?)

    /// Judges and stores a new token of the operator.
    func uploadOperator(_ token: [UInt8], by caller: Caller) async -> UploadAnswer

    /// Deletes an account, or several, by a token that the operator signed: the same that a full resolver takes
    /// (a generic token whose `sub` and `iss` are a trusted key of the operator, and whose claims name `accounts`).
    /// `path` is the key that the caller named.
    func delete(_ path: String, by token: [UInt8], caller: Caller) async -> UploadAnswer

    /// Writes down that somebody was turned away before anything was read (U-denied, U-read-only, T-size).
    func turnedAway(_ caller: Caller, path: String, by rule: Rule) async

    /// Writes an entry into the journal, and returns when it is durable. Entries of uploads are none of the caller's.
    ///
    /// - Throws: when it cannot be written; then it does not count.
    func record(_ draft: JournalDraft) async throws(JournalFault)

    /// Tells the servers of an account's token once more.
    func announce(_ account: KeptAccount) async throws(DistributionFault)

    /// Why the server is not ready to judge uploads; nil when it is. One line, without a path of this machine.
    func hindrance() async -> String?
}

/// An account token as it is kept to be handed out. One object an account, made when the token is stored.
public final class KeptAccount: Sendable {
    /// The account's key.
    public let key: PublicKey
    /// The token as it was received.
    public let text: String
    /// Its `jti`.
    public let identifier: String
    /// When it expires; nil for never.
    public let expires: UnixTime?
    /// When it was issued.
    public let issuedAt: UnixTime
    /// Which state of the store this is.
    public let revision: StoreRevision

    /// An account's token.
    public convenience init(
        key: PublicKey, token: [UInt8], identifier: String, expires: UnixTime?, issuedAt: UnixTime = .zero,
        revision: StoreRevision = StoreRevision(0)
    ) {
        self.init(
            key: key, text: String(decoding: token, as: UTF8.self), identifier: identifier, expires: expires,
            issuedAt: issuedAt, revision: revision)
    }

    /// An account's token, which shares the text's storage.
    init(
        key: PublicKey, text: String, identifier: String, expires: UnixTime?, issuedAt: UnixTime,
        revision: StoreRevision
    ) {
        (self.key, self.text, self.identifier, self.expires) = (key, text, identifier, expires)
        (self.issuedAt, self.revision) = (issuedAt, revision)
    }

    /// The token in UTF-8: a copy.
    public var token: [UInt8] { Array(text.utf8) }
}

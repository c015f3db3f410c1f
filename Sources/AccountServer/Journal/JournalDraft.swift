import Trust

/// What is to be written into the journal: an entry without its number and hashes.
public struct JournalDraft: Hashable, Sendable {
    /// When it was judged.
    public var time: UnixTime
    /// Who brought it, as far as it is known: an address, the name of a credential. Never a secret.
    public var caller: String
    /// The account that it was for, as the caller named it; at most 64 bytes of it.
    public var account: String
    /// What became of it.
    public var outcome: JournalEntry.Outcome
    /// The codes of the rules that refused it.
    public var codes: [String]
    /// The token as received; empty for a deletion, and for what is no text. Of a token that was issued, all but its
    /// signature.
    public var token: String

    /// A draft of an entry with codes of any catalogue.
    public init(
        time: UnixTime, caller: String, account: String, outcome: JournalEntry.Outcome, codes: [String], token: String
    ) {
        (self.time, self.caller, self.account) = (time, caller, account)
        (self.outcome, self.codes, self.token) = (outcome, codes, token)
    }

    /// A draft.
    public init(
        time: UnixTime, caller: String, account: String, outcome: JournalEntry.Outcome, rules: [Rule] = [],
        token: String
    ) {
        self.init(
            time: time, caller: caller, account: account, outcome: outcome, codes: rules.map(\.code), token: token)
    }
}

/// Takes entries, durably.
public protocol JournalWriting: Sendable {
    /// Appends entries, in order, and returns when they are on the disk. All of them, or, when it throws, none: what
    /// was written in part is taken back before anything else is appended.
    func append(_ drafts: [JournalDraft]) async throws(JournalFault) -> [JournalEntry]

    /// The last entries that are there, at most `count`, in their order.
    func last(_ count: Int) async throws(JournalFault) -> [JournalEntry]

    /// How often it has asked the system to bring something to the disk, for measurements.
    var synchronisations: Int { get }

    /// Whether entries can be taken now: cheap, for a readiness probe.
    func check() async throws(JournalFault)

    /// Signs the head and closes the files.
    func close() async
}

/// Why a journal cannot be written or read.
public struct JournalFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line in lower case: what is wrong and where, without a token. Not for callers over the network.
    public let description: String
    /// What to do about it, in one line, where there is something to say.
    public let hint: String?

    /// A fault.
    public init(_ description: String, hint: String? = nil) { (self.description, self.hint) = (description, hint) }
}

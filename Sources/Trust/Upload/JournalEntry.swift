import NKeys

/// One upload, accepted or refused, as a journal keeps it: a line of JSON that is chained to the line before it.
///
/// The line is one object, its members in this order and without white space:
///
///     {"number":2,"time":1795203400,"caller":"10.0.0.7","account":"A…","outcome":"refused",
///      "rules":["B-importer"],"token":"…","previous":"H1","hash":"H2"}
///
/// `hash` is the SHA-512/256 (FIPS 180-4), in base32 without padding, of the object without its last member; `previous`
/// is the hash of the entry before, empty in the first of all. So whoever changes, takes out or moves an entry has to
/// make every later one anew, and the last hash, signed or kept elsewhere, proves the whole.
public struct JournalEntry: Hashable, Sendable {
    /// What became of an upload.
    public enum Outcome: String, Hashable, Sendable {
        case accepted
        case refused
        /// Not an upload: the account was deleted.
        case deleted
        /// It had been accepted, and the store then did not take it: it never came into force.
        case withdrawn
        /// An account that signs itself, and waits for approval.
        case pending
    }

    /// From 1, without gaps.
    public let number: Int64
    /// When it was judged.
    public let time: UnixTime
    /// Who brought it, as far as it is known: an address, the name of a credential.
    public let caller: String
    /// The account that it was for, as the caller named it.
    public let account: String
    /// What became of it.
    public let outcome: Outcome
    /// The rules that refused it.
    public let rules: [String]
    /// The token as received: for a deletion the one that the operator signed. Empty for what is no text.
    public let token: String
    /// The hash of the entry before; empty in the first.
    public let previous: String
    /// The hash of this one.
    public let hash: String

    /// The entry that follows `previous`; the first of a journal where there is none. Nil only when there is no memory
    /// for a hash.
    public init?(
        after previous: JournalEntry?, at time: UnixTime, caller: String, account: String, outcome: Outcome,
        rules: [Rule] = [], token: String
    ) {
        self.init(
            number: (previous?.number ?? 0) + 1, time: time, caller: caller, account: account, outcome: outcome,
            rules: rules.map(\.code), token: token, previous: previous?.hash ?? "")
    }

    init?(
        number: Int64, time: UnixTime, caller: String, account: String, outcome: Outcome, rules: [String],
        token: String, previous: String
    ) {
        (self.number, self.time, self.caller, self.account) = (number, time, caller, account)
        (self.outcome, self.rules, self.token, self.previous) = (outcome, rules, token, previous)
        var writer = JSONWriter()
        writer.object {
            $0.member("number", number)
            $0.member("time", time.seconds)
            $0.member("caller", caller)
            $0.member("account", account)
            $0.member("outcome", outcome.rawValue)
            $0.member("rules", rules)
            $0.member("token", token)
            $0.member("previous", previous)
        }
        guard let hash = SHA512_256.base32(writer.bytes) else { return nil }
        self.hash = hash
        object = writer.text
    }

    /// The object without its last member.
    private let object: String

    /// The line, without its end.
    public var line: String { object.dropLast() + ",\"hash\":\"\(hash)\"}" }
}

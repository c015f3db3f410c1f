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
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case accepted
        case refused
        /// Not an upload: the account was deleted.
        case deleted
        /// An upload or a deletion that was written down as accepted, and that the store then refused: it never came
        /// into force. Names the same account and the same token as that entry, which stands before it.
        case withdrawn
        /// Not an upload: a user token was issued in exchange for another. Its token is there without its signature.
        case issued
        /// An account that signs itself and waits for approval: it is not in force.
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
    /// The token as received: for a deletion the one that the operator signed. Empty for what is no text. Of a token that
    /// was issued all but the signature, up to the second dot: it tells what was issued, and opens nothing.
    public let token: String
    /// The hash of the entry before; empty in the first.
    public let previous: String
    /// The hash of this one.
    public let hash: String
    /// The line in UTF-8, without its end.
    public let bytes: [UInt8]

    /// The entry that follows `previous`; the first of a journal where there is none. Nil only when there is no memory
    /// for a hash, or the numbers are used up.
    public init?(
        after previous: JournalEntry?, at time: UnixTime, caller: String, account: String, outcome: Outcome,
        rules: [Rule] = [], token: String
    ) {
        self.init(
            after: previous, at: time, caller: caller, account: account, outcome: outcome, codes: rules.map(\.code),
            token: token)
    }

    /// The same, with codes of any catalogue.
    public init?(
        after previous: JournalEntry?, at time: UnixTime, caller: String, account: String, outcome: Outcome,
        codes: [String], token: String
    ) {
        self.init(
            behind: previous?.number ?? 0, hash: previous?.hash ?? "", at: time, caller: caller, account: account,
            outcome: outcome, codes: codes, token: token)
    }

    /// The entry that follows the one of this number and hash.
    package init?(
        behind number: Int64, hash: String, at time: UnixTime, caller: String, account: String, outcome: Outcome,
        codes: [String], token: String
    ) {
        let (next, overflow) = number.addingReportingOverflow(1)
        guard !overflow else { return nil }
        self.init(
            number: next, time: time, caller: caller, account: account, outcome: outcome, rules: codes,
            token: token, previous: hash)
    }

    init?(
        number: Int64, time: UnixTime, caller: String, account: String, outcome: Outcome, rules: [String],
        token: String, previous: String
    ) {
        (self.number, self.time, self.caller, self.account) = (number, time, caller, account)
        (self.outcome, self.rules, self.token, self.previous) = (outcome, rules, token, previous)
        // Room for everything, so that the line is made in one piece of memory.
        var writer = JSONWriter(capacity: 384 + caller.utf8.count + account.utf8.count + token.utf8.count)
        writer.beginObject()
        writer.unsafeName("number")
        writer.integer(number)
        writer.unsafeName("time")
        writer.integer(time.seconds)
        writer.unsafeName("caller")
        writer.string(caller)
        writer.unsafeName("account")
        writer.string(account)
        writer.unsafeName("outcome")
        writer.string(outcome.rawValue)
        writer.unsafeName("rules")
        writer.beginList()
        for rule in rules { writer.string(rule) }
        writer.endList()
        writer.unsafeName("token")
        writer.string(token)
        writer.unsafeName("previous")
        writer.string(previous)
        // What is hashed is a whole object; then it is opened again for the last member.
        writer.endObject()
        guard let hash = SHA512_256.base32(writer.bytes) else { return nil }
        self.hash = hash
        writer.reopenObject()
        writer.unsafeName("hash")
        writer.string(hash)
        writer.endObject()
        bytes = writer.bytes
    }

    /// The line, without its end.
    public var line: String { String(decoding: bytes, as: UTF8.self) }
}

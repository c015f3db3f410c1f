import NKeys

/// Reads a journal line by line, and holds each entry to the one before it.
///
/// A line has one spelling: what is read is written again, and must come out as it stood.
public struct JournalReader: Sendable {
    /// What is wrong with a line.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line is no entry of a journal, or is written otherwise than entries are.
        case notAnEntry
        /// The entry is not what its hash was made of.
        case changed(number: Int64)
        /// Entries stood between the one before and this one.
        case removed(from: Int64, to: Int64)
        /// The entry belongs to another place.
        case reordered(number: Int64, expected: Int64)
        /// The entry follows another than the one that stands before it.
        case unchained(number: Int64)

        /// One line in lower case, without a secret.
        public var description: String {
            switch self {
            case .notAnEntry: "the line is not an entry of a journal"
            case .changed(let number): "entry \(number) was changed after it was written"
            case .removed(let from, let to):
                from == to ? "entry \(from) was removed" : "entries \(from) to \(to) were removed"
            case .reordered(let number, let expected): "entry \(number) stands where entry \(expected) belongs"
            case .unchained(let number): "entry \(number) does not follow the entry before it"
            }
        }
    }

    private var number: Int64
    private var hash: String

    /// Reads from the beginning of a journal, or behind the entry of this number and hash: what was kept of the entries
    /// that a rotation or a retention took away.
    public init(behind number: Int64 = 0, hash: String = "") {
        self.number = number
        self.hash = hash
    }

    /// Reads behind a line, whatever is wrong with it, taking it at its word.
    public init(goingOnBehind line: UnsafeBufferPointer<UInt8>) {
        let parsed = Self.parse(line)
        self.init(behind: parsed?.entry.number ?? 0, hash: parsed?.hash ?? "")
    }

    /// The number and the hash of the last entry read: what is to be signed, or kept elsewhere.
    public var head: (number: Int64, hash: String) { (number, hash) }

    /// Reads the next line, without its end.
    ///
    /// - Throws: `Fault`; of a journal that was tampered with the first one names the first entry that shows it.
    public mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(Fault) -> JournalEntry {
        let entry = try Self.entry(in: line)
        // The numbers are used up only where someone wrote the last of them by hand.
        let (next, isPast) = number.addingReportingOverflow(1)
        guard !isPast else { throw .notAnEntry }
        if entry.number > next { throw .removed(from: next, to: entry.number - 1) }
        if entry.number < next { throw .reordered(number: entry.number, expected: next) }
        guard entry.previous == hash else { throw .unchained(number: entry.number) }
        (number, hash) = (entry.number, entry.hash)
        return entry
    }

    /// The entry that a line holds, looked at by itself: it is spelled as entries are and its hash is its own, whatever
    /// stands before it.
    package static func entry(in line: UnsafeBufferPointer<UInt8>) throws(Fault) -> JournalEntry {
        guard let (entry, stated) = parse(line) else { throw .notAnEntry }
        guard entry.hash == stated else { throw .changed(number: entry.number) }
        guard entry.bytes.elementsEqual(line) else { throw .notAnEntry }
        return entry
    }

    private static func parse(_ line: UnsafeBufferPointer<UInt8>) -> (entry: JournalEntry, hash: String)? {
        var texts: [String: String] = [:]
        var numbers: [String: Int64] = [:]
        var rules: [String] = []
        do throws(JSONReader.Fault) {
            let raw = UnsafeRawBufferPointer(line)
            var reader = try JSONReader(PaddedBytes(raw, count: raw.count))
            var scope = try reader.beginText(known: [])
            while let bytes = try reader.nextFreeName(&scope) {
                let name = String(decoding: bytes, as: UTF8.self)
                switch name {
                case "number", "time": numbers[name] = try reader.integer()
                case "rules":
                    guard try reader.beginList() else { return nil }
                    var isFirst = true
                    while try reader.nextElement(&isFirst) { rules.append(try reader.string() ?? "") }
                default: texts[name] = try reader.string()
                }
            }
            try reader.endText()
        } catch {
            return nil
        }
        guard let number = numbers["number"], number > 0, let time = numbers["time"].flatMap(UnixTime.init),
            let outcome = texts["outcome"].flatMap(JournalEntry.Outcome.init), let caller = texts["caller"],
            let account = texts["account"], let token = texts["token"], let previous = texts["previous"],
            let hash = texts["hash"],
            let entry = JournalEntry(
                number: number, time: time, caller: caller, account: account, outcome: outcome, rules: rules,
                token: token, previous: previous)
        else { return nil }
        return (entry, hash)
    }
}

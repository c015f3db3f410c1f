import NKeys
import Trust

/// Reads a whole journal line by line and tells what does not fit: an entry that was changed, removed or moved, an end
/// that was cut off, a seal that is not genuine.
///
/// What it proves: with a signed head, every entry up to the one that the head names, and that nobody without the key
/// made them. Entries behind the head are chained and not signed yet: whoever holds the disk can cut them off, or go
/// back to an earlier head together with the entries of that time. The time in the head tells how old it is.
public struct JournalSurvey: Sendable {
    /// One thing that does not fit.
    public struct Finding: Hashable, Sendable {
        /// The file in which it shows.
        public var file: String
        /// The line, from 1; nil for the file as a whole.
        public var line: Int?
        /// One line in lower case, without a token.
        public var message: String
    }

    /// How many findings are told one by one.
    public static let findingLimit = 1_000

    /// What does not fit, in the order in which it showed.
    public private(set) var findings: [Finding] = []
    /// What is worth knowing and no fault, one line each.
    public private(set) var notes: [String] = []
    /// How many entries there are.
    public private(set) var count: Int64 = 0
    /// The number of the first entry.
    public private(set) var first: Int64?
    /// How many segments there are; nil for a single file.
    public package(set) var segments: Int?
    /// Whether the last line has no end, which is a finding: so a crash leaves it, and a copy that was made while a
    /// server wrote the line.
    public package(set) var endsInsideLine = false
    /// What is known of entries that were taken away.
    public private(set) var base: JournalSeal?
    /// How far the journal is signed.
    public private(set) var head: JournalSeal?

    private var reader = JournalReader()
    private var isFirstLine = true
    private let keys: Set<PublicKey>

    /// The number and the hash of the last entry.
    public var last: (number: Int64, hash: String) { reader.head }

    /// How many entries stand behind the last that the head names; nil without a head.
    public var unsigned: Int64? { head.map { max(0, reader.head.number - $0.number) } }

    /// Whether everything fits.
    public var isWhole: Bool { findings.isEmpty }

    /// Begins a survey. Where `keys` are given, head and base must be there and be signed by one of them.
    public init(requiring keys: Set<PublicKey> = []) { self.keys = keys }

    /// Takes what is sealed of the journal; before its first line.
    public mutating func begin(base: JournalSeal?, baseFile: String, head: JournalSeal?, headFile: String) {
        (self.base, self.head) = (base, head)
        if let base { reader = JournalReader(behind: base.number, hash: base.hash) }
        for (seal, file) in [(base, baseFile), (head, headFile)] {
            guard let seal else { continue }
            if seal.key != nil, !seal.isGenuine { note(file, nil, "its signature is not genuine") }
            if keys.isEmpty {
                if seal.key == nil { notes.append("the \(seal.purpose.rawValue) is not signed") }
            } else if let key = seal.key {
                if !keys.contains(key) { note(file, nil, "it is signed by another key: `\(key.text)`") }
            } else {
                note(file, nil, "it is not signed")
            }
        }
        guard let head else {
            if keys.isEmpty {
                notes.append("there is no signed head: entries that were cut off the end do not show")
            } else {
                note(headFile, nil, "there is no signed head")
            }
            return
        }
        guard let base else { return }
        if head.number < base.number {
            note(headFile, nil, "it names entry \(head.number), and entries up to \(base.number) were taken away")
        } else if head.number == base.number, head.hash != base.hash {
            note(headFile, nil, Self.otherThanHead(head.number))
        }
    }

    /// Reads the next line, without its end; its entry, when it is one and stands in its place.
    public mutating func read(_ line: UnsafeBufferPointer<UInt8>, of file: String, at number: Int) -> JournalEntry? {
        defer { isFirstLine = false }
        do throws(JournalReader.Fault) {
            let entry = try reader.read(line)
            take(entry.number, file, number)
            if let head, entry.number == head.number, entry.hash != head.hash {
                note(file, number, Self.otherThanHead(head.number))
            }
            return entry
        } catch {
            note(file, number, error.description)
            // What follows is held to this line as it stands.
            let next = JournalReader(goingOnBehind: line)
            if next.head.number > 0 {
                reader = next
                take(next.head.number, file, number)
            } else {
                count += 1
            }
            return nil
        }
    }

    private mutating func take(_ number: Int64, _ file: String, _ line: Int) {
        count += 1
        if first == nil { first = number }
    }

    /// Ends the survey: an end that a signed head names must be there.
    public mutating func end(headFile: String) {
        guard let head, head.number > reader.head.number else { return }
        note(headFile, nil, Self.cutOff(from: reader.head.number + 1, to: head.number))
    }

    mutating func note(_ file: String, _ line: Int?, _ message: String) {
        guard findings.count < Self.findingLimit else { return }
        findings.append(Finding(file: file, line: line, message: message))
    }

    mutating func remark(_ text: String) { notes.append(text) }

    static func cutOff(from: Int64, to: Int64) -> String {
        "the end was cut off: the signed head names entry \(to), and "
            + (from == to ? "entry \(from) is not there" : "entries \(from) to \(to) are not there")
    }

    static func otherThanHead(_ number: Int64) -> String {
        "entry \(number) is not the one that the signed head names"
    }
}

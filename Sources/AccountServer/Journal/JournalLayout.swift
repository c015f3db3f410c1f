import FolderStores
import Glibc
import Trust

/// The files of a journal's folder, by name.
struct JournalLayout {
    /// What is signed of the end.
    static let head = "journal.head"
    /// What is known of entries that were taken away.
    static let base = "journal.base"

    /// One file of entries.
    struct Segment: Hashable, Sendable {
        /// The number of its first entry.
        let first: Int64

        var name: String { "journal-\(JournalLayout.digits(first)).jsonl" }
    }

    /// In the order of their numbers.
    var segments: [Segment] = []
    /// Ends of lines that a crash left, sorted.
    var torn: [String] = []

    /// What there is in a folder. Other names are passed over.
    init(of folder: Folder) throws(SystemError) {
        var segments: [Segment] = []
        var torn: [String] = []
        try folder.forEachEntry { entry in
            let name = String(decoding: entry.name, as: UTF8.self)
            if let segment = Self.segment(named: name) { segments.append(segment) }
            if name.hasPrefix("journal.torn-") { torn.append(name) }
        }
        self.segments = segments.sorted { $0.first < $1.first }
        self.torn = torn.sorted()
    }

    /// The segments that hold what follows the base. Those before it, whose removal was interrupted, are none of the
    /// journal any more.
    func segments(behind base: JournalSeal?) -> ArraySlice<Segment> {
        guard let base else { return segments[...] }
        var start = segments.startIndex
        while start + 1 < segments.endIndex, segments[start + 1].first - 1 <= base.number { start += 1 }
        return segments[start...]
    }

    /// A name for the end of a line that was torn before the entry of this number, that no file bears yet.
    func tornName(before number: Int64) -> String {
        var count = 1
        while torn.contains("journal.torn-\(Self.digits(number))-\(count)") { count += 1 }
        return "journal.torn-\(Self.digits(number))-\(count)"
    }

    private static func segment(named name: String) -> Segment? {
        guard name.hasPrefix("journal-"), name.hasSuffix(".jsonl"), let first = Int64(name.dropFirst(8).dropLast(6)),
            first > 0
        else { return nil }
        let segment = Segment(first: first)
        return segment.name == name ? segment : nil
    }

    private static func digits(_ number: Int64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 20 - text.utf8.count)) + text
    }
}

extension JournalSeal {
    /// The largest file that is read as one.
    private static let sizeLimit = 4_096

    /// Reads the seal of a folder; nil when there is none.
    static func read(_ purpose: Purpose, in folder: Folder) throws(JournalFault) -> JournalSeal? {
        let name = purpose == .head ? JournalLayout.head : JournalLayout.base
        let bytes: [UInt8]
        do throws(SystemError) {
            guard try folder.status(of: name) != nil else { return nil }
            let file = try folder.calls.open(
                name, in: folder.descriptor, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, mode: 0)
            defer { folder.calls.close(file) }
            bytes = try folder.read(file, from: 0, upTo: sizeLimit)
        } catch {
            throw JournalFault("`\(name)` cannot be read: \(error.text)")
        }
        // One line, with its end.
        guard bytes.last == UInt8(ascii: "\n"),
            let seal = bytes.dropLast().withUnsafeBufferPointer({ JournalSeal(purpose, line: $0) })
        else {
            throw JournalFault(
                "`\(name)` is not written as a journal's \(purpose.rawValue) is",
                hint: "compare it with a copy, and find out who could write to it")
        }
        return seal
    }
}

extension Folder {
    /// The bytes of a file from an offset on, at most so many.
    func read(_ file: Int32, from offset: Int, upTo count: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(count, 1 << 20)), alignment: 16)
        defer { buffer.deallocate() }
        while bytes.count < count {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count - bytes.count)])
            let got = try calls.read(file, into: part, at: offset + bytes.count)
            guard got > 0 else { break }
            bytes.append(contentsOf: part[..<min(got, part.count)])
        }
        return bytes
    }
}

import FolderStores
import Glibc
import NKeys
import Trust

/// What a journal is found to be when it is opened: where it ends, and whether its end fits.
struct JournalStart {
    /// The segment to append to.
    let file: JournalSegmentFile
    /// The number and the hash of the last entry; zero and empty where there is none.
    let last: (number: Int64, hash: String)
    /// What is known of entries that were taken away.
    let base: JournalSeal?
    /// What was signed.
    let head: JournalSeal?
    /// The file into which the end of a line that a crash left was moved; nil when there was none.
    let torn: String?

    /// Opens the journal of a folder, the lock of which is held. Nothing is changed before all of it fits.
    init(
        _ folder: Folder, _ synchronisations: JournalSynchronisations
    ) throws(JournalFault) {
        base = try JournalSeal.read(.base, in: folder)
        head = try JournalSeal.read(.head, in: folder)
        for seal in [base, head].compactMap({ $0 }) where seal.key != nil && !seal.isGenuine {
            throw JournalFault(broken: "journal.\(seal.purpose.rawValue)", "its signature is not genuine")
        }
        let layout: JournalLayout
        do {
            layout = try JournalLayout(of: folder)
        } catch {
            throw JournalFault("the journal's folder cannot be read: \(error.text)")
        }
        let segments = layout.segments(behind: base)
        guard let segment = segments.last else {
            if let seal = head ?? base {
                throw JournalFault(
                    broken: "journal.\(seal.purpose.rawValue)", "it names entry \(seal.number), and there is no segment"
                )
            }
            last = (0, "")
            torn = nil
            file = try Self.opened { () throws(SystemError) in
                try JournalSegmentFile(new: JournalLayout.Segment(first: 1), in: folder, synchronisations)
            }
            return
        }
        let gone = base?.number ?? 0
        if let first = segments.first?.first, first - 1 > gone {
            throw JournalFault(
                broken: "journal.base", "it does not say that entries \(gone + 1) to \(first - 1) were taken away")
        }
        let tail = try JournalTail.read(segment, in: folder)
        let whole = tail.wholeBytes
        let lines = tail.lines(in: whole)
        var reader: JournalReader
        var known: [Int64: String] = [:]
        if tail.offset == 0 {
            let before = try Self.end(before: segments, in: folder, base: base)
            guard before.number == segment.first - 1 else {
                throw JournalFault(
                    broken: segment.name,
                    "it begins with entry \(segment.first), and what is before it ends with "
                        + "entry \(before.number)")
            }
            known[before.number] = before.hash
            reader = JournalReader(behind: before.number, hash: before.hash)
        } else if let first = lines.first {
            let entry = try JournalTail.entry(in: first, of: segment)
            reader = JournalReader(behind: entry.number - 1, hash: entry.previous)
        } else {
            throw JournalFault(broken: segment.name, "there is no entry at its end")
        }
        for line in lines {
            do throws(JournalReader.Fault) {
                let entry = try line.withUnsafeBufferPointer { (line) throws(JournalReader.Fault) in
                    try reader.read(line)
                }
                known[entry.number] = entry.hash
            } catch {
                throw JournalFault(broken: segment.name, error.description)
            }
        }
        last = reader.head
        try Self.check(head, against: known, last: last.number)
        let begun = try Self.begun(segment, in: folder, tail, whole)
        let length = tail.offset + whole
        file = try Self.opened { () throws(SystemError) in
            try JournalSegmentFile(segment, in: folder, length: length, begun: begun, synchronisations)
        }
        torn =
            tail.bytes.count > whole
            ? try Self.moveAway(
                tail.bytes[whole...], from: file, to: layout.tornName(before: last.number + 1), in: folder) : nil
    }

    /// The number and hash of the last entry before the last of these segments.
    private static func end(
        before segments: ArraySlice<JournalLayout.Segment>, in folder: Folder, base: JournalSeal?
    ) throws(JournalFault) -> (number: Int64, hash: String) {
        if let previous = segments.dropLast().last {
            let tail = try JournalTail.read(previous, in: folder, size: 1 << 16)
            if let entry = try tail.last(of: previous) { return (entry.number, entry.hash) }
            throw JournalFault(broken: previous.name, "it has no entries, and another segment follows")
        }
        return base.map { ($0.number, $0.hash) } ?? (0, "")
    }

    /// Holds the signed head to the entries: one that goes further, or names another entry, shows that the end was
    /// taken away or made anew. A head can be older than the end, and an entry that it names may be too far from the
    /// end to be read at a start.
    private static func check(
        _ head: JournalSeal?, against known: [Int64: String], last: Int64
    ) throws(JournalFault) {
        guard let head else { return }
        guard head.number <= last else {
            throw JournalFault(
                broken: JournalLayout.head,
                JournalSurvey.cutOff(from: last + 1, to: head.number))
        }
        if let hash = known[head.number], hash != head.hash {
            throw JournalFault(broken: JournalLayout.head, JournalSurvey.otherThanHead(head.number))
        }
    }

    /// When the first entry of a segment was judged.
    private static func begun(
        _ segment: JournalLayout.Segment, in folder: Folder, _ tail: JournalTail, _ whole: Int
    ) throws(JournalFault) -> UnixTime? {
        if tail.offset == 0 {
            return try tail.lines(in: whole).first.map { (line) throws(JournalFault) in
                try JournalTail.entry(in: line, of: segment).time
            }
        }
        return try JournalLines.first(of: segment, in: folder)?.time
    }

    /// Moves what a crash left of a line out of the way: first a copy of it is on the disk, then it is cut off.
    private static func moveAway(
        _ bytes: ArraySlice<UInt8>, from file: JournalSegmentFile, to name: String, in folder: Folder
    ) throws(JournalFault) -> String {
        do throws(FolderStores.StoreFault) {
            try Array(bytes).span.withUnsafeBytes { (bytes) throws(FolderStores.StoreFault) in
                try WholeFile.put(bytes, as: name, in: folder, at: name, .create, .secret)
            }
        } catch {
            throw JournalFault(
                "the end of a line that a crash left cannot be put aside: \(error)",
                hint: "see that there is room on the disk")
        }
        try opened { () throws(SystemError) in try file.cut() }
        return name
    }

    private static func opened<Result>(_ open: () throws(SystemError) -> Result) throws(JournalFault) -> Result {
        do {
            return try open()
        } catch {
            throw JournalFault("the journal's segment cannot be opened: \(error.text)")
        }
    }
}

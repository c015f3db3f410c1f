import FolderStores
import Glibc
import Trust

/// The last lines of a segment, read from its end.
struct JournalTail {
    /// Where the first of them begins.
    let offset: Int
    /// From there to the end of the segment.
    let bytes: [UInt8]

    /// How much is read of a segment at a start.
    static let usualSize = 4 << 20

    /// Reads at least one whole line of a segment, or all of it: as many bytes as are asked for, and then from the
    /// beginning of a line. `length` is how much of the segment counts, nil for all of it.
    static func read(
        _ segment: JournalLayout.Segment, in folder: Folder, length: Int? = nil, size: Int = usualSize
    ) throws(JournalFault) -> JournalTail {
        do throws(SystemError) {
            let file = try folder.calls.open(
                segment.name, in: folder.descriptor, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, mode: 0)
            defer { folder.calls.close(file) }
            let whole = try folder.status(of: segment.name)?.size ?? 0
            let end = min(length ?? whole, whole)
            var size = max(1, size)
            while true {
                let start = max(0, end - size)
                let bytes = try folder.read(file, from: start, upTo: end - start)
                if start == 0 { return JournalTail(offset: 0, bytes: bytes) }
                // What stands before the first end of a line belongs to a line that begins earlier.
                if let first = bytes.firstIndex(of: newline), bytes[(first + 1)...].contains(newline) {
                    return JournalTail(offset: start + first + 1, bytes: Array(bytes[(first + 1)...]))
                }
                size *= 4
            }
        } catch {
            throw JournalFault("`\(segment.name)` cannot be read: \(error.text)")
        }
    }

    /// How many of the bytes are whole lines. Behind them stands what a crash left: a line without its end, or, where
    /// the file had grown before its content came to the disk, zeros, which no entry holds.
    var wholeBytes: Int {
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        return bytes[..<end].lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
    }

    /// The lines of the first `count` bytes, without their ends.
    func lines(in count: Int) -> [ArraySlice<UInt8>] {
        bytes[..<count].split(separator: Self.newline, omittingEmptySubsequences: false).dropLast()
    }

    /// The last entry, which must stand whole at the end; nil for an empty segment.
    func last(of segment: JournalLayout.Segment) throws(JournalFault) -> JournalEntry? {
        guard !bytes.isEmpty else { return nil }
        guard wholeBytes == bytes.count, let line = lines(in: bytes.count).last else {
            throw JournalFault(
                "the last line of `\(segment.name)` has no end, and entries follow in another segment",
                hint: "`credence journal verify` names what else does not fit")
        }
        return try Self.entry(in: line, of: segment)
    }

    /// The entry of a line, looked at by itself.
    static func entry(
        in line: ArraySlice<UInt8>, of segment: JournalLayout.Segment
    ) throws(JournalFault) -> JournalEntry {
        do throws(JournalReader.Fault) {
            return try line.withUnsafeBufferPointer { (line) throws(JournalReader.Fault) in
                try JournalReader.entry(in: line)
            }
        } catch {
            throw JournalFault(broken: segment.name, error.description)
        }
    }

    static let newline = UInt8(ascii: "\n")
}

extension JournalFault {
    /// Entries that do not fit.
    init(broken file: String, _ what: String) {
        self.init(
            "`\(file)`: \(what)",
            hint: "keep the folder as it is, look at it with `credence journal verify`, and compare it with a copy")
    }
}

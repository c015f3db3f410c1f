import FolderStores
import Glibc
import Trust

/// Reads a segment line by line from its beginning, a piece at a time: a segment need not fit in memory.
struct JournalLines {
    /// The longest line that is held together: a token of 1 MiB, each character of it an escape, fits in well.
    static let longestLine = 16 << 20

    /// Where the next line begins, and its number from 1.
    private(set) var offset = 0
    private(set) var number = 1
    /// Whether the file goes on behind the last line that has an end.
    private(set) var hasRest = false

    /// Calls `body` with every line that has an end, from where the last call stopped.
    ///
    /// - Throws: `JournalFault` when the file cannot be read. A line that is longer than any entry is cut.
    mutating func read(
        _ segment: JournalLayout.Segment, in folder: Folder,
        _ body: (UnsafeBufferPointer<UInt8>, _ number: Int) -> Void
    ) throws(JournalFault) {
        do throws(SystemError) {
            let file = try folder.calls.open(
                segment.name, in: folder.descriptor, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, mode: 0)
            defer { folder.calls.close(file) }
            var held: [UInt8] = []
            var dropped = 0
            while true {
                let piece = try folder.read(file, from: offset + dropped + held.count, upTo: 1 << 20)
                if piece.isEmpty { break }
                let searched = held.count
                held += piece
                held.withUnsafeBufferPointer { held in
                    var start = 0
                    var end = searched
                    while let found = held[end...].firstIndex(of: JournalTail.newline) {
                        body(UnsafeBufferPointer(rebasing: held[start..<found]), number)
                        number += 1
                        offset += dropped + found + 1 - start
                        dropped = 0
                        start = found + 1
                        end = start
                    }
                    if start == 0, held.count > Self.longestLine { dropped += held.count }
                    consumed = start
                }
                held = dropped > 0 && consumed == 0 ? [] : Array(held[consumed...])
            }
            hasRest = dropped > 0 || !held.isEmpty
        } catch {
            throw JournalFault("`\(segment.name)` cannot be read: \(error.text)")
        }
    }

    private var consumed = 0

    init() {}

    /// The first entry of a segment, looked at by itself; nil when it has none.
    static func first(of segment: JournalLayout.Segment, in folder: Folder) throws(JournalFault) -> JournalEntry? {
        do throws(SystemError) {
            let file = try folder.calls.open(
                segment.name, in: folder.descriptor, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, mode: 0)
            defer { folder.calls.close(file) }
            var size = 1 << 16
            while true {
                let bytes = try folder.read(file, from: 0, upTo: size)
                if let end = bytes.firstIndex(of: JournalTail.newline) {
                    return bytes[..<end].withUnsafeBufferPointer { try? JournalReader.entry(in: $0) }
                }
                if bytes.count < size || size > longestLine { return nil }
                size *= 8
            }
        } catch {
            throw JournalFault("`\(segment.name)` cannot be read: \(error.text)")
        }
    }
}

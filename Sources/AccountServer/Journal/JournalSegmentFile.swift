import FolderStores
import Glibc
import Synchronization
import Trust

/// The segment that is appended to. What an append that failed may have left is cut off before anything else.
final class JournalSegmentFile {
    let segment: JournalLayout.Segment
    /// How many bytes of it are entries, on the disk.
    private(set) var length: Int
    /// When its first entry was judged; nil while it has none.
    var begun: UnixTime?

    private let file: Int32
    private let folder: Folder
    private let synchronisations: JournalSynchronisations
    /// Whether there may be more in the file than entries.
    private(set) var isTorn = false

    /// Opens a segment that there is. `length` is how much of it is entries.
    init(
        _ segment: JournalLayout.Segment, in folder: Folder, length: Int, begun: UnixTime?,
        _ synchronisations: JournalSynchronisations
    ) throws(SystemError) {
        (self.segment, self.folder, self.begun) = (segment, folder, begun)
        self.synchronisations = synchronisations
        file = try folder.calls.open(
            segment.name, in: folder.descriptor, flags: O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK, mode: 0)
        self.length = length
    }

    /// Makes an empty segment, durably. One that is there already and empty is taken: its making was interrupted.
    init(
        new segment: JournalLayout.Segment, in folder: Folder, _ synchronisations: JournalSynchronisations
    ) throws(SystemError) {
        (self.segment, self.folder, length, begun) = (segment, folder, 0, nil)
        self.synchronisations = synchronisations
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
        file = try folder.calls.open(segment.name, in: folder.descriptor, flags: flags, mode: 0o600)
        // From here on the file is closed with this value, also when something fails.
        guard try folder.status(of: segment.name)?.size == 0 else { throw SystemError(EEXIST) }
        try folder.calls.setPermissions(0o600, of: file)
        synchronisations.add(1)
        try folder.calls.synchronise(folder.descriptor)
    }

    deinit { folder.calls.close(file) }

    /// Appends lines and brings them to the disk. When it throws, none of them is there, or `isTorn` says that what
    /// there may be is still to be cut off.
    func append(_ lines: [UInt8]) throws(SystemError) {
        try mend()
        do throws(SystemError) {
            isTorn = true
            try lines.span.withUnsafeBytes { (bytes) throws(SystemError) in
                var rest = bytes
                while !rest.isEmpty {
                    let count = try folder.calls.write(rest, to: file)
                    guard count > 0 else { throw SystemError(ENOSPC) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[min(count, rest.count)...])
                }
            }
            synchronisations.add(1)
            try folder.calls.synchroniseContent(file)
        } catch {
            try? mend()
            throw error
        }
        isTorn = false
        length += lines.count
    }

    /// Cuts off what is no entry, durably: were it only cut off in memory, a crash could bring back what was refused.
    func mend() throws(SystemError) {
        guard isTorn else { return }
        try folder.calls.truncate(file, to: length)
        synchronisations.add(1)
        try folder.calls.synchroniseContent(file)
        isTorn = false
    }

    /// Cuts off what stands behind the entries.
    func cut() throws(SystemError) {
        isTorn = true
        try mend()
    }

    /// How many bytes there is room for.
    func room() throws(SystemError) -> UInt64 { try folder.calls.room(beside: file) }
}

/// How often the system was asked to bring something to the disk.
final class JournalSynchronisations: Sendable {
    private let made = Atomic<Int>(0)

    var count: Int { made.load(ordering: .relaxed) }

    func add(_ count: Int) { made.add(count, ordering: .relaxed) }
}

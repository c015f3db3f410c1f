import FolderStores
import Glibc
import NKeys
import Trust

/// A journal in a folder: segments of lines, each entry chained to the one before, and what is signed of them.
///
///     DIR/journal-00000000000000000001.jsonl    entries from the first on, for their owner alone
///     DIR/journal-00000000000000004711.jsonl    the segment that is appended to
///     DIR/journal.head                          how far it is signed; needs a key
///     DIR/journal.base                          the last entry that was taken away, once some were
///     DIR/journal.torn-…                        the end of a line that a crash left
///
/// A batch of entries is one write and one wait for the disk. Everything runs on a thread of its own, so that waiting
/// for the disk holds up no task but its caller.
public actor JournalFolder: JournalWriting {
    /// How a journal is kept.
    public struct Settings: Sendable {
        /// From which size on, in bytes, entries go into a new segment.
        public var segmentBytes: Int
        /// How old the first entry of a segment may be, in seconds, before entries go into a new one; nil for any age.
        public var segmentSeconds: Int64?
        /// How long after a batch its head may be signed: at most one head is written in this time.
        public var headInterval: Duration

        /// Segments of 64 MiB of any age; a head a second.
        public init(
            segmentBytes: Int = 64 << 20, segmentSeconds: Int64? = nil, headInterval: Duration = .seconds(1)
        ) {
            (self.segmentBytes, self.segmentSeconds) = (max(1, segmentBytes), segmentSeconds)
            self.headInterval = headInterval
        }
    }

    /// What happens where there is no journal yet.
    public enum Missing: Sendable {
        /// The folder and its first segment are made.
        case made
        /// It is a fault.
        case refused
    }

    /// What an open journal consists of.
    struct Opened {
        let folder: Folder
        let lock: StoreLock
        var file: JournalSegmentFile
        var last: (number: Int64, hash: String)
        var base: JournalSeal?
        var head: JournalSeal?
    }

    let settings: Settings
    let pair: KeyPair?
    let clock: @Sendable () -> UnixTime
    nonisolated let counter = JournalSynchronisations()
    private let thread: JournalThread

    var opened: Opened?
    /// The file into which the end of a line that a crash left was moved when the journal was opened; nil for none.
    public private(set) var torn: String?
    /// Why the head could not be signed the last time; nil when it could. Entries are taken all the same.
    public internal(set) var headFault: JournalFault?
    private var headTask: Task<Void, Never>?
    private var nextHead = ContinuousClock.now
    private var lines: [UInt8] = []

    /// Everything of this actor runs on its own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Opens the journal of a folder, which is made when there is none, and holds its lock.
    ///
    /// A line without its end, which a crash leaves, was never acknowledged: it is moved to a file of its own (`torn`).
    /// - Parameters:
    ///   - missing: what happens where there is no journal yet.
    ///   - pair: signs how far the journal goes; of a server. Nil signs nothing.
    ///   - clock: the time of heads and bases.
    /// - Throws: `JournalFault` when another process holds the lock, when files cannot be read or written, and when the
    ///   end of the journal does not fit: an entry that was changed, an end that is not the one that was signed.
    public static func open(
        at path: String, missing: Missing = .made, settings: Settings = Settings(), signingWith pair: KeyPair? = nil,
        clock: @escaping @Sendable () -> UnixTime = { UnixTime(Int64(time(nil))) ?? .zero }
    ) async throws(JournalFault) -> JournalFolder {
        try await open(
            at: path, missing: missing, settings: settings, signingWith: pair, clock: clock, calls: SystemCalls())
    }

    static func open(
        at path: String, missing: Missing, settings: Settings, signingWith pair: KeyPair?,
        clock: @escaping @Sendable () -> UnixTime, calls: any FileCalls
    ) async throws(JournalFault) -> JournalFolder {
        if let pair, pair.role != .server {
            throw JournalFault(
                "the journal is signed by a server's key, and this is one of the role `\(pair.role.name)`")
        }
        guard let thread = JournalThread() else { throw JournalFault("the system has no thread left for the journal") }
        let journal = JournalFolder(settings, pair, clock, thread)
        try await journal.start(at: path, missing, calls)
        return journal
    }

    private init(
        _ settings: Settings, _ pair: KeyPair?, _ clock: @escaping @Sendable () -> UnixTime, _ thread: JournalThread
    ) {
        (self.settings, self.pair, self.clock, self.thread) = (settings, pair, clock, thread)
    }

    private func start(at path: String, _ missing: Missing, _ calls: any FileCalls) throws(JournalFault) {
        let folder = try Self.folder(at: path, missing, calls)
        let lock: StoreLock
        do throws(FolderStores.StoreFault) {
            lock = try StoreLock(folder, .fail)
        } catch {
            guard error.kind == .locked else { throw JournalFault("the journal cannot be locked: \(error)") }
            throw JournalFault(
                "another process has the journal open", hint: "end the server that uses it, or name another folder")
        }
        let start = try JournalStart(folder, counter)
        torn = start.torn
        opened = Opened(
            folder: folder, lock: lock, file: start.file, last: start.last, base: start.base, head: start.head)
        signSoon()
    }

    private static func folder(
        at path: String, _ missing: Missing, _ calls: any FileCalls
    ) throws(JournalFault) -> Folder {
        do throws(SystemError) {
            if missing == .refused {
                let folder = try Folder(path: path, calls: calls)
                guard try JournalLayout(of: folder).segments.isEmpty else { return folder }
                throw SystemError(ENOENT)
            }
            do throws(SystemError) {
                try calls.makeFolder(path, in: AT_FDCWD)
                let parent = try Folder(path: path + "/..", calls: calls)
                try calls.synchronise(parent.descriptor)
            } catch let error where error.number == EEXIST {}
            return try Folder(path: path, calls: calls)
        } catch {
            if missing == .refused, error.number == ENOENT { throw JournalFault("there is no journal in the folder") }
            throw JournalFault(
                "the journal's folder cannot be opened: \(error.text)", hint: "make it for the user of the server")
        }
    }

    // MARK: Entries

    /// Appends entries with one write and one wait for the disk: all, or, when it throws, none.
    public func append(_ drafts: [JournalDraft]) throws(JournalFault) -> [JournalEntry] {
        guard let first = drafts.first else { return [] }
        try rotateIfDue(at: first.time)
        var journal = try current()
        var entries: [JournalEntry] = []
        entries.reserveCapacity(drafts.count)
        lines.removeAll(keepingCapacity: true)
        var last = journal.last
        for draft in drafts {
            guard
                let entry = JournalEntry(
                    behind: last.number, hash: last.hash, at: draft.time, caller: draft.caller,
                    account: Self.cut(draft.account), outcome: draft.outcome, codes: draft.codes, token: draft.token)
            else { throw JournalFault("there is no memory for an entry of the journal") }
            lines.append(contentsOf: entry.bytes)
            lines.append(JournalTail.newline)
            last = (entry.number, entry.hash)
            entries.append(entry)
        }
        do {
            try journal.file.append(lines)
        } catch {
            throw Self.fault(error, "entries cannot be appended to the journal")
        }
        if journal.file.begun == nil { journal.file.begun = first.time }
        journal.last = last
        opened = journal
        signSoon()
        return entries
    }

    /// A path can be of any length.
    private static func cut(_ account: String) -> String {
        account.utf8.count <= 64 ? account : String(decoding: account.utf8.prefix(64), as: UTF8.self)
    }

    /// The last entries, at most `count`, in their order; read from the end of the files.
    public func last(_ count: Int) throws(JournalFault) -> [JournalEntry] {
        let journal = try current()
        var found: [JournalEntry] = []
        for segment in try layout(journal).segments(behind: journal.base).reversed() where found.count < count {
            let length = segment == journal.file.segment ? journal.file.length : nil
            // Most entries are a token of a kilobyte or two.
            var size = 1 << 16
            while true {
                let tail = try JournalTail.read(segment, in: journal.folder, length: length, size: size)
                let lines = tail.lines(in: tail.wholeBytes)
                guard tail.offset == 0 || lines.count >= count - found.count else {
                    size *= 8
                    continue
                }
                let entries = try lines.suffix(count - found.count).map { (line) throws(JournalFault) in
                    try JournalTail.entry(in: line, of: segment)
                }
                found = entries + found
                break
            }
        }
        return found
    }

    /// How often the system was asked to bring something to the disk: entries, heads and folders.
    public nonisolated var synchronisations: Int { counter.count }

    /// Below this room, in bytes, a batch of entries may not fit.
    private static let leastRoom: UInt64 = 1 << 16

    /// Whether entries can be taken: what an append left is cut off, the segment is there, and there is room for some.
    public func check() throws(JournalFault) {
        let journal = try current()
        do throws(SystemError) {
            try journal.file.mend()
            guard try journal.folder.status(of: journal.file.segment.name) != nil else {
                throw SystemError(ENOENT)
            }
            guard try journal.file.room() >= Self.leastRoom else { throw SystemError(ENOSPC) }
        } catch {
            throw Self.fault(error, "the journal takes no entries")
        }
    }

    /// Signs the head, closes the files and gives the lock up. Where the head cannot be signed, `headFault` says why.
    public func close() {
        headTask?.cancel()
        headTask = nil
        guard opened != nil else { return }
        do throws(JournalFault) {
            try signHead()
        } catch {
            headFault = error
        }
        opened = nil
    }

    // MARK: The head

    /// Signs the head within the interval, unless that is under way.
    private func signSoon() {
        guard pair != nil, headTask == nil, let opened, opened.head?.number ?? 0 < opened.last.number else { return }
        let due = nextHead
        headTask = Task { [weak self] in
            do { try await Task.sleep(until: due, clock: .continuous) } catch { return }
            await self?.signNow()
        }
    }

    private func signNow() {
        guard headTask != nil else { return }
        headTask = nil
        nextHead = ContinuousClock.now + settings.headInterval
        do throws(JournalFault) {
            try signHead()
            headFault = nil
        } catch {
            // The next batch tries again.
            headFault = error
        }
    }

    /// Signs how far the journal goes, durably; nothing without a key, or where it is signed already.
    func signHead() throws(JournalFault) {
        guard let pair, var journal = opened, journal.last.number > 0 else { return }
        if let head = journal.head, head.number == journal.last.number, head.key == pair.publicKey { return }
        journal.head = try Self.put(.head, journal.last, signedBy: pair, at: clock(), in: journal.folder, counter)
        opened = journal
    }

    /// Writes a seal as a whole file.
    static func put(
        _ purpose: JournalSeal.Purpose, _ entry: (number: Int64, hash: String), signedBy pair: KeyPair?,
        at time: UnixTime, in folder: Folder, _ counter: JournalSynchronisations
    ) throws(JournalFault) -> JournalSeal {
        let name = purpose == .head ? JournalLayout.head : JournalLayout.base
        let seal: JournalSeal
        do {
            seal = try JournalSeal(purpose, number: entry.number, hash: entry.hash, at: time, signedBy: pair)
        } catch {
            throw JournalFault("the journal's \(purpose.rawValue) cannot be signed: \(error)")
        }
        do throws(FolderStores.StoreFault) {
            counter.add(2)
            try Array((seal.line + "\n").utf8).span.withUnsafeBytes { (bytes) throws(FolderStores.StoreFault) in
                try WholeFile.put(bytes, as: name, in: folder, at: name, .createOrReplace, .secret)
            }
            return seal
        } catch {
            throw JournalFault("the journal's \(purpose.rawValue) cannot be written: \(error)")
        }
    }

    // MARK: Parts

    /// The open journal.
    func current() throws(JournalFault) -> Opened {
        guard let opened else { throw JournalFault("the journal is closed") }
        return opened
    }

    func layout(_ journal: Opened) throws(JournalFault) -> JournalLayout {
        do {
            return try JournalLayout(of: journal.folder)
        } catch {
            throw JournalFault("the journal's folder cannot be read: \(error.text)")
        }
    }

    static func fault(_ error: SystemError, _ what: String) -> JournalFault {
        let hint =
            switch error.number {
            case ENOSPC, EDQUOT, EFBIG: "make room on the disk; nothing was lost, and the journal goes on by itself"
            case EIO: "the disk has a fault: look at the system's log"
            default: nil as String?
            }
        return JournalFault("\(what): \(error.text)", hint: hint)
    }
}

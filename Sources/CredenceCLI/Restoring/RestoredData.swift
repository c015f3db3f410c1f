import AccountServer
import Glibc
import NKeys
import Trust

/// The data folder of an account server, made anew from a journal: the store and a copy of the journal, which the server
/// goes on with. It gets its name when everything is on the disk, so that there is either all of it or none.
struct RestoredData {
    /// The stores that keep their data in the folder.
    enum Store { case sqlite, folder }

    let path: String
    let store: Store
    private var partial: String { "\(path).restoring" }
    private var journal: String { "\(partial)/journal" }

    /// Begins, where nothing stands in the way.
    init(_ path: String, _ store: Store) throws(CommandFailure) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        (self.path, self.store) = (path, store)
        // An empty folder is replaced at the end; rename(2) refuses any other.
        guard Self.isFree(path) else {
            throw CommandFailure(
                .no, "\(Files.quoted(path)) is there already",
                hint: "nothing is written over: move it away, or name another folder with --data")
        }
        guard mkdir(partial, 0o700) == 0, mkdir(journal, 0o700) == 0 else {
            let number = errno
            let hint: String? = number == EEXIST ? "an earlier restore did not end: remove it" : nil
            throw CommandFailure(
                .inputOutput, "the folder \(Files.quoted(partial)) cannot be made: \(Files.text(of: number))",
                hint: hint)
        }
    }

    /// Copies the entries of a journal line by line, and what was signed of them.
    ///
    /// - Returns: what was copied.
    func copyJournal(from source: String) throws(CommandFailure) -> JournalSurvey {
        var (file, name): (Int32, String?) = (-1, nil)
        var buffer: [UInt8] = []
        var failure: CommandFailure?
        defer { if file >= 0 { close(file) } }
        func flush(_ isDone: Bool) {
            guard failure == nil, file >= 0 else { return }
            failure = Self.append(buffer, to: file, isDone, in: journal)
            buffer.removeAll(keepingCapacity: true)
        }
        let survey = try Self.survey(source) { entry, segment, _ in
            guard failure == nil else { return }
            if segment != name {
                flush(true)
                if file >= 0 { close(file) }
                file = open("\(journal)/\(segment)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
                if file < 0 { failure = Self.fault(journal, errno) }
                name = segment
            }
            buffer += entry.bytes
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count >= 1 << 20 { flush(false) }
        }
        flush(true)
        if let failure { throw failure }
        if let head = survey.head {
            try Array("\(head.line)\n".utf8).span.withUnsafeBytes { (bytes) throws(CommandFailure) in
                try Files.writeSecret(bytes, to: "\(journal)/journal.head", replacing: .refused)
            }
        }
        try Self.synchronise(journal)
        return survey
    }

    /// Fills the store.
    func fill(_ changes: [StoreChange]) async throws(CommandFailure) {
        do throws(AccountServer.StoreFault) {
            let store: any AccountStore =
                switch store {
                case .sqlite: try SQLiteStore(folder: partial)
                case .folder: try ResolverFolderStore(folder: "\(partial)/jwt")
                }
            for start in stride(from: 0, to: changes.count, by: 512) {
                for outcome in try await store.commit(Array(changes[start..<min(start + 512, changes.count)])) {
                    guard case .stored = outcome else { throw StoreFault("somebody else writes into `\(partial)`") }
                }
            }
            await store.close()
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
    }

    /// Gives the folder its name.
    func finish() throws(CommandFailure) {
        try Self.synchronise(partial)
        guard rename(partial, path) == 0 else { throw Self.fault(path, errno) }
        try Self.synchronise("\(path)/..")
    }

    /// Reads a journal; what does not fit is in the survey.
    static func survey(
        _ path: String, requiring keys: Set<PublicKey> = [], _ body: (JournalEntry, String, Int) -> Void
    ) throws(CommandFailure) -> JournalSurvey {
        do throws(JournalFault) {
            return try JournalSurvey.folder(at: path, requiring: keys, body)
        } catch {
            throw CommandFailure(access(path, F_OK) == 0 ? .inputOutput : .noInput, error.description, hint: error.hint)
        }
    }

    // MARK: -

    /// Whether there is nothing, or a folder with nothing in it.
    private static func isFree(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return access(path, F_OK) != 0 }
        defer { closedir(folder) }
        var count = 0
        while count < 3, readdir(folder) != nil { count += 1 }
        return count <= 2
    }

    private static func append(_ bytes: [UInt8], to file: Int32, _ isDone: Bool, in folder: String) -> CommandFailure? {
        if let number = bytes.withUnsafeBytes({ Files.writeAll($0, to: file) }) { return fault(folder, number) }
        if isDone, fsync(file) != 0 { return fault(folder, errno) }
        return nil
    }

    private static func synchronise(_ folder: String) throws(CommandFailure) {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw fault(folder, errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw fault(folder, errno) }
    }

    private static func fault(_ path: String, _ number: Int32) -> CommandFailure {
        CommandFailure(.inputOutput, "\(Files.quoted(path)) cannot be written: \(Files.text(of: number))")
    }
}

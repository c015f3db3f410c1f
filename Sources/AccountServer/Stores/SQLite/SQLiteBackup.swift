import FolderStores
import GRDB
import Glibc

extension SQLiteStore {
    /// Copies the database as it is now to another file, checked and on the disk; what was there before is replaced at
    /// the end, whole.
    ///
    /// The store can be used meanwhile; its other calls wait while pages are copied. To restore a backup, end the server
    /// and put the file in the place of the database, without a log (`accounts.sqlite-wal`) beside it.
    ///
    /// - Returns: how many items the backup holds.
    /// - Throws: when it cannot be written or is not whole; then nothing was replaced.
    @discardableResult
    public func backUp(to path: String) async throws(StoreFault) -> Int {
        let target = try BackupFile(path)
        do throws(StoreFault) {
            try await run { source, _ in
                // Copied as one file: whoever opens it needs no log beside it.
                let copy = try DatabaseQueue(path: target.temporaryPath)
                try copy.writeWithoutTransaction { copy in
                    try source.backup(to: copy)
                    try copy.execute(sql: "PRAGMA journal_mode = DELETE")
                }
                try copy.close()
            }
            let count = try await Self.checkBackup(at: target.temporaryPath)
            try target.finish()
            return count
        } catch {
            target.remove()
            throw error
        }
    }

    /// Checks a backup: the pages by SQLite's own check, and every row by what it carries. Changes nothing.
    ///
    /// - Returns: how many items it holds.
    public static func checkBackup(at path: String) async throws(StoreFault) -> Int {
        let path = path.hasPrefix("/") ? path : "./\(path)"
        let result: Result<Int, StoreFault>
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            result = await withCheckedContinuation { continuation in
                queue.asyncWriteWithoutTransaction { database in
                    continuation.resume(returning: check(database, path))
                }
            }
            try queue.close()
        } catch {
            throw StoreFault(any: error, database: path)
        }
        return try result.get()
    }

    private static func check(_ database: Database, _ path: String) -> Result<Int, StoreFault> {
        do {
            let problems = try String.fetchAll(database, sql: "PRAGMA integrity_check(1)")
            guard problems == ["ok"] else { throw StoreFault.damaged(path, problems.first ?? "it cannot be checked") }
            guard try SQLiteSchema.version(of: database, path: path) > 0 else {
                throw StoreFault("the database `\(path)` is empty", hint: "take another backup")
            }
            return .success(try SQLiteItems(database: database, path: path).forEach { _ in })
        } catch {
            return .failure(StoreFault(any: error, database: path))
        }
    }
}

/// The file that a backup is written to, and its place.
private struct BackupFile: Sendable {
    private let name: String
    private let path: String
    private let folder: Folder
    private var temporaryName: String { "\(name).partial" }
    let temporaryPath: String

    /// Makes an empty file beside the place, for its owner alone.
    init(_ path: String) throws(StoreFault) {
        let path = path.hasPrefix("/") ? path : "./\(path)"
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        let parent = path[..<slash].isEmpty ? "/" : String(path[..<slash])
        name = String(path[path.utf8.index(after: slash)...])
        (self.path, temporaryPath) = (path, "\(path).partial")
        do throws(SystemError) {
            folder = try Folder(path: parent, calls: SystemCalls())
            try Self.make("\(name).partial", in: folder)
        } catch {
            throw Self.fault(error, path)
        }
    }

    private static func make(_ name: String, in folder: Folder) throws(SystemError) {
        // Removed, not written to, where an earlier backup left it: it may be another name of a file.
        if try folder.status(of: name) != nil { try folder.calls.removeFile(name, in: folder.descriptor) }
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
        let file = try folder.calls.open(name, in: folder.descriptor, flags: flags, mode: 0o600)
        defer { folder.calls.close(file) }
        try folder.calls.setPermissions(0o600, of: file)
    }

    /// Brings the file to the disk, gives it its name, and brings that to the disk.
    func finish() throws(StoreFault) {
        do throws(SystemError) {
            let flags = O_RDONLY | O_NOFOLLOW
            let file = try folder.calls.open(temporaryName, in: folder.descriptor, flags: flags, mode: 0)
            defer { folder.calls.close(file) }
            try folder.calls.synchronise(file)
            try folder.calls.rename(temporaryName, in: folder.descriptor, to: name, in: folder.descriptor)
            try folder.calls.synchronise(folder.descriptor)
        } catch {
            throw Self.fault(error, path)
        }
    }

    func remove() {
        for ending in ["", "-journal"] {
            try? folder.calls.removeFile(temporaryName + ending, in: folder.descriptor)
        }
    }

    private static func fault(_ error: SystemError, _ path: String) -> StoreFault {
        StoreFault(FolderStores.StoreFault(error, at: path), in: "the backup")
    }
}

import GRDB

extension StoreFault {
    /// A database that does not hold what was stored.
    static func damaged(_ path: String, _ what: String) -> StoreFault {
        StoreFault(
            "the database `\(path)` is damaged: \(what)",
            hint: "end the server, move `\(path)` and `\(path)-wal` away, and put a backup in their place")
    }

    /// A fault of SQLite.
    ///
    /// - Parameter isCommitting: whether a commit had begun. A transaction that could not be written to its end is none,
    ///   then as before; but of one that could not be brought to the disk, a crash may yet leave the whole.
    init(_ error: DatabaseError, database path: String, isCommitting: Bool = false) {
        // What SQLite says of itself names statements and tables, never a value.
        let text = error.message.map { $0.prefix(200) } ?? "code \(error.extendedResultCode.rawValue)"
        let what = text.map { $0.isNewline ? " " : $0 }.reduce(into: "") { $0.append($1) }
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                "the database `\(path)` cannot grow: the disk is full", hint: "make room; what was stored is unchanged")
        case .SQLITE_READONLY:
            self.init(
                "the database `\(path)` cannot be written: \(what)",
                hint: "mount its disk for writing, and let its owner run the server")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(path, what)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                "the database `\(path)` is in use by another process",
                hint: "let one process at a time use it; end the other first")
        case .SQLITE_CANTOPEN:
            self.init(
                "the database `\(path)` cannot be opened: \(what)", hint: "let the server's user own it and its folder")
        default:
            let isUnwritten = error.extendedResultCode == .SQLITE_IOERR_WRITE
            self.init(
                "the database `\(path)` cannot be read or written: \(what)", hint: "look at the disk, and into its log",
                isOutcomeUnknown: isCommitting && !isUnwritten)
        }
    }

    /// Any error that came out of work on a database.
    init(any error: any Error, database path: String) {
        switch error {
        case let fault as StoreFault: self = fault
        case let error as DatabaseError: self.init(error, database: path)
        default: self.init("the database `\(path)` cannot be used: \(error)")
        }
    }
}

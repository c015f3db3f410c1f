import GRDB

/// The tables of a store's database, and the steps that make them from those of earlier versions.
///
/// `PRAGMA application_id` says that a database is such a store, `PRAGMA user_version` how many of the steps were made.
enum SQLiteSchema {
    /// `CrAc`.
    static let applicationID = 0x4372_4163

    /// The steps, in order. One that was released is never changed; what is new comes after.
    static let steps = [
        // Every row carries a check of itself, and `state` one of all rows together, so that neither a changed byte nor
        // a lost row is taken for what was stored: SQLite itself has no check of content.
        """
        CREATE TABLE item (
            key TEXT NOT NULL PRIMARY KEY,
            token TEXT,
            deleted INTEGER,
            seal TEXT NOT NULL,
            revision INTEGER NOT NULL,
            digest INTEGER NOT NULL,
            CHECK ((token IS NULL) <> (deleted IS NULL))
        ) STRICT;
        CREATE TABLE state (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            revision INTEGER NOT NULL,
            items INTEGER NOT NULL,
            digest INTEGER NOT NULL
        ) STRICT;
        INSERT INTO state (id, revision, items, digest) VALUES (1, 0, 0, 0);
        """
    ]

    /// Sets a connection up: write-ahead log, one process alone, on the disk at each commit.
    static func setUp(_ database: Database, path: String) throws {
        // Before the log is opened, so that it needs no memory shared with other processes.
        try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw StoreFault("the database `\(path)` cannot have a write-ahead log", hint: "keep it on another disk")
        }
        try database.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA cell_size_check = ON;
                PRAGMA trusted_schema = OFF;
                PRAGMA temp_store = MEMORY;
                """)
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
            throw StoreFault("the database `\(path)` cannot be written safely: `synchronous` is not FULL")
        }
    }

    /// Makes the tables, or brings them to the newest version. Each step is one transaction.
    ///
    /// - Returns: how many steps were made.
    @discardableResult
    static func migrate(_ database: Database, path: String) throws -> Int {
        let version = try version(of: database, path: path)
        for (index, step) in steps.enumerated().dropFirst(version) {
            try database.inTransaction(.immediate) {
                try database.execute(sql: step)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                return .commit
            }
        }
        return steps.count - version
    }

    /// How many of the steps were made; fails for a database of something else, and for one of a later version.
    static func version(of database: Database, path: String) throws -> Int {
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
            return 0
        }
        guard application == applicationID, version > 0 else {
            throw StoreFault(
                "`\(path)` is a database of something else", hint: "move it elsewhere, or use another folder")
        }
        guard version <= steps.count else {
            throw StoreFault(
                "the database `\(path)` was written by a later version of this program",
                hint: "use that version, or restore a backup")
        }
        return version
    }
}

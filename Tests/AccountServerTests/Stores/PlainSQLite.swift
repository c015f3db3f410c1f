import Foundation
import GRDB

/// A database as somebody else would open it, to look into it or to spoil it.
enum PlainSQLite {
    /// Runs statements, and leaves no log beside the database.
    static func run(_ path: String, _ statements: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try database.execute(sql: statements)
        }
        try queue.close()
    }

    /// The first value that a query gives, as text.
    static func text(_ path: String, _ query: String) throws -> String? {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try String.fetchOne($0, sql: query) }
    }
}

import GRDB

/// Reads and writes the items of a database. Used on the thread of its connection.
struct SQLiteItems {
    let database: Database
    let path: String

    private struct State: Equatable {
        var revision: UInt64
        var items: Int64
        /// All rows' digests, exclusive or.
        var digest: UInt64
    }

    /// Every row, each checked, and all together.
    func load() throws -> [StoredItem] {
        var items: [StoredItem] = []
        // As many as there should be; a damaged number must not take all memory.
        items.reserveCapacity(Int(min(max(0, try state().items), 10_000_000)))
        try forEach { items.append($0) }
        return items
    }

    /// Calls the body with every item, and fails where they are not what was stored.
    ///
    /// - Returns: how many there are.
    @discardableResult
    func forEach(_ body: (StoredItem) -> Void) throws -> Int {
        let state = try state()
        var (count, digest): (Int64, UInt64) = (0, 0)
        let rows = try Row.fetchCursor(database, sql: "SELECT \(SQLiteRow.columns) FROM item")
        while let row = try rows.next() {
            let row = try SQLiteRow(row, path: path)
            digest ^= row.digest
            count += 1
            body(row.item)
        }
        guard count == state.items, digest == state.digest else {
            throw StoreFault.damaged(path, "\(state.items) items were stored, and \(count) are found")
        }
        return Int(count)
    }

    /// Makes the changes whose expectation holds, within the transaction of the caller.
    func make(_ changes: [StoreChange]) throws -> [StoreOutcome] {
        let before = try state()
        var state = before
        let find = try database.cachedStatement(sql: "SELECT \(SQLiteRow.columns) FROM item WHERE key = ?")
        let put = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO item (\(SQLiteRow.columns)) VALUES (?, ?, ?, ?, ?, ?)")
        var outcomes: [StoreOutcome] = []
        for change in changes {
            let found = try Row.fetchOne(find, arguments: [SQLiteRow.name(of: change.key)])
            let present = try found.map { try SQLiteRow($0, path: path) }
            guard present?.item.revision == change.expected else {
                outcomes.append(.conflict(present?.item))
                continue
            }
            state.revision &+= 1
            let item = StoredItem(
                key: change.key, value: change.value, revision: StoreRevision(state.revision), seal: change.seal)
            let row = SQLiteRow(item)
            try put.execute(arguments: try row.arguments())
            state.digest ^= row.digest ^ (present?.digest ?? 0)
            if present == nil { state.items += 1 }
            outcomes.append(.stored(item.revision))
        }
        if state != before { try write(state) }
        return outcomes
    }

    private func state() throws -> State {
        let statement = try database.cachedStatement(sql: "SELECT revision, items, digest FROM state WHERE id = 1")
        guard let row = try Row.fetchOne(statement), case .int64(let revision) = (row[0] as DatabaseValue).storage,
            case .int64(let items) = (row[1] as DatabaseValue).storage, items >= 0, items < Int64.max,
            case .int64(let digest) = (row[2] as DatabaseValue).storage
        else {
            throw StoreFault.damaged(path, "it does not say how many items it holds")
        }
        return State(revision: UInt64(bitPattern: revision), items: items, digest: UInt64(bitPattern: digest))
    }

    private func write(_ state: State) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE state SET revision = ?, items = ?, digest = ? WHERE id = 1")
        try statement.execute(arguments: [
            Int64(bitPattern: state.revision), state.items, Int64(bitPattern: state.digest),
        ])
    }
}

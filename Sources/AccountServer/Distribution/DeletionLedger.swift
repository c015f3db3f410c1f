import NKeys

/// Deletions that servers have to be told of, and those that they were told of and may have missed. Of what was confirmed
/// the newest are kept, for servers that come back and still list an account.
struct DeletionLedger {
    struct Entry {
        /// What the operator signed.
        let token: String
        /// The accounts that the token names: all of them go when a server takes it.
        let accounts: [PublicKey]
        var due: UInt64 = 0
        var failures = 0
        var isDone = false
    }

    private let limit: Int
    private(set) var entries: [Entry] = []

    init(limit: Int = DistributionLimits.standard.deletions) { self.limit = limit }

    var waitingCount: Int { entries.count { !$0.isDone } }

    mutating func add(_ accounts: [PublicKey], by token: String) {
        guard !entries.contains(where: { $0.token == token }) else { return }
        if entries.count >= limit { entries.remove(at: entries.firstIndex(where: \.isDone) ?? 0) }
        entries.append(Entry(token: token, accounts: accounts))
    }

    func due(at now: UInt64) -> [Entry] { entries.filter { !$0.isDone && $0.due <= now } }

    mutating func settle(_ token: String, isDone: Bool, retry: (Int) -> UInt64) {
        guard let index = entries.firstIndex(where: { $0.token == token }) else { return }
        entries[index].isDone = isDone
        if !isDone {
            entries[index].due = retry(entries[index].failures)
            entries[index].failures += 1
        }
    }

    /// Servers list these accounts: those of them that were deleted are deleted once more.
    ///
    /// - Returns: how many deletions wait again.
    mutating func reopen(listing accounts: Set<PublicKey>) -> Int {
        var count = 0
        for index in entries.indices where entries[index].isDone && !accounts.isDisjoint(with: entries[index].accounts)
        {
            (entries[index].isDone, entries[index].due, entries[index].failures) = (false, 0, 0)
            count += 1
        }
        return count
    }
}

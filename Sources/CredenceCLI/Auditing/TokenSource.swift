import Audit

/// Where an audit has its tokens from. Accounts are read a stretch at a time, so that a store need not fit in memory.
protocol TokenSource: Sendable {
    /// How many accounts there are.
    var count: Int { get }
    /// The operator's token, if the source has one.
    var operatorToken: StoredToken? { get }
    /// What of the source could not be read, beside what the entries say themselves.
    var faults: [AuditFault] { get }
    /// The accounts at these places. Any thread.
    func entries(in range: Range<Int>) -> [AuditEntry]
}

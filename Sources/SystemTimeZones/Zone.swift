/// The offsets of one zone over all time.
struct Zone: Sendable, Equatable {
    /// When the offset changes, in seconds since 1970, ascending.
    private let changes: [Int64]
    /// The offset from the change of the same index on.
    private let offsets: [Int32]
    /// The offset before the first change.
    private let first: Int32
    /// What holds from the last change on.
    private let rule: FooterRule?

    /// A zone of `changes` in ascending order, each to the offset of the same index.
    ///
    /// Nil when the lists do not fit together or the changes do not ascend.
    init?(first: Int32, changes: [Int64], offsets: [Int32], rule: FooterRule?) {
        guard changes.count == offsets.count else { return nil }
        guard zip(changes, changes.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.first = first
        self.changes = changes
        self.offsets = offsets
        self.rule = rule
    }

    /// The offset that holds at a time; a binary search of the changes.
    func secondsFromUTC(at unixTime: Int64) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= unixTime {
                low = middle + 1
            } else {
                high = middle
            }
        }
        // The rule answers from the last change on, and always where nothing ever changed (RFC 9636, section 3.2).
        if low == changes.count, let rule { return Int(rule.secondsFromUTC(at: unixTime)) }
        return Int(low == 0 ? first : offsets[low - 1])
    }
}

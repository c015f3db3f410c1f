import Synchronization

/// Hands out the numbers from 0, each to one worker.
final class ChunkQueue: Sendable {
    private let count: Int
    private let taken = Atomic<Int>(0)

    init(count: Int) { self.count = count }

    /// The next number; nil when all are taken.
    func next() -> Int? {
        let next = taken.add(1, ordering: .relaxed).oldValue
        return next < count ? next : nil
    }
}

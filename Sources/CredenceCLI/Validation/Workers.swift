import Glibc
import Synchronization

/// Does work on all processors: a number of workers, each of which takes the next stretch of it when it is done.
struct Workers: Sendable {
    /// How many work at once, at least 1.
    let count: Int
    /// How many indices make a stretch: enough that taking one costs nothing, and few enough that nobody waits long.
    private static let stretch = 32

    /// One for each processor.
    static var perProcessor: Workers { Workers(count: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    init(count: Int) { self.count = max(1, count) }

    /// Calls `work` for stretches of the indices below `total`, and gives the results in order.
    func map<Result: Sendable>(
        _ total: Int, _ work: @escaping @Sendable (Range<Int>) -> Result
    ) async -> [Result] {
        let queue = Queue(count: (total + Self.stretch - 1) / Self.stretch)
        let results = await withTaskGroup(of: [(Int, Result)].self) { group in
            for _ in 0..<count {
                group.addTask {
                    var results: [(Int, Result)] = []
                    while let number = queue.next() {
                        let start = number * Self.stretch
                        results.append((number, work(start..<min(start + Self.stretch, total))))
                    }
                    return results
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Hands out the numbers from 0, each to one worker.
    private final class Queue: Sendable {
        private let count: Int
        private let taken = Atomic<Int>(0)

        init(count: Int) { self.count = count }

        func next() -> Int? {
            let next = taken.add(1, ordering: .relaxed).oldValue
            return next < count ? next : nil
        }
    }
}

import Glibc
import Synchronization

/// A bar on standard error for work that takes longer than a second, if somebody watches there.
///
/// The workers draw it themselves as they advance, so there is no thread for it; who comes while another draws goes on.
final class ProgressBar: Sendable {
    private let label: String
    private let total: Int
    private let isShown: Bool
    private let done = Atomic<Int>(0)
    private let nextDrawing: Atomic<UInt64>
    private let hasDrawn = Atomic<Bool>(false)

    /// A bar for `total` steps, if standard error is a terminal.
    init(label: String, total: Int) {
        self.label = label
        self.total = total
        isShown = StandardError.isTerminal
        nextDrawing = Atomic(MonotonicClock.nanoseconds() + 1_000_000_000)
    }

    /// Counts steps done; any thread.
    func advance(by steps: Int) {
        let count = done.add(steps, ordering: .relaxed).newValue
        guard isShown else { return }
        let now = MonotonicClock.nanoseconds()
        let due = nextDrawing.load(ordering: .relaxed)
        guard now >= due,
            nextDrawing.compareExchange(expected: due, desired: now + 100_000_000, ordering: .relaxed).exchanged
        else { return }
        hasDrawn.store(true, ordering: .relaxed)
        StandardError.write("\r" + Self.line(label: label, done: count, total: total))
    }

    /// Takes the bar away.
    func finish() {
        if hasDrawn.load(ordering: .relaxed) { StandardError.write("\r\u{1B}[K") }
    }

    /// The bar as text, without a line end.
    static func line(label: String, done: Int, total: Int) -> String {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int(share * 30)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 30 - filled)
        return "\(label) [\(bar)] \(Int(share * 100))% \(min(done, total))/\(total)"
    }
}

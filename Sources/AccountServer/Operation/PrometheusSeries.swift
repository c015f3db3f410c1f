import Metrics
import Synchronization

/// One series of a metric: a counter, a gauge or a histogram.
final class PrometheusSeries: Sendable {
    /// What a metric is.
    enum Kind: Hashable, Sendable {
        case counter
        case gauge
        /// The upper bounds of its buckets, rising; one without a bound follows.
        case histogram([Double])

        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// Buckets for times, in seconds.
    static let seconds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Buckets for amounts, such as bytes and accounts.
    static let amounts = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576.0]

    private struct State {
        var value = 0.0
        var count: UInt64 = 0
        var buckets: [UInt64] = []
    }

    let labels: [PrometheusLabel]
    private let kind: Kind
    private let state: Mutex<State>

    init(_ kind: Kind, _ labels: [PrometheusLabel]) {
        self.kind = kind
        self.labels = labels
        var state = State()
        if case .histogram(let bounds) = kind { state.buckets = Array(repeating: 0, count: bounds.count) }
        self.state = Mutex(state)
    }

    private func add(_ amount: Double) { state.withLock { $0.value += amount } }

    private func observe(_ amount: Double) {
        guard case .histogram(let bounds) = kind else { return state.withLock { $0.value = amount } }
        let bucket = bounds.firstIndex { amount <= $0 }
        state.withLock { state in
            state.value += amount
            state.count &+= 1
            if let bucket { state.buckets[bucket] &+= 1 }
        }
    }

    /// Writes its lines.
    func write(as name: String, into text: inout String) {
        let state = state.withLock { $0 }
        let inner = labels.map(\.text).joined(separator: ",")
        let own = inner.isEmpty ? "" : "{\(inner)}"
        guard case .histogram(let bounds) = kind else {
            text += "\(name)\(own) \(Self.number(state.value))\n"
            return
        }
        let head = inner.isEmpty ? "" : inner + ","
        var below: UInt64 = 0
        for (bound, count) in zip(bounds, state.buckets) {
            below &+= count
            text += "\(name)_bucket{\(head)le=\"\(Self.number(bound))\"} \(below)\n"
        }
        text += "\(name)_bucket{\(head)le=\"+Inf\"} \(state.count)\n"
        text += "\(name)_sum\(own) \(Self.number(state.value))\n"
        text += "\(name)_count\(own) \(state.count)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

extension PrometheusSeries: CounterHandler, FloatingPointCounterHandler {
    func increment(by amount: Int64) { add(Double(amount)) }

    /// Adds to a gauge or a counter.
    func increment(by amount: Double) {
        if kind == .counter, !(amount > 0) { return }
        add(amount)
    }

    func reset() { state.withLock { $0.value = 0 } }
}

extension PrometheusSeries: MeterHandler, RecorderHandler {
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func decrement(by amount: Double) { add(-amount) }
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
}

extension PrometheusSeries: TimerHandler {
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}

/// What one run of a work showed.
struct LoadSample: Sendable {
    /// Messages, connections or requests.
    var count: Int
    /// Seconds by the clock on the wall.
    var seconds: Double
    /// Seconds that this process computed.
    var clientSeconds: Double
    /// Seconds that the server's process computed; nil where it is not known which that is.
    var serverSeconds: Double?
    /// Messages that were not delivered, because the server closed a subscriber.
    var lost = 0
    /// Subscribers that the server closed before the end.
    var slowConsumers = 0
    /// Microseconds from a request to its answer; empty for other works.
    var latencies = Quantiles([])

    /// In a second.
    var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }
    /// Nanoseconds that this process computed, each.
    var clientNanoseconds: Double { clientSeconds / Double(max(1, count)) * 1_000_000_000 }
    /// Nanoseconds that the server computed, each.
    var serverNanoseconds: Double? { serverSeconds.map { $0 / Double(max(1, count)) * 1_000_000_000 } }

    /// The middle, and the bounds that nine of ten and 99 of 100 stay within.
    struct Quantiles: Sendable {
        let (p50, p90, p99): (Double, Double, Double)

        init(_ values: [Double]) {
            let sorted = values.sorted()
            func quantile(_ part: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
            }
            (p50, p90, p99) = (quantile(0.5), quantile(0.9), quantile(0.99))
        }
    }
}

/// Clocks that run from the start of a run to its end.
struct LoadMeter: Sendable {
    private let process: ServerProcess?
    private let wall: UInt64
    private let client: Double
    private let server: Double?

    /// Starts them.
    init(_ process: ServerProcess?) {
        self.process = process
        (client, server) = (ServerProcess.ownSeconds(), process?.processorSeconds())
        wall = MonotonicClock.nanoseconds()
    }

    /// What they show now, for so many messages; by the wall up to the given moment.
    func sample(_ count: Int, endedAt end: UInt64 = MonotonicClock.nanoseconds()) -> LoadSample {
        let seconds = Double(end &- wall) / 1_000_000_000
        var serverSeconds: Double?
        if let server, let now = process?.processorSeconds() { serverSeconds = max(0, now - server) }
        return LoadSample(
            count: count, seconds: seconds, clientSeconds: ServerProcess.ownSeconds() - client,
            serverSeconds: serverSeconds)
    }
}

import Metrics

/// A broker's counters, for whatever backend the program has chosen. They are brought up to date once a second, so that
/// no message pays for them.
struct BrokerMetrics {
    private let connections = Gauge(label: "credence_broker_connections")
    private let accounts = Gauge(label: "credence_broker_accounts")
    private let subscriptions = Gauge(label: "credence_broker_subscriptions")
    private let awaited = Gauge(label: "credence_broker_awaited_replies")
    private let opened = Counter(label: "credence_broker_connections_total")
    private let refused = Counter(label: "credence_broker_refused_connections_total")
    private let violations = Counter(label: "credence_broker_permission_violations_total")
    private let slow = Counter(label: "credence_broker_slow_consumers_total")
    private let stalls = Counter(label: "credence_broker_publisher_pauses_total")
    private let inMessages = Counter(label: "credence_broker_messages_total", dimensions: [("direction", "in")])
    private let outMessages = Counter(label: "credence_broker_messages_total", dimensions: [("direction", "out")])
    private let inBytes = Counter(label: "credence_broker_bytes_total", dimensions: [("direction", "in")])
    private let outBytes = Counter(label: "credence_broker_bytes_total", dimensions: [("direction", "out")])
    private var lastCounters = BrokerCounters()
    private var lastTraffic = TrafficCounters()

    /// Brings them up to date.
    ///
    /// - Complexity: one step for each connection and account.
    mutating func update(from core: BrokerCore) {
        connections.record(core.sessions.count)
        accounts.record(core.spaces.values.count { !$0.sessions.isEmpty })
        subscriptions.record(core.spaces.values.reduce(0) { $0 + $1.subscriptionCount })
        awaited.record(core.spaces.values.reduce(0) { $0 + $1.awaited.count })
        let counters = core.counters
        opened.increment(by: counters.connections &- lastCounters.connections)
        refused.increment(by: counters.refused &- lastCounters.refused)
        violations.increment(by: counters.violations &- lastCounters.violations)
        slow.increment(by: counters.slowConsumers &- lastCounters.slowConsumers)
        stalls.increment(by: counters.stalls &- lastCounters.stalls)
        lastCounters = counters
        let traffic = core.traffic
        inMessages.increment(by: traffic.inMessages &- lastTraffic.inMessages)
        inBytes.increment(by: traffic.inBytes &- lastTraffic.inBytes)
        outMessages.increment(by: traffic.outMessages &- lastTraffic.outMessages)
        outBytes.increment(by: traffic.outBytes &- lastTraffic.outBytes)
        lastTraffic = traffic
    }
}

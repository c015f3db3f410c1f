import Metrics

/// What the distribution counts, in whatever backend the process has.
struct DistributionCounters: Sendable {
    private let pushes = Counter(label: "credence_distribution_pushes_total")
    private let confirmed = Counter(label: "credence_distribution_confirmations_total")
    private let failed = Counter(label: "credence_distribution_failures_total")
    private let foreign = Counter(label: "credence_distribution_foreign_updates_total")
    private let unread = Counter(label: "credence_distribution_unread_answers_total")
    private let lookups = Counter(label: "credence_distribution_lookups_total")
    private let packs = Counter(label: "credence_distribution_packs_total")
    private let servers = Gauge(label: "credence_distribution_servers")
    private let behind = Gauge(label: "credence_distribution_servers_behind")
    private let waiting = Gauge(label: "credence_distribution_accounts_waiting")

    func pushed() { pushes.increment() }
    func didConfirm() { confirmed.increment() }
    func didFail() { failed.increment() }
    func sawForeignUpdate() { foreign.increment() }
    func couldNotRead() { unread.increment() }
    func lookedUp() { lookups.increment() }
    func packed() { packs.increment() }

    func stands(_ report: DistributionReport) {
        servers.record(report.servers.count(where: \.isPresent))
        behind.record(report.servers.count { $0.isPresent && $0.accountsBehind > 0 })
        waiting.record(report.accountsWaiting)
    }
}

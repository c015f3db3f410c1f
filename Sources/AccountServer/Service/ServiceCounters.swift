import Metrics

/// What a service counts, in whatever backend the process has.
struct ServiceCounters: Sendable {
    private let accounts = Gauge(label: "credence_accounts")
    private let forged = Counter(label: "credence_store_forged_tokens_total")
    private let synchronisations = Gauge(label: "credence_disk_synchronisations")
    private let batches = Counter(label: "credence_upload_batches_total")
    private let hindered = Gauge(label: "credence_hindered")

    func stored(accounts count: Int) { accounts.record(count) }
    func foundForged() { forged.increment() }
    /// Whether uploads cannot be judged or stored.
    func hindered(_ isHindered: Bool) { hindered.record(isHindered ? 1 : 0) }
    /// A batch was stored.
    func batch(accounts count: Int, synchronisations made: Int) {
        batches.increment()
        accounts.record(count)
        synchronisations.record(made)
    }
}

import Metrics

/// What an authorization service counts: requests, refusals by rule, and how long answers take.
struct CalloutMetrics: Sendable {
    private let requests = Counter(label: "credence_callout_requests_total")
    private let granted = Counter(label: "credence_callout_granted_total")
    private let unanswered = Counter(label: "credence_callout_unanswered_total")
    private let time = Timer(label: "credence_callout_seconds")

    /// One request: what came of it, and how long it took. A refusal counts once for each of its rules.
    func count(_ answer: CalloutAnswer, after duration: Duration) {
        requests.increment()
        if answer.payload == nil { unanswered.increment() }
        switch answer.outcome {
        case .granted: granted.increment()
        case .refused(let findings):
            // The codes are those of the two catalogues, so that there are only so many series.
            for code in Set(findings.map(\.code)) {
                Counter(label: "credence_callout_refusals_total", dimensions: [("rule", code)]).increment()
            }
        }
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        time.recordNanoseconds(overflow ? .max : nanoseconds &+ attoseconds / 1_000_000_000)
    }
}

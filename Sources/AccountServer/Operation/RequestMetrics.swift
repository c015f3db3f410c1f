import Metrics
import Synchronization

/// What the server counts of requests and connections. No label has a value that a client chooses.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let route: Route?
        let verb: Route.Verb?
        let status: Int
    }

    private let factory: any MetricsFactory
    private let requests = Mutex<[Key: (counter: Counter, timer: Metrics.Timer)]>([:])
    private let refusals = Mutex<[String: Counter]>([:])
    private let exchanges = Mutex<[String: Counter]>([:])
    private let openConnections: Meter
    private let turnedAway: Counter
    private let packBytes: Counter
    private let reloads: [TLSReload.Outcome: Counter]

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        openConnections = Meter(label: "credence_http_connections", factory: factory)
        turnedAway = Counter(label: "credence_http_connections_refused_total", factory: factory)
        packBytes = Counter(label: "credence_http_pack_bytes_total", factory: factory)
        var reloads: [TLSReload.Outcome: Counter] = [:]
        for outcome in TLSReload.Outcome.allCases {
            reloads[outcome] = Counter(
                label: "credence_http_reloads_total", dimensions: [("outcome", outcome.rawValue)], factory: factory)
        }
        self.reloads = reloads
    }

    /// A request was answered; nil for a resource or a method that there is not.
    func answered(_ route: Route?, _ verb: Route.Verb?, status: Int, nanoseconds: UInt64) {
        let key = Key(route: route, verb: verb, status: status)
        let (counter, timer) = requests.withLock { requests in
            if let known = requests[key] { return known }
            let dimensions = [
                ("route", route?.rawValue ?? "other"), ("method", verb?.rawValue ?? "other"), ("status", "\(status)"),
            ]
            let made = (
                Counter(label: "credence_http_requests_total", dimensions: dimensions, factory: factory),
                Metrics.Timer(
                    label: "credence_http_request_seconds", dimensions: Array(dimensions.prefix(2)), factory: factory)
            )
            requests[key] = made
            return made
        }
        counter.increment()
        timer.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    /// A rule stood against a request.
    func refused(_ rule: String) {
        let counter = refusals.withLock { refusals in
            if let known = refusals[rule] { return known }
            let made = Counter(
                label: "credence_http_refusals_total", dimensions: [("rule", rule)], factory: factory)
            refusals[rule] = made
            return made
        }
        counter.increment()
    }

    /// What became of a request for a token.
    enum Exchange: String, Sendable {
        case issued, refused
        /// It was signed, and could not be written down.
        case failed
    }

    /// A token was asked for; `rule` is the first that stood against it, empty for none.
    func exchanged(_ outcome: Exchange, rule: String) {
        let counter = exchanges.withLock { exchanges in
            if let known = exchanges["\(outcome) \(rule)"] { return known }
            let made = Counter(
                label: "credence_exchanges_total", dimensions: [("outcome", outcome.rawValue), ("rule", rule)],
                factory: factory)
            exchanges["\(outcome) \(rule)"] = made
            return made
        }
        counter.increment()
    }

    /// So many connections are open.
    func connections(_ count: Int) { openConnections.set(Int64(clamping: count)) }

    /// A connection was one too many.
    func connectionRefused() { turnedAway.increment() }

    /// So many bytes of a pack were handed to the system.
    func packed(_ bytes: Int) { packBytes.increment(by: bytes) }

    /// Files were read again.
    func reloaded(_ outcome: TLSReload.Outcome) { reloads[outcome]?.increment() }
}

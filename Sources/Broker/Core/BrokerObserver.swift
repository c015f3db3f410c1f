import Subjects
import Trust

/// Sees what happens in a broker, to tell operators of it. On the broker's loop.
protocol BrokerObserver: AnyObject {
    /// A client was let in.
    func connected(_ session: Session, in core: BrokerCore)
    /// A client that was let in is gone.
    func disconnected(_ session: Session, _ reason: ClosingReason, in core: BrokerCore)
    /// A client was not let in, by these rules.
    func refused(_ session: Session, _ rules: [Finding], in core: BrokerCore)
    /// A client may not do what it tried.
    func violated(_ session: Session, _ record: DecisionRecord, in core: BrokerCore)
    /// An answer to a measured request came, or will not come.
    func measured(_ measurement: LatencyMeasurement, _ outcome: LatencyOutcome, in core: BrokerCore)
}

/// Asks an authorization service about clients of accounts that have one.
protocol AuthorizationAsking: AnyObject {
    /// Asks about a client that is the sentinel of an account with an authorization service. Ends with
    /// `BrokerCore.bind` or `BrokerCore.refuse`.
    func ask(about session: Session, as sentinel: TrustedUser, in core: BrokerCore)
}

/// A request that is measured.
struct LatencyMeasurement {
    /// When the request left, on the wall in nanoseconds.
    let start: Int64
    /// When the request left, in nanoseconds of the broker's clock.
    let started: UInt64
    let exporter: AccountSpace
    let results: Subject
    let binding: Binding
    let requestor: Session?
    /// The header that asked for it; empty for those that are sampled by chance.
    let trigger: [(name: String, value: String)]
}

/// What became of it.
enum LatencyOutcome {
    /// Somebody answered.
    case answered(by: Session?)
    /// It asked for no answer.
    case badRequest
    /// Nobody listens.
    case noResponders
    /// Whoever asked is gone.
    case requestorGone
    /// Nobody answered in time.
    case timedOut
}

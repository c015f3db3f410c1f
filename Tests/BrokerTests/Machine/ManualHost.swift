import NKeys
import Trust

@testable import Broker

/// What a core has done outside, done at once and in order, with a clock that the test moves.
final class ManualHost: BrokerHost {
    /// The core that it is the host of: set once there is one.
    weak var guest: BrokerCore?
    var core: BrokerCore {
        guard let guest else { preconditionFailure("a host without a core") }
        return guest
    }
    var monotonic: UInt64 = 1_000_000_000_000
    var wall: Int64 = 2_000_000_000 * 1_000_000_000
    /// What a resolver would answer.
    var tokens: [PublicKey: String] = [:]
    /// What was asked of it.
    private(set) var loads: [PublicKey] = []
    /// Whether it answers.
    var answersLoads = true
    private(set) var notes: [BrokerNote] = []
    private var jobs: [() -> Void] = []

    var now: UnixTime { UnixTime(wall / 1_000_000_000) ?? .zero }

    func compute<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer, then: @escaping (Answer) -> Void) {
        jobs.append { then(work()) }
    }

    func load(_ account: PublicKey) {
        loads.append(account)
        guard answersLoads else { return }
        jobs.append { [unowned self] in core.loaded(account, tokens[account]) }
    }

    func wake(at time: UInt64) {}

    func consult<Answer: Sendable>(
        _ question: @escaping @Sendable (any AccountAuthority) async -> Answer, then: @escaping (Answer) -> Void
    ) {}

    func note(_ note: BrokerNote) { notes.append(note) }

    /// Does what was asked for, in its order, until nothing is left.
    func run() {
        while !jobs.isEmpty { jobs.removeFirst()() }
    }

    /// Lets time pass: what is due on the way happens when it is due.
    func advance(by span: Duration) {
        let end = monotonic + span.nanoseconds
        while let next = core.alarms.next, next <= end {
            move(to: max(next, monotonic))
            core.ring()
            run()
        }
        move(to: end)
    }

    private func move(to time: UInt64) {
        wall += Int64(time - monotonic)
        monotonic = time
    }

    /// The rules by which clients were turned away, and forgets them.
    func takeRefusals() -> [[Rule]] {
        defer { notes = [] }
        return notes.compactMap { if case .refused(_, _, _, let rules) = $0 { rules.map(\.rule) } else { nil } }
    }

    /// Why connections were ended.
    var closings: [ClosingReason] {
        notes.compactMap { if case .closed(_, _, let reason) = $0 { reason } else { nil } }
    }
}

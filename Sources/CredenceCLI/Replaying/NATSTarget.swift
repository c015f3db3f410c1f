import NATSWire
import NKeys
import Replay
import Trust

/// Runs a suite against a server that holds its accounts, over the wire: does a message cross, or a request?
///
/// In each world the receiving side listens, the sending side publishes and waits until the server has done that, and
/// then the receiving side sends itself another message. When that has come, whatever else was to come has come before:
/// absence is proved by order and not by waiting.
struct NATSTarget {
    private let address: ServerAddress
    private let user: KeyPair
    /// How many worlds are tried side by side, with two connections each.
    private static let batch = 32
    private static let control = "credence.replay.control"

    /// A run with the suite's user, against a server that answers.
    init(_ address: ServerAddress, user: KeyPair) throws(ServerConnection.Fault) {
        self.address = address
        self.user = user
        guard case .info = try ServerConnection(to: address).receive() else {
            throw .system("\(address.url) is no server: it does not begin with INFO")
        }
    }

    /// What becomes of each world's import, in the order of the worlds.
    func outcomes(of suite: ReplaySuite, progress: ProgressBar) -> [ReplayOutcome] {
        var outcomes: [ReplayOutcome] = []
        for start in stride(from: 0, to: suite.worlds.count, by: Self.batch) {
            let worlds = suite.worlds[start..<min(start + Self.batch, suite.worlds.count)]
            outcomes += self.outcomes(of: Array(worlds))
            progress.advance(by: worlds.count)
        }
        return outcomes
    }

    private func outcomes(of worlds: [ReplaySuite.World]) -> [ReplayOutcome] {
        var trials = worlds.map { Trial($0, control: Self.control) }
        for step in Trial.Step.allCases {
            for place in trials.indices where trials[place].outcome == nil {
                do throws(ServerConnection.Fault) {
                    try trials[place].take(step, on: address, as: user)
                } catch {
                    trials[place].outcome = .notTried("\(error)")
                }
            }
        }
        return trials.map { $0.outcome ?? .notTried("the run did not come to its end") }
    }
}

/// The trial of one world, step by step: each step waits for what the one before it asked.
private struct Trial {
    enum Step: CaseIterable {
        case connectExporter, introduceExporter, loginExporter, connectImporter, introduceImporter, loginImporter
        case listen, publish, sendControl, conclude
    }

    private let world: ReplaySuite.World
    private let control: String
    private var exporter: Member?
    private var importer: Member?
    /// What the trial shows; nil until it does.
    var outcome: ReplayOutcome?

    init(_ world: ReplaySuite.World, control: String) {
        self.world = world
        self.control = control
    }

    /// Messages go from the exporter to the importer of a stream, requests the other way.
    private var receiver: Member? { world.kind == .stream ? importer : exporter }
    private var sender: Member? { world.kind == .stream ? exporter : importer }

    mutating func take(_ step: Step, on address: ServerAddress, as user: KeyPair) throws(ServerConnection.Fault) {
        switch step {
        case .connectExporter: exporter = try Member(to: address)
        case .introduceExporter: try exporter?.introduce(world.exporter, user: user)
        case .loginExporter:
            if case .refused(let text)? = try exporter?.login() {
                outcome = .notTried("the server refuses the exporter's user: \(text)")
            }
        // The exporter's account is loaded by now: servers that load both at once may set up an import late.
        case .connectImporter: importer = try Member(to: address)
        case .introduceImporter: try importer?.introduce(world.importer, user: user)
        case .loginImporter:
            if case .refused(let text)? = try importer?.login() {
                outcome = .stopped("the server refuses the importer's users: \(text)")
            }
        case .listen: try listen()
        case .publish: try publish()
        case .sendControl: try sendControl()
        case .conclude: try conclude()
        }
    }

    private func listen() throws(ServerConnection.Fault) {
        try receiver?.send(.subscribe(subject: world.listen, id: "1"), .subscribe(subject: control, id: "2"))
    }

    private func publish() throws(ServerConnection.Fault) {
        try receiver?.settle()
        let reply = world.kind == .service ? "_INBOX.credence.replay" : nil
        try sender?.send(.publish(subject: world.publish, reply: reply, payload: Array(world.id.utf8)))
    }

    private func sendControl() throws(ServerConnection.Fault) {
        try sender?.settle()
        try receiver?.send(.publish(subject: control, payload: Array(world.id.utf8)))
    }

    private mutating func conclude() throws(ServerConnection.Fault) {
        try receiver?.settle()
        let id = Array(world.id.utf8)
        guard let received = receiver?.received, received["2"] == [id] else {
            throw .system("the control message did not come")
        }
        switch received["1"] {
        case nil: outcome = .stopped("nothing crosses")
        case [id]?: outcome = .accepted
        default: throw .system("something else came than was sent")
        }
    }
}

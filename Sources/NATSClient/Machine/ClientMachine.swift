import NATSWire

/// The protocol from the client's side, without input or output: it is told what happened, and says what is to be done.
///
///     opening -> announced -> (securing) -> identifying -> authenticating -> ready
///         \___________\____________\______________\______________\___________\-> waiting -> opening
///                                                                              \-> closed
///
/// It knows no clock, no socket and no key. Everything that waits in it is bounded by `ConnectionLimits`.
struct ClientMachine: Sendable {
    enum Phase: Equatable, Sendable {
        case idle
        /// A connection is being opened, in TLS at once or in the clear.
        case opening(ServerAddress)
        /// The server has to announce itself.
        case announced(ServerAddress)
        case securing(ServerAddress)
        /// Credentials are being fetched.
        case identifying(ServerAddress)
        /// CONNECT and PING were sent.
        case authenticating(ServerAddress)
        case ready(ServerAddress)
        /// Until the next attempt.
        case waiting
        case closed
    }

    /// What happened outside.
    enum Event: Sendable {
        /// The connection is open; in TLS already, where that was asked for.
        case opened
        /// The connection has turned to TLS.
        case secured
        case received(ServerOperation)
        /// The answer to `authenticate`.
        case identified(ClientIdentity)
        /// The connection is gone, did not come about, or carried what is not the protocol.
        case lost(NATSFault)
        case fired(Timer)
    }

    /// Each runs at most once at a time.
    enum Timer: Hashable, Sendable { case handshake, ping, reconnect, drain }

    /// What is to be done, in order.
    enum Effect: Equatable, Sendable {
        case open(ServerAddress, inTLS: Bool)
        case startTLS(ServerAddress)
        /// Fetch credentials and sign the nonce.
        case authenticate(nonce: String?)
        case send([UInt8])
        /// Take messages as long as this.
        case raisePayload(Int)
        /// Close the connection and forget it; nothing of it is to be told any more.
        case drop
        case start(Timer, Duration)
        case stop(Timer)
        case deliver(Int, NATSMessage)
        /// No more messages for a subscription; why.
        case end(Int, NATSFault?)
        case answer(Int, Answer)
        /// A barrier was reached; or not, and why.
        case passed(Int, NATSFault?)
        case tell(ConnectionEvent)
    }

    enum Answer: Equatable, Sendable {
        case message(NATSMessage)
        case fault(NATSFault)
    }

    enum Ping: Equatable, Sendable { case handshake, keepAlive, barrier(Int), drain }

    struct Interest: Sendable {
        let subject: String
        let queue: String?
    }

    struct Request: Sendable {
        let subject: String
        let expects: Expectation
        var isSent = false
    }

    /// How many answers a request has.
    enum Expectation: Sendable { case one, many }

    struct Waiting: Sendable {
        let bytes: [UInt8]
        let request: Int?
    }

    let settings: ConnectionSettings
    /// What answers to requests are published below: `inbox.REQUEST`.
    let inbox: String
    static let inboxID = 0

    var phase = Phase.idle
    var pool: ServerPool
    var random: SplitMix
    var announcement = ServerAnnouncement()
    var isSecured = false
    /// What the server said before it ended the connection.
    var parting: NATSFault?
    var hasBeenReady = false
    /// Attempts that failed since there was a connection, and how many of them were refusals.
    var failures = 0
    var refusals = 0
    /// What `connect` reports when no server can be used: a refusal before anything about the way there.
    var worst: NATSFault?
    var isDraining = false

    var interests: [Int: Interest] = [:]
    var hasInbox = false
    var requests: [Int: Request] = [:]
    var pings: [Ping] = []
    var waiting: [Waiting] = []
    var waitingBytes = 0
    var waitingBarriers: [Int] = []

    /// A machine that has not begun.
    ///
    /// - Parameters:
    ///   - inbox: random, so that nobody guesses where answers go.
    ///   - seed: for the jitter of waits, and the server to begin with.
    init(settings: ConnectionSettings, inbox: String, seed: UInt64) {
        self.settings = settings
        self.inbox = inbox
        random = SplitMix(seed: seed)
        pool = ServerPool(settings.servers, learningAtMost: settings.limits.learntServers)
    }

    /// Begins.
    mutating func start() -> [Effect] {
        guard phase == .idle else { return [] }
        return open()
    }

    /// Takes what happened.
    mutating func handle(_ event: Event) -> [Effect] {
        switch event {
        case .opened:
            guard case .opening(let server) = phase else { return [] }
            isSecured = isInTLSAtOnce
            phase = .announced(server)
            return []
        case .secured:
            guard case .securing(let server) = phase else { return [] }
            isSecured = true
            return identify(server)
        case .received(let operation): return receive(operation)
        case .identified(let identity):
            guard case .identifying(let server) = phase else { return [] }
            return authenticate(server, as: identity)
        case .lost(let fault): return lose(fault)
        case .fired(let timer): return fire(timer)
        }
    }

    private mutating func fire(_ timer: Timer) -> [Effect] {
        switch (timer, phase) {
        case (.handshake, .ready), (.handshake, .waiting), (.handshake, .closed): return []
        case (.handshake, _): return lose(.timeout)
        case (.reconnect, .waiting): return open()
        case (.ping, .ready):
            guard pings.count(where: { $0 == .keepAlive }) < settings.pingLimit else { return lose(.stale) }
            pings.append(.keepAlive)
            return [.send(Self.ping), .start(.ping, settings.pingInterval)]
        case (.drain, _) where isDraining: return close(nil)
        default: return []
        }
    }

    static let ping = Array("PING\r\n".utf8)
    static let pong = Array("PONG\r\n".utf8)

    /// The bytes of an operation that holds nothing from outside.
    static func bytes(_ operation: ClientOperation) throws(NATSFault) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(WireFault) { try operation.write(to: &bytes) } catch { throw .invalid(error) }
        return bytes
    }
}

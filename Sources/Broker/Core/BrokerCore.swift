import NATSWire
import NKeys
import Subjects
import Trust

/// A broker without input or output: it is told what clients sent, what a resolver answered and what time it is, and has
/// done what follows.
///
/// It lives on one loop: nothing in it is locked (Docs/Decisions/0012-one-loop.md). Every entry point sets the time
/// first and ends with a flush, so that what one read brings leaves in one write a client.
final class BrokerCore {
    var settings: BrokerSettings
    let identity: BrokerIdentity
    unowned let host: any BrokerHost
    var chain: ChainVerifier
    var store: TrustStore

    var spaces: [PublicKey: AccountSpace] = [:]
    var sessions: [UInt64: Session] = [:]
    private var lastSession: UInt64 = 0
    /// Those with something to send.
    var dirty: [Session] = []
    var permissionSets = CompiledPermissionSets()
    let signatures = KnownSignatures()
    /// How often permissions were given to a session.
    var installs = 0
    var alarms = Alarms()
    /// When the alarm for tokens that expire or begin rings; nil for one that is not set.
    var trustAlarm: UInt64?
    /// Nanoseconds of a clock that does not go back, as of the last entry.
    var now: UInt64 = 0
    /// Clients that wait for an account to come into force, by number.
    var waiting: [PublicKey: [UInt64: Session]] = [:]
    /// How many need an account in force: who is connected, who waits, and who imports its services.
    var needs: [PublicKey: Int] = [:]
    /// Changes of accounts that wait for the end of a reload; nil while none is under way.
    var heldChanges: [AccountChange]?
    /// What every account is offered, and what the system account is beside.
    var accountServices: [BrokerService] = []
    var systemServices: [BrokerService] = []
    var totals = TrafficCounters()
    var counters = BrokerCounters()
    var isLeaving = false
    /// Where it listens, as INFO says it.
    var address = ListenAddress(host: "", port: 0)
    let started: Int64
    /// When its settings were read last, on the wall in nanoseconds.
    var configured: Int64
    /// The connections that ended last.
    private(set) var closed = ClosedConnections()
    /// Chooses members of queue groups: fair, and nothing that needs to be unguessable.
    var dice: UInt64
    var decisions = DecisionSampler()
    /// Sees what an operator's events tell of.
    var observer: (any BrokerObserver)?
    /// Asks authorization services; nil where there are none.
    var callout: (any AuthorizationAsking)?
    /// Whether the alarm for awaited answers is set.
    var isSweeping = false
    /// Accounts whose routes may lead to clients that are gone.
    var unsweptRoutes: [ObjectIdentifier: AccountSpace] = [:]
    /// Whether a client did not keep up with what was written in this entry.
    private var isCongested = false

    init(_ settings: BrokerSettings, identity: BrokerIdentity, host: any BrokerHost) {
        self.settings = settings
        self.identity = identity
        self.host = host
        chain = settings.trust.chain
        store = TrustStore(chain: settings.trust.chain)
        started = host.wall
        configured = started
        dice = UInt64.random(in: 1 ... .max)
        now = host.monotonic
    }

    /// What every entry begins with.
    func enter() { now = host.monotonic }

    /// What every entry ends with: what was written leaves, and the next alarm is set.
    func leave() {
        flush()
        if let next = alarms.next { host.wake(at: next) }
    }

    /// Now, on the wall.
    var wallTime: UnixTime { UnixTime(host.wall / 1_000_000_000) ?? .zero }

    /// Begins: the system account is needed from the start.
    func start() {
        enter()
        if let system = settings.trust.systemKey { need(system) }
        leave()
    }

    // MARK: Connections

    /// A client has connected. It hears INFO at once.
    func open(from peer: Peer, over outlet: any SessionOutlet) -> Session {
        enter()
        lastSession &+= 1
        let session = Session(
            id: lastSession, peer: peer, nonce: RandomText.base64(15), started: wallTime,
            limits: WireLimits(controlLine: settings.limits.controlLine, payload: settings.limits.payload),
            outlet: outlet)
        (session.opened, session.lastActivity) = (now, now)
        sessions[session.id] = session
        counters.connections &+= 1
        session.output.appendInfo(announcement(for: session).utf8)
        mark(session)
        if sessions.count > settings.limits.connections {
            close(session, .serverConnections)
        } else {
            alarms.set(
                .authentication(session: session.id, attempt: session.attempt),
                at: now &+ settings.times.authentication.nanoseconds)
        }
        leave()
        return session
    }

    /// The client's end of a connection is gone, or the connection cannot be used.
    func lost(_ session: Session, _ reason: ClosingReason = .clientClosed) {
        enter()
        close(session, reason)
        leave()
    }

    /// So many bytes have left.
    func sent(_ count: Int, for session: Session) { session.unsent = max(0, session.unsent &- count) }

    /// What INFO says before a client has said who it is.
    func announcement(for session: Session?) -> ServerAnnouncement {
        var info = ServerAnnouncement()
        info.serverID = identity.id
        info.serverName = serverName
        info.version = BrokerIdentity.version
        info.host = address.host
        info.port = address.port
        info.hasHeaders = true
        info.asksForCredentials = true
        info.payloadLimit = settings.limits.payload
        info.sealingKey = identity.sealing.publicKey.text
        if let tls = settings.tls {
            info.requiresTLS = tls.clearText == .refused
            info.offersTLS = tls.clearText == .allowed
        }
        info.isLeaving = isLeaving
        if let session {
            info.clientID = session.id
            info.clientAddress = session.peer.host
            info.nonce = String(decoding: session.nonce, as: UTF8.self)
        }
        return info
    }

    /// What INFO says to a client that is let in: no nonce, and its own limit.
    func announcement(toKnown session: Session) -> ServerAnnouncement {
        var info = announcement(for: session)
        info.nonce = nil
        info.payloadLimit = session.limits.payload
        return info
    }

    /// Ends a connection: what is to be said is said, and nothing of it is left.
    func close(_ session: Session, _ reason: ClosingReason) {
        guard session.phase != .closed else { return }
        let wasReady = session.phase == .ready
        session.closing = reason
        if let text = reason.text { session.output.appendError(text) }
        if reason == .slowConsumer { session.output.release() }
        session.phase = .closed
        sessions[session.id] = nil
        if reason == .slowConsumer {
            counters.slowConsumers &+= 1
            session.space?.slowConsumers &+= 1
        }
        if reason == .stale { counters.stale &+= 1 }
        var last = survey(of: session, .counted)
        last.end = ConnectionSurvey.End(time: SurveyTime(nanoseconds: host.wall), reason: reason.reason)
        closed.add(last)
        if session.output.count > 0 {
            session.outlet.send(session.output.bytes)
            session.output.release()
        }
        session.outlet.close()
        totals.outMessages &+= session.counters.outMessages
        totals.outBytes &+= session.counters.outBytes
        if wasReady { observer?.disconnected(session, reason, in: self) }
        leaveSpace(session)
        stopWaiting(session)
        if reason != .clientClosed {
            host.note(.closed(session: session.id, address: session.peer.host, reason: reason))
        }
    }

    /// Takes a session out of its account.
    func leaveSpace(_ session: Session) {
        guard let space = session.space else { return }
        for subscription in session.subscriptions.values { space.unsubscribe(subscription) }
        session.subscriptions = [:]
        space.sessions[session.id] = nil
        space.counters.outMessages &+= session.counters.outMessages
        space.counters.outBytes &+= session.counters.outBytes
        session.space = nil
        sweepRoutes(to: space)
        release(space.key)
    }

    // MARK: Sending

    /// Remembers that there is something to send.
    @inline(__always)
    func mark(_ session: Session) {
        if session.isDirty { return }
        session.isDirty = true
        dirty.append(session)
    }

    /// Hands to the outlets what was written since the last time.
    func flush() {
        if dirty.isEmpty { return }
        let limit = settings.limits.pending
        // Closing one may write to others.
        var index = 0
        while index < dirty.count {
            let session = dirty[index]
            index &+= 1
            session.isDirty = false
            guard session.phase != .closed, session.output.count > 0 else { continue }
            if session.pending > limit { close(session, .slowConsumer) } else { handOver(session) }
        }
        dirty.removeAll(keepingCapacity: true)
    }

    private func handOver(_ session: Session) {
        session.unsent &+= session.output.count
        // A connection that keeps up has sent all of it before the next comes.
        if session.unsent > settings.limits.pending / 8 { isCongested = true }
        session.outlet.send(session.output.bytes)
        session.output.removeAll()
    }

    /// So many bytes are written for one client before they are looked at.
    @inline(__always)
    static var handedOver: Int { 1 << 20 }

    /// One entry may write much for one client, as when one message goes to many of its subscriptions: its limit holds
    /// meanwhile.
    @inline(never)
    func handOverEarly(_ session: Session) {
        guard session.phase != .closed else { return session.output.release() }
        if session.pending > settings.limits.pending { close(session, .slowConsumer) } else { handOver(session) }
    }

    /// Whether whoever published last should pause, because a client does not keep up; asked once.
    func takesPause() -> Bool {
        defer { isCongested = false }
        if isCongested { counters.stalls &+= 1 }
        return isCongested
    }

    /// Says `-ERR`, and leaves the connection.
    func complain(_ text: String, to session: Session) {
        session.output.appendError(text)
        mark(session)
    }
}

/// What a broker has done so far.
struct BrokerCounters: Equatable, Sendable {
    var connections: UInt64 = 0
    var slowConsumers: UInt64 = 0
    var refused: UInt64 = 0
    var violations: UInt64 = 0
    var stalls: UInt64 = 0
    var stale: UInt64 = 0
}

extension Duration {
    /// In nanoseconds; what does not fit, or is negative, is clamped.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, over) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        if over { return .max / 4 }
        return min(.max / 4, product &+ UInt64(attoseconds / 1_000_000_000))
    }
}

import NATSWire
import NKeys
import Subjects
import Trust

/// One connection of a client, as the broker sees it. Lives on the broker's loop.
///
///     opened -> judging -> ready -> closed
///        \________\__________\______/
///
/// It holds what the connection is and may do; `BrokerCore` moves it.
final class Session {
    enum Phase: Equatable {
        /// It has not said who it is.
        case opened
        /// It has; it is being judged, and nothing more is read meanwhile.
        case judging
        case ready
        case closed
    }

    /// The connection's number, in the order of arrival.
    let id: UInt64
    let peer: Peer
    /// What the client signs: these characters.
    let nonce: [UInt8]
    /// When it came, on the wall.
    let started: UnixTime
    /// What carries its bytes.
    let outlet: any SessionOutlet

    var phase = Phase.opened
    var reader: ClientFrameReader
    let output = WireOutput()
    /// Whether it is among those to be flushed.
    var isDirty = false
    /// Bytes that were handed to the outlet and have not left.
    var unsent = 0

    var options = ClientOptions()
    /// What of the options is asked for each message.
    var echoes = true
    var hasHeaders = false
    /// Whether a message needs nothing but to be sent on: no confirmation, and no rules of literal subjects.
    var isPlainPublisher = false
    /// Set on binding; nil before.
    var user: TrustedUser?
    /// What an authorization service returned for it; nil where none was asked.
    var derived: DerivedUser?
    /// The name that an authorization service gave; nil for none.
    var assignedName: String?
    var permissions: CompiledPermissions?
    var replies: ReplyLedger?
    var space: AccountSpace?
    /// The account that it waits for; nil for none.
    var awaited: PublicKey?
    var limits = SessionLimits()
    var subscriptions: [[UInt8]: Subscription] = [:]
    /// Whether a second INFO is owed, after the next PONG.
    var owesInfo = false

    var counters = TrafficCounters()
    /// When something came last, in nanoseconds of the broker's clock.
    var lastActivity: UInt64 = 0
    /// PINGs that were not answered.
    var pingsOutstanding = 0
    /// When the last PING left, while its PONG is awaited.
    var pingSent: UInt64?
    /// The time that a PING took there and back, in nanoseconds; nil before the first.
    var roundTrip: UInt64?
    /// When authentication has to be done; raised by each attempt so that a timer of an earlier one says nothing.
    var attempt = 0
    /// Why it was closed; for events and lists.
    var closing: ClosingReason?

    init(
        id: UInt64, peer: Peer, nonce: [UInt8], started: UnixTime, limits: WireLimits, outlet: any SessionOutlet
    ) {
        self.id = id
        self.peer = peer
        self.nonce = nonce
        self.started = started
        self.outlet = outlet
        reader = ClientFrameReader(limits: limits)
    }

    /// What is written of it and has not left.
    var pending: Int { output.count &+ unsent }
}

/// Where a client comes from.
struct Peer: Hashable, Sendable {
    /// Its address as text.
    var host: String
    var port: Int
    /// What TLS was agreed on; nil in the clear.
    var tls: PeerTLS?
}

/// What TLS was agreed on.
struct PeerTLS: Hashable, Sendable {
    var version = ""
    var cipher = ""
    /// Certificates that the client showed, PEM.
    var certificates: [String] = []
}

/// What a session may hold.
struct SessionLimits: Equatable {
    /// Bytes of one message.
    var payload = 1 << 20
    /// Subscriptions at once; nil for no limit.
    var subscriptions: Int?
}

/// What went through.
struct TrafficCounters: Equatable, Sendable {
    var inMessages: UInt64 = 0
    var inBytes: UInt64 = 0
    var outMessages: UInt64 = 0
    var outBytes: UInt64 = 0

    mutating func add(_ other: TrafficCounters) {
        inMessages &+= other.inMessages
        inBytes &+= other.inBytes
        outMessages &+= other.outMessages
        outBytes &+= other.outBytes
    }
}

/// Carries a session's bytes.
protocol SessionOutlet: AnyObject {
    /// Sends bytes, in order; they are valid for the call only. The core is told when they have left.
    func send(_ bytes: UnsafeBufferPointer<UInt8>)
    /// Closes, when what was sent before has left or cannot leave.
    func close()
    /// Has read on what was kept while the session was being judged.
    func resume()
    /// Reads nothing for a moment, because a receiver does not keep up.
    func stall()
}

/// One operation of a client, as places in the bytes that it was read from: nothing is copied.
public struct ClientFrame: Equatable, Sendable {
    /// Which operation.
    public enum Kind: Equatable, Sendable {
        case connect
        /// `PUB`, or `HPUB` where `headerCount` is not 0.
        case publish
        case subscribe
        case unsubscribe
        case ping
        case pong
        /// `+OK` or `INFO`, which a client has no business to send, and which are passed over.
        case passedOver
    }

    /// Which operation.
    public internal(set) var kind: Kind
    /// The subject of `PUB` and `SUB`.
    public internal(set) var subject = 0..<0
    /// Where an answer is expected (`PUB`); empty for nowhere.
    public internal(set) var reply = 0..<0
    /// The queue group (`SUB`); empty for none.
    public internal(set) var queue = 0..<0
    /// The subscription's id, as the client chose it (`SUB`, `UNSUB`).
    public internal(set) var subscription = 0..<0
    /// How many messages an `UNSUB` leaves; nil for none.
    public internal(set) var remaining: Int?
    /// The JSON text of `CONNECT`.
    public internal(set) var options = 0..<0
    /// A message, headers included.
    public internal(set) var message = 0..<0
    /// How many bytes of the message are headers.
    public internal(set) var headerCount = 0
    /// Whether it came as `HPUB`.
    public internal(set) var hasHeaders = false
    /// Where the next operation begins.
    public internal(set) var end = 0

    init(_ kind: Kind) { self.kind = kind }
}

/// Why a client's bytes end its connection.
public enum ClientFault: Error, Hashable, Sendable {
    /// Another operation than CONNECT before the client has said who it is.
    case beforeConnect
    /// No operation, or a message that does not end where it should.
    case unknownOperation
    /// A control line beyond the limit.
    case controlLine
    /// A message beyond the limit.
    case payload
    /// Arguments of which there are too few or too many, or a size that is none. Nothing is said of it.
    case arguments
}

/// One operation of a client, as places in the bytes that it was read from: nothing is copied.
///
/// Places are kept in 32 bits: a frame is copied for each message, and no operation is that long.
public struct ClientFrame: Equatable, Sendable {
    /// Which operation.
    public enum Kind: UInt8, Equatable, Sendable {
        case connect
        /// `PUB` or `HPUB`.
        case publish
        case subscribe
        case unsubscribe
        case ping
        case pong
        /// `+OK` or `INFO`, which a client has no business to send, and which are passed over.
        case passedOver
    }

    /// A place in the bytes.
    struct Place: Equatable, Sendable {
        var start: UInt32 = 0
        var end: UInt32 = 0

        @inline(__always)
        init() {}

        @inline(__always)
        init(_ range: Range<Int>) {
            start = UInt32(truncatingIfNeeded: range.lowerBound)
            end = UInt32(truncatingIfNeeded: range.upperBound)
        }

        @inline(__always)
        var range: Range<Int> { Range(uncheckedBounds: (Int(start), Int(end))) }
    }

    /// Which operation.
    public let kind: Kind
    /// Whether it came as `HPUB`.
    public internal(set) var hasHeaders = false
    /// The subject of `PUB` and `SUB`; the options of `CONNECT`.
    var first = Place()
    /// The reply of `PUB`, the queue of `SUB`.
    var second = Place()
    /// The message of `PUB`, the id of `SUB` and `UNSUB`.
    var third = Place()
    /// The headers of `PUB`, what remains of `UNSUB`.
    var number: UInt32 = 0
    var next: UInt32 = 0

    @inline(__always)
    init(_ kind: Kind) { self.kind = kind }

    /// The subject of `PUB` and `SUB`.
    public var subject: Range<Int> { kind == .publish || kind == .subscribe ? first.range : 0..<0 }
    /// Where an answer is expected (`PUB`); empty for nowhere.
    public var reply: Range<Int> { kind == .publish ? second.range : 0..<0 }
    /// The queue group (`SUB`); empty for none.
    public var queue: Range<Int> { kind == .subscribe ? second.range : 0..<0 }
    /// The subscription's id, as the client chose it (`SUB`, `UNSUB`).
    public var subscription: Range<Int> { kind == .subscribe || kind == .unsubscribe ? third.range : 0..<0 }
    /// The JSON text of `CONNECT`, and of an `INFO` that is passed over.
    public var options: Range<Int> { kind == .connect || kind == .passedOver ? first.range : 0..<0 }
    /// A message, headers included (`PUB`).
    public var message: Range<Int> { kind == .publish ? third.range : 0..<0 }
    /// How many bytes of the message are headers (`PUB`).
    public var headerCount: Int { kind == .publish ? Int(number) : 0 }
    /// How many messages an `UNSUB` leaves; nil for none.
    public var remaining: Int? { kind == .unsubscribe && number > 0 ? Int(number) : nil }
    /// Where the next operation begins.
    public var end: Int { Int(next) }
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

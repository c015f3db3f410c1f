import NATSWire

/// A message on its way. Its bytes are somebody else's, and valid while it is on its way only.
struct Message {
    /// What it was published on, in the account where it is.
    var subject: UnsafeBufferPointer<UInt8>
    /// Where an answer is expected; empty for nowhere.
    var reply: UnsafeBufferPointer<UInt8>
    /// Headers and payload.
    var body: UnsafeBufferPointer<UInt8>
    /// How many bytes of the body are headers.
    var headerCount: Int
    /// The client that published it; nil where it was the broker itself.
    var publisher: Session?
    /// Whether it came into the account through a service import: then it does not go out by stream imports.
    var hasCrossed = false
    /// How many service imports it came through.
    var crossings = 0
    /// The account of the client that asked, and those that its question came through.
    var path: [AccountSpace] = []

    var payload: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: body[headerCount...]) }
    var headers: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: body[..<headerCount]) }
}

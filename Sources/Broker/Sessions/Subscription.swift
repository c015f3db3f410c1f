import Subjects

/// One subscription of a session. Lives on the broker's loop.
final class Subscription {
    /// Whose it is.
    let session: Session
    /// The id that the client gave it.
    let sid: UnsafeBufferPointer<UInt8>
    let pattern: SubjectPattern
    let queue: QueueName?
    /// Its number in its account's interest.
    let id: SubscriptionID
    /// Messages delivered so far.
    var delivered = 0
    /// After so many messages it ends; nil for never.
    var maximum: Int?
    /// Whether it still stands: routes worked out before it ended may hold it for a moment.
    var isLive = true

    init(session: Session, sid: [UInt8], pattern: SubjectPattern, queue: QueueName?, id: SubscriptionID) {
        self.session = session
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: sid.count)
        _ = copy.initialize(from: sid)
        self.sid = UnsafeBufferPointer(copy)
        self.pattern = pattern
        self.queue = queue
        self.id = id
    }

    deinit { sid.deallocate() }
}

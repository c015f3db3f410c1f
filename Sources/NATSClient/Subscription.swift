/// Messages on a subject, for one task to take.
///
///     let orders = try await connection.subscribe(to: "orders.>")
///     for try await message in orders { handle(message) }
///
/// It survives a connection that is lost and comes back; messages published in between do not come. The sequence ends
/// when the subscription or the connection is ended on this side, and throws when the server does not permit the
/// subscription (`notPermitted`), when messages came faster than they were taken (`slowConsumer`), and when the
/// connection is closed for good. Letting go of it unsubscribes.
public final class Subscription: AsyncSequence, Sendable {
    /// What is subscribed to.
    public let subject: String
    private let id: Int
    private let buffer: MessageBuffer
    private let connection: NATSConnection

    init(_ id: Int, to subject: String, _ buffer: MessageBuffer, of connection: NATSConnection) {
        (self.id, self.subject, self.buffer, self.connection) = (id, subject, buffer, connection)
    }

    deinit { connection.withDriver { [id] in $0.unsubscribe(id) } }

    /// Ends the sequence after what already waits in it.
    public func unsubscribe() { connection.withDriver { [id] in $0.unsubscribe(id) } }

    /// The next message; nil when no more come or the task is cancelled.
    public func next() async throws(NATSFault) -> NATSMessage? { try await buffer.next() }

    /// Takes the messages. Only one task may.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// Takes messages one by one.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let subscription: Subscription

        /// The next message; nil when no more come or the task is cancelled.
        public mutating func next() async throws(NATSFault) -> NATSMessage? { try await subscription.next() }

        /// The next message; nil when no more come or the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(NATSFault) -> NATSMessage? { try await subscription.next() }
    }
}

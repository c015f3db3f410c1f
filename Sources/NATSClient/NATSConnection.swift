import Logging
import NATSWire
import NIOCore
import NIOPosix
import Synchronization

/// A connection to a cluster of NATS servers that comes back by itself.
///
///     var settings = ConnectionSettings(servers: [try ServerAddress("tls://nats.example.com")])
///     settings.credentials = .fixed(creds)
///     let connection = try await NATSConnection.connect(settings)
///     let answer = try await connection.request("orders.count", timeout: .seconds(2))
///     await connection.drain()
///
/// While there is no connection, what is published and asked waits, up to `ConnectionLimits`; what was on its way fails
/// with `connectionLost`, because nobody can say whether it arrived. Everything about it happens on one event loop.
public final class NATSConnection: Sendable {
    private let loop: any EventLoop
    private let driver: NIOLoopBound<ConnectionDriver>
    private let lastID = Atomic(ClientMachine.inboxID)

    private init(_ settings: ConnectionSettings, loop: any EventLoop, logger: Logger) async {
        self.loop = loop
        driver = await withCheckedContinuation { continuation in
            loop.execute {
                let driver = ConnectionDriver(settings, loop: loop, logger: logger)
                continuation.resume(returning: NIOLoopBound(driver, eventLoop: loop))
            }
        }
    }

    deinit { loop.execute { [driver] in driver.value.close() } }

    /// Connects to the first of the servers that takes the credentials; each is tried once.
    ///
    /// - Parameters:
    ///   - group: where the event loop is taken from; nil for that of the whole process.
    ///   - logger: is told of connections, never of what they carry.
    /// - Throws: what stood against the credentials, where a server refused them; otherwise what stood in the way of
    ///   the first server.
    public static func connect(
        _ settings: ConnectionSettings, on group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() }
    ) async throws(NATSFault) -> NATSConnection {
        let loop = (group ?? MultiThreadedEventLoopGroup.singleton).next()
        let connection = await NATSConnection(settings, loop: loop, logger: logger)
        let events = connection.events()
        connection.withDriver { $0.start() }
        for await event in events {
            switch event {
            case .connected: return connection
            case .closed(let fault): throw fault ?? .closed
            default: continue
            }
        }
        connection.close()
        throw .cancelled
    }

    // MARK: Messages

    /// Publishes. Returns when the message is with the socket, or waits for a connection: `flush` says when the server
    /// has it.
    public func publish(
        _ subject: String, reply: String? = nil, headers: MessageHeaders = MessageHeaders(), payload: [UInt8] = []
    ) async throws(NATSFault) {
        let message = OutgoingMessage(subject: subject, reply: reply, headers: headers, payload: payload)
        let fault: NATSFault? = await withCheckedContinuation { continuation in
            withDriver { $0.publish(message) { continuation.resume(returning: $0) } }
        }
        if let fault { throw fault }
    }

    /// Returns when the server has everything that was published before.
    public func flush(timeout: Duration = .seconds(5)) async throws(NATSFault) {
        let ticket = Ticket(nextID())
        let fault: NATSFault? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                withDriver { driver in
                    guard !ticket.isCancelled else { return continuation.resume(returning: .cancelled) }
                    driver.barrier(ticket.id, timeout: timeout) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            ticket.cancel()
            withDriver { $0.end(barrier: ticket.id, .cancelled) }
        }
        if let fault { throw fault }
    }

    /// Subscribes. Whether the server permits it shows in the sequence; after `flush` it is in force, or has been
    /// refused.
    public func subscribe(
        to subject: String, queue: String? = nil, limits: SubscriptionLimits = SubscriptionLimits()
    ) async throws(NATSFault) -> Subscription {
        let (id, buffer) = (nextID(), MessageBuffer(limits))
        let result: Result<Void, NATSFault> = await withCheckedContinuation { continuation in
            withDriver { driver in
                continuation.resume(
                    returning: Result { () throws(NATSFault) in
                        try driver.subscribe(id, to: subject, queue: queue, buffer)
                    })
            }
        }
        try result.get()
        return Subscription(id, to: subject, buffer, of: self)
    }

    /// Publishes a request and returns the first answer.
    ///
    /// - Throws: `noResponders` when nobody listens; `timeout` and `connectionLost` when nobody can say whether the
    ///   request arrived; `notSent` when it did not; `notPermitted`.
    public func request(
        _ subject: String, headers: MessageHeaders = MessageHeaders(), payload: [UInt8] = [], timeout: Duration
    ) async throws(NATSFault) -> NATSMessage {
        let message = OutgoingMessage(subject: subject, headers: headers, payload: payload)
        let ticket = Ticket(nextID())
        let answer: ClientMachine.Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                withDriver { driver in
                    guard !ticket.isCancelled else { return continuation.resume(returning: .fault(.cancelled)) }
                    driver.request(ticket.id, message, expecting: .one, timeout: timeout) {
                        continuation.resume(returning: $0)
                    }
                }
            }
        } onCancel: {
            ticket.cancel()
            withDriver { $0.end(ticket.id, .cancelled) }
        }
        switch answer {
        case .message(let message): return message
        case .fault(let fault): throw fault
        }
    }

    /// Publishes a request that many may answer, and collects what comes.
    ///
    /// - Parameters:
    ///   - count: answers after which no more are waited for; nil for any number.
    ///   - timeout: how long answers are waited for; what came by then is returned.
    ///   - isLast: whether an answer, which is kept, is the last.
    /// - Throws: what kept the request from being sent or answered at all; `connectionLost` also after some answers.
    public func requestMany(
        _ subject: String, headers: MessageHeaders = MessageHeaders(), payload: [UInt8] = [], count: Int? = nil,
        timeout: Duration, limits: SubscriptionLimits = SubscriptionLimits(),
        until isLast: @Sendable (NATSMessage) -> Bool = { _ in false }
    ) async throws(NATSFault) -> CollectedAnswers {
        let message = OutgoingMessage(subject: subject, headers: headers, payload: payload)
        let (id, buffer) = (nextID(), MessageBuffer(limits))
        withDriver { driver in
            driver.request(id, message, expecting: .many, timeout: timeout) { answer in
                switch answer {
                case .message(let message): if !buffer.add(message) { driver.end(id, .slowConsumer) }
                case .fault(let fault): buffer.end(fault)
                }
            }
        }
        defer { withDriver { $0.end(id, .closed) } }
        var answers: [NATSMessage] = []
        do throws(NATSFault) {
            while let message = try await buffer.next() {
                answers.append(message)
                if isLast(message) { return CollectedAnswers(answers: answers, ending: .last) }
                if answers.count == count { return CollectedAnswers(answers: answers, ending: .count) }
            }
        } catch {
            guard error == .timeout else { throw error }
            return CollectedAnswers(answers: answers, ending: .timeout)
        }
        throw .cancelled
    }

    /// What the subjects of answers begin with, on which others may be made.
    func inboxPrefix() async -> String {
        await withCheckedContinuation { continuation in withDriver { continuation.resume(returning: $0.inboxPrefix) } }
    }

    // MARK: The connection

    /// What happens to the connection, beginning with how it is now. Of what is not taken the newest 256 are kept. Ends
    /// when the connection is closed.
    public func events() -> AsyncStream<ConnectionEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionEvent.self, bufferingPolicy: .bufferingNewest(256))
        let id = nextID()
        withDriver { $0.listen(id, continuation) }
        continuation.onTermination = { [weak self] _ in self?.withDriver { $0.ignore(id) } }
        return stream
    }

    /// What the server last said of itself.
    public func announcement() async -> ServerAnnouncement {
        await withCheckedContinuation { continuation in
            withDriver { continuation.resume(returning: $0.announcement) }
        }
    }

    /// Takes no more messages, lets those on their way arrive, and closes. Returns when it is closed.
    public func drain() async {
        let events = events()
        withDriver { $0.drain() }
        for await event in events { if case .closed = event { return } }
    }

    /// Closes at once.
    public func close() { withDriver { $0.close() } }

    func withDriver(_ body: @escaping @Sendable (ConnectionDriver) -> Void) {
        loop.execute { [driver] in body(driver.value) }
    }

    private func nextID() -> Int { lastID.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// What many have answered.
public struct CollectedAnswers: Sendable {
    /// Why no more were waited for.
    public enum Ending: Hashable, Sendable { case last, count, timeout }

    /// The answers, in the order in which they came.
    public let answers: [NATSMessage]
    /// Why no more were waited for.
    public let ending: Ending
}

/// Something that waits, and whether its task was cancelled before it began to.
private final class Ticket: Sendable {
    let id: Int
    private let cancelled = Atomic(false)

    init(_ id: Int) { self.id = id }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}

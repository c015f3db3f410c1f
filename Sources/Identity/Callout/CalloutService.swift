import Logging
import NATSClient
import Synchronization
import Trust

/// Hears a server's questions about its clients, and answers them.
///
///     let service = CalloutService(judge, concurrency: 64, clock: now, logger: logger)
///     try await service.run(on: connection, queue: "callout") { logger.notice("ready") }
///
/// As many judgements as `concurrency` are under way at once; what comes beyond is refused at once, so that nothing waits
/// longer than its server does. Who was refused, and why, is in the log, and nothing of what clients showed.
public final class CalloutService: Sendable {
    /// Where servers ask.
    public static let subject = "$SYS.REQ.USER.AUTH"

    private struct State: Sendable {
        var judge: CalloutJudge
        var underWay = 0
        var concurrency: Int
        var subscription: Subscription?
        var isStopped = false
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> UnixTime
    private let logger: Logger
    private let metrics = CalloutMetrics()

    /// A service that answers by `judge`.
    public init(
        _ judge: CalloutJudge, concurrency: Int, clock: @escaping @Sendable () -> UnixTime, logger: Logger
    ) {
        state = Mutex(State(judge: judge, concurrency: max(1, concurrency)))
        (self.clock, self.logger) = (clock, logger)
    }

    /// Answers what comes from now on by another judge.
    public func replace(_ judge: CalloutJudge, concurrency: Int) {
        state.withLock { ($0.judge, $0.concurrency) = (judge, max(1, concurrency)) }
    }

    /// Hears no more questions; `run` returns when those that were heard are answered.
    public func stop() {
        let subscription = state.withLock { state in
            state.isStopped = true
            return state.subscription
        }
        subscription?.unsubscribe()
    }

    /// Subscribes, and answers until it is stopped.
    ///
    /// - Parameters:
    ///   - queue: the group in which each question reaches one instance; nil when this is the only one.
    ///   - whenReady: called once the servers that are connected send their questions here.
    /// - Throws: when the connection is closed, or the server does not permit it.
    public func run(
        on connection: NATSConnection, queue: String?, whenReady: @Sendable () -> Void
    ) async throws(NATSFault) {
        var isFirst = true
        while !state.withLock({ $0.isStopped }) {
            let subscription = try await connection.subscribe(to: Self.subject, queue: queue)
            let isStopped = state.withLock { state in
                state.subscription = subscription
                return state.isStopped
            }
            if isStopped { subscription.unsubscribe() }
            do throws(NATSFault) {
                try await connection.flush()
                if isFirst { whenReady() }
                isFirst = false
                try await answer(subscription, on: connection)
            } catch {
                // More came than could be refused: what was dropped is refused by its server when its time is over.
                guard error == .slowConsumer else { throw error }
                logger.error("questions came faster than they could be refused: some were not answered")
            }
        }
    }

    private func answer(_ subscription: Subscription, on connection: NATSConnection) async throws(NATSFault) {
        let fault: NATSFault? = await withDiscardingTaskGroup(returning: NATSFault?.self) { group in
            do throws(NATSFault) {
                while let message = try await subscription.next() {
                    let began = ContinuousClock.now
                    let (judge, isFree) = state.withLock { state in
                        let isFree = state.underWay < state.concurrency
                        if isFree { state.underWay += 1 }
                        return (state.judge, isFree)
                    }
                    guard isFree else {
                        let busy = judge.refuseBusy(
                            message.payload, serverKey: Self.serverKey(of: message), at: clock())
                        await self.send(busy, to: message, on: connection, since: began)
                        continue
                    }
                    group.addTask {
                        let answer = await judge.answer(
                            message.payload, serverKey: Self.serverKey(of: message), clock: self.clock)
                        self.state.withLock { $0.underWay -= 1 }
                        await self.send(answer, to: message, on: connection, since: began)
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    private func send(
        _ answer: CalloutAnswer, to message: NATSMessage, on connection: NATSConnection,
        since began: ContinuousClock.Instant
    ) async {
        var answer = answer
        if let payload = answer.payload, let reply = message.reply {
            do throws(NATSFault) { try await connection.publish(reply, payload: payload) } catch {
                logger.error("an answer could not be sent", metadata: ["fault": "\(error)"])
                answer = CalloutAnswer(payload: nil, outcome: answer.outcome, question: answer.question)
            }
        }
        let duration = ContinuousClock.now - began
        metrics.count(answer, after: duration)
        log(answer, duration)
    }

    private static func serverKey(of message: NATSMessage) -> String? {
        guard !message.headerBytes.isEmpty, let headers = try? message.headers() else { return nil }
        return headers[CalloutRequest.keyHeader]
    }

    // MARK: The log

    private func log(_ answer: CalloutAnswer, _ duration: Duration) {
        var details: Logger.Metadata = ["took": "\(duration)"]
        if let question = answer.question {
            details["server"] = "\(question.server)"
            details["host"] = "\(question.host)"
            details["connection"] = "\(question.connection)"
            if !question.client.isEmpty { details["client"] = "\(question.client)" }
        }
        switch answer.outcome {
        case .granted(let user):
            if let role = user.role { details["role"] = "\(Self.line(role))" }
            details["user"] = "\(Self.line(user.name))"
            details["token"] = "\(user.tokenID)"
            switch user.target {
            case .account(let key): details["account"] = "\(key)"
            case .named(let name): details["account"] = "\(Self.line(name))"
            }
            logger.info("granted", metadata: details)
        case .refused(let findings):
            details["rules"] = "\(Set(findings.map(\.code)).sorted().joined(separator: " "))"
            details["why"] =
                "\(Self.line(findings.prefix(8).map { "\($0.code) \($0.place) \($0.message)" }.joined(separator: "; ")))"
            logger.warning(answer.payload == nil ? "not answered" : "refused", metadata: details)
        }
    }

    /// One line: what stands in a token is foreign text.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(1024).map { $0.isControl ? " " : $0 }))
    }
}

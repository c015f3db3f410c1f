import NATSWire
import Subjects
import Trust

extension BrokerCore {
    /// Queue groups of this name belong to servers.
    private static let reservedQueue = Array("_sys_".utf8)

    func subscribe(_ frame: ClientFrame, _ bytes: UnsafeBufferPointer<UInt8>, _ session: Session) {
        guard let space = session.space, let permissions = session.permissions else { return }
        let subject = UnsafeBufferPointer(rebasing: bytes[frame.subject])
        let queueText = frame.queue.isEmpty ? nil : Array(UnsafeBufferPointer(rebasing: bytes[frame.queue]))
        let sid = Array(UnsafeBufferPointer(rebasing: bytes[frame.subscription]))
        guard let pattern = try? SubjectPattern(utf8: subject) else {
            return complain(ErrorText.invalidSubject, to: session)
        }
        let queue = queueText.flatMap { text in text.withUnsafeBufferPointer { try? QueueName(utf8: $0) } }
        if queueText != nil, queue == nil || queueText == Self.reservedQueue {
            return violation(session, pattern, queueText, nil, "a queue group that no client may join")
        }
        if let limit = settings.limits.subscriptionTokens, pattern.tokenCount > limit {
            return complain(ErrorText.tooManyTokens(subject), to: session)
        }
        let decision: Decision
        if let queue {
            decision = permissions.rules.decide(subscribe: pattern, queue: queue)
        } else {
            decision = permissions.rules.decide(subscribe: pattern)
        }
        guard decision.isAllowed else { return violation(session, pattern, queueText, decision, nil) }
        if session.subscriptions[sid] != nil { return confirm(session) }
        if let limit = session.limits.subscriptions, session.subscriptions.count >= limit {
            return complain(ErrorText.subscriptions, to: session)
        }
        session.subscriptions[sid] = space.subscribe(session, sid: sid, to: pattern, queue: queue)
        sample(.subscribe, decision, pattern.text, queueText, session)
        confirm(session)
    }

    private func violation(
        _ session: Session, _ pattern: SubjectPattern, _ queue: [UInt8]?, _ decision: Decision?, _ note: String?
    ) {
        let text = pattern.withUTF8 { ErrorText.subscription($0, queue: queue) }
        complain(text, to: session)
        violated(
            session, .subscribe, pattern.text, queue: queue.map { String(decoding: $0, as: UTF8.self) }, decision, note)
    }

    func unsubscribe(_ frame: ClientFrame, _ bytes: UnsafeBufferPointer<UInt8>, _ session: Session) {
        let sid = Array(UnsafeBufferPointer(rebasing: bytes[frame.subscription]))
        if let subscription = session.subscriptions[sid] {
            subscription.maximum = frame.remaining
            if subscription.delivered >= frame.remaining ?? 0 { end(subscription) }
        }
        confirm(session)
    }

    /// Ends a subscription.
    func end(_ subscription: Subscription) {
        let session = subscription.session
        guard subscription.isLive, let space = session.space else { return }
        session.subscriptions[Array(subscription.sid)] = nil
        space.unsubscribe(subscription)
    }

    /// Ends the subscriptions that a session's permissions allow no longer, and says so for each.
    func judgeSubscriptions(of session: Session) {
        guard let rules = session.permissions?.rules else { return }
        let all = session.subscriptions.values.sorted { $0.id.rawValue < $1.id.rawValue }
        for subscription in all {
            let decision =
                if let queue = subscription.queue {
                    rules.decide(subscribe: subscription.pattern, queue: queue)
                } else {
                    rules.decide(subscribe: subscription.pattern)
                }
            if decision.isAllowed { continue }
            end(subscription)
            let queue = subscription.queue.map { $0.withUTF8 { Array($0) } }
            let text = subscription.pattern.withUTF8 {
                ErrorText.subscription($0, queue: queue, sid: Array(subscription.sid))
            }
            complain(text, to: session)
            violated(
                session, .subscribe, subscription.pattern.text, queue: subscription.queue?.text, decision, nil)
        }
        // What a deny stops at delivery is part of the routes.
        session.space?.change()
    }
}

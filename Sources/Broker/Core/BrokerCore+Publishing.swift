import NATSWire
import Subjects
import Trust

extension BrokerCore {
    private static var empty: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

    /// What is asked for each message of a client, looked up once for many of them.
    struct Publishing {
        let space: AccountSpace
        let permissions: CompiledPermissions
        let rules: Permissions
        let routes: RouteTable
        /// Whether most messages need nothing but their route.
        let isDirect: Bool

        init?(_ session: Session, isSampling: Bool) {
            guard let space = session.space, let permissions = session.permissions else { return nil }
            (self.space, self.permissions) = (space, permissions)
            rules = permissions.rules
            routes = space.routes
            isDirect = session.isPlainPublisher && space.mappings.isEmpty && !isSampling
        }
    }

    /// A client publishes. The usual way is here: a route that is known, permissions that allow it, and subscribers.
    @inline(__always)
    func publish(
        _ frame: ClientFrame, _ bytes: UnsafeBufferPointer<UInt8>, _ session: Session, _ publishing: Publishing
    ) {
        let subject = UnsafeBufferPointer(rebasing: bytes[frame.subject])
        if publishing.isDirect, !frame.hasHeaders, frame.reply.isEmpty, let found = publishing.routes.find(subject) {
            let isDone = found._withUnsafeGuaranteedRef { route in
                guard let direct = route.direct, publishing.rules.decide(publishValid: subject).isAllowed else {
                    return false
                }
                if direct.isEmpty { return true }
                // A receiver that is closed for being slow may be told of, and the table changed by that: the route is kept.
                withExtendedLifetime(found.takeUnretainedValue()) {
                    let message = UnsafeBufferPointer(rebasing: bytes[frame.message])
                    for subscription in direct {
                        subscription._withUnsafeGuaranteedRef { write(message, subject, to: $0, from: session) }
                    }
                }
                return true
            }
            if isDone { return }
        }
        let message = Message(
            subject: subject,
            reply: frame.reply.isEmpty ? Self.empty : UnsafeBufferPointer(rebasing: bytes[frame.reply]),
            body: UnsafeBufferPointer(rebasing: bytes[frame.message]), headerCount: frame.headerCount,
            publisher: session)
        publishSlowly(frame, message, session, publishing.space, publishing.permissions)
    }

    /// Writes a message without a reply and without headers to one subscriber.
    @inline(__always)
    private func write(
        _ message: UnsafeBufferPointer<UInt8>, _ subject: UnsafeBufferPointer<UInt8>, to subscription: Subscription,
        from publisher: Session
    ) {
        let session = subscription.session
        guard subscription.isLive, session.echoes || session !== publisher else { return }
        subscription.delivered &+= 1
        write(subject, Self.empty, message, 0, subscription, session)
        if let maximum = subscription.maximum, subscription.delivered >= maximum { end(subscription) }
    }

    /// A client publishes: every way there is.
    @inline(never)
    private func publishSlowly(
        _ frame: ClientFrame, _ message: Message, _ session: Session, _ space: AccountSpace,
        _ permissions: CompiledPermissions
    ) {
        if frame.hasHeaders, !session.hasHeaders { return close(session, .malformed) }
        if !message.reply.isEmpty, isReservedReply(message.reply) {
            complain(ErrorText.reply(message.reply), to: session)
            return violated(
                session, .publish, String(decoding: message.subject, as: UTF8.self), queue: nil, nil,
                "a reply subject that servers keep for themselves")
        }
        guard let subject = try? Subject(utf8: message.subject) else {
            return publishNowhere(message, session)
        }
        var mapped = subject
        switch space.mapped(subject) {
        case .subject(let other): mapped = other
        case .dropped, .invalid: return confirm(session)
        }
        guard isAllowed(mapped, message, session, permissions) else { return }
        if frame.hasHeaders, let stripped = RequestDetails.stripped(message.headers) {
            // What a client says of who asks counts for nothing.
            let body = stripped + Array(message.payload)
            body.withUnsafeBufferPointer { body in
                var clean = message
                clean.body = body
                clean.headerCount = stripped.count
                send(clean, to: mapped, session, space)
            }
            return
        }
        send(message, to: mapped, session, space)
    }

    private func send(_ message: Message, to subject: Subject, _ session: Session, _ space: AccountSpace) {
        let delivered = subject.withUTF8 { bytes in
            var message = message
            message.subject = bytes
            return publish(message, on: subject, in: space)
        }
        if delivered == 0, !message.reply.isEmpty, session.options.wantsNoResponders {
            answerNoResponders(to: message.reply, about: subject.text, session, space)
        }
        confirm(session)
    }

    /// A subject that is none: nobody can listen to it.
    private func publishNowhere(_ message: Message, _ session: Session) {
        if session.options.isPedantic { complain(ErrorText.invalidPublishSubject, to: session) }
        if let pattern = try? SubjectPattern(utf8: message.subject), !pattern.isLiteral {
            complain(ErrorText.publish(message.subject), to: session)
            return violated(session, .publish, pattern.text, queue: nil, nil, "a wildcard is no subject of a message")
        }
        if !message.reply.isEmpty, session.options.wantsNoResponders, let space = session.space {
            let subject = String(decoding: message.subject, as: UTF8.self)
            answerNoResponders(to: message.reply, about: subject, session, space)
        }
        confirm(session)
    }

    /// Whether a client may publish here; it is told when not.
    private func isAllowed(
        _ subject: Subject, _ message: Message, _ session: Session, _ permissions: CompiledPermissions
    ) -> Bool {
        var decision = permissions.rules.decide(publish: subject)
        if !decision.isAllowed, session.replies != nil {
            // Taken out of its place, so that it is not copied.
            if var ledger = session.replies.take() {
                decision = permissions.rules.decide(publish: subject, replies: &ledger, at: now)
                session.replies = ledger
            }
        }
        let isReserved = subject.withUTF8 { session.space?.isReserved($0) ?? true }
        if decision.isAllowed, !isReserved {
            sample(.publish, decision, subject.text, nil, session)
            return true
        }
        subject.withUTF8 { complain(ErrorText.publish($0), to: session) }
        violated(
            session, .publish, subject.text, queue: nil, decision,
            isReserved ? "a subject that servers keep for themselves" : nil)
        return false
    }

    private func isReservedReply(_ reply: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = reply.first else { return false }
        if first == UInt8(ascii: "_") { return reply.starts(with: "_R_.".utf8) || reply.starts(with: "_GR_.".utf8) }
        return first == UInt8(ascii: "$") && reply.starts(with: "$JS.ACK.".utf8)
    }

    /// Nobody heard a request: its own connection is told, where it listens for the answer.
    private func answerNoResponders(
        to reply: UnsafeBufferPointer<UInt8>, about subject: String, _ session: Session, _ space: AccountSpace
    ) {
        guard let answer = try? Subject(utf8: reply) else { return }
        let route = route(for: answer, in: space)
        guard let delivery = route.plain.first(where: { $0.subscription.session === session }) else { return }
        let headers = MessageHeaders(
            [.init("Nats-Subject", subject)], status: .init(MessageHeaders.Status.noResponders))
        guard let body = try? headers.bytes() else { return }
        body.withUnsafeBufferPointer { body in
            _ = deliver(
                delivery,
                Message(subject: reply, reply: Self.empty, body: body, headerCount: body.count, publisher: nil))
        }
    }

    // MARK: Routing

    /// The route of a subject, worked out when it is not known.
    func route(for subject: Subject, in space: AccountSpace) -> Route {
        if let known = subject.withUTF8({ space.routes.find($0) }) { return known.takeUnretainedValue() }
        let services = space.isSystem ? systemServices + accountServices : accountServices
        let route = space.makeRoute(subject, services: services)
        space.routes.insert(route)
        return route
    }

    /// Sends a message on its way in an account, its mappings applied already.
    ///
    /// - Returns: how many got it.
    func publish(_ message: Message, on subject: Subject, in space: AccountSpace) -> Int {
        if AwaitedReply.isAwaitedSubject(message.subject) {
            let entry = space.awaited[message.subject]
            // Its subject is used once: no route is kept for it.
            let route = space.makeRoute(subject, services: [])
            let delivered = dispatch(route, message, in: space)
            guard let entry else { return delivered }
            return delivered + answer(entry, message, in: space)
        }
        return dispatch(route(for: subject, in: space), message, in: space)
    }

    /// Delivers a message to everybody that its route leads to.
    func dispatch(_ route: Route, _ message: Message, in space: AccountSpace) -> Int {
        var delivered = 0
        for delivery in route.plain {
            if message.hasCrossed, delivery.localSubject != nil { continue }
            if deliver(delivery, message) { delivered &+= 1 }
        }
        for group in route.queues where deliver(toOneOf: group.members, message) { delivered &+= 1 }
        for crossing in route.crossings { delivered &+= cross(crossing, message, from: space) }
        for service in route.services {
            delivered &+= 1
            service.handle(
                self,
                BrokerRequest(
                    space: space, subject: route.subject, reply: Array(message.reply), headers: Array(message.headers),
                    payload: Array(message.payload), publisher: message.publisher))
        }
        return delivered
    }

    /// One member of a queue group gets the message: by chance, and the next where one cannot.
    private func deliver(toOneOf members: [Delivery], _ message: Message) -> Bool {
        let first = Int(truncatingIfNeeded: roll() % UInt64(truncatingIfNeeded: members.count))
        for step in members.indices {
            let place = first &+ step
            let delivery = members[place < members.count ? place : place &- members.count]
            if message.hasCrossed, delivery.localSubject != nil { continue }
            if deliver(delivery, message) { return true }
        }
        return false
    }

    /// A number by chance (xorshift).
    private func roll() -> UInt64 {
        dice ^= dice << 13
        dice ^= dice >> 7
        dice ^= dice << 17
        return dice
    }

    /// Writes a message to one subscriber.
    ///
    /// - Returns: whether it was: not to a subscription that has ended, nor back to a client that does not want that.
    @inline(__always)
    func deliver(_ delivery: Delivery, _ message: Message) -> Bool {
        let subscription = delivery.subscription
        let session = subscription.session
        guard subscription.isLive else { return false }
        if !session.echoes, message.publisher === session { return false }
        subscription.delivered &+= 1
        if session.replies != nil, !message.reply.isEmpty { noteRequest(message.reply, session) }
        var body = message.body
        var headerCount = message.headerCount
        if headerCount > 0, !session.hasHeaders {
            body = message.payload
            headerCount = 0
        }
        if let local = delivery.localSubject {
            local.withUnsafeBufferPointer { write($0, message.reply, body, headerCount, subscription, session) }
        } else {
            write(message.subject, message.reply, body, headerCount, subscription, session)
        }
        if let maximum = subscription.maximum, subscription.delivered >= maximum { end(subscription) }
        return true
    }

    @inline(__always)
    private func write(
        _ subject: UnsafeBufferPointer<UInt8>, _ reply: UnsafeBufferPointer<UInt8>,
        _ body: UnsafeBufferPointer<UInt8>, _ headerCount: Int, _ subscription: Subscription, _ session: Session
    ) {
        session.output.appendMessage(
            subject: subject, subscription: subscription.sid, reply: reply, message: body, headerCount: headerCount)
        session.counters.outMessages &+= 1
        session.counters.outBytes &+= UInt64(truncatingIfNeeded: body.count)
        mark(session)
        if session.output.count > Self.handedOver { handOverEarly(session) }
    }

    /// The client may answer a request that it gets.
    @inline(never)
    private func noteRequest(_ reply: UnsafeBufferPointer<UInt8>, _ session: Session) {
        guard let subject = try? Subject(utf8: reply), let rules = session.permissions?.rules,
            var ledger = session.replies.take()
        else { return }
        rules.noteDelivery(reply: subject, in: &ledger, at: now)
        session.replies = ledger
    }

    /// Publishes what the broker itself says.
    ///
    /// - Returns: how many got it.
    @discardableResult
    func publish(
        _ payload: [UInt8], on subject: Subject, reply: [UInt8] = [], headers: [UInt8] = [], in space: AccountSpace
    ) -> Int {
        let body = headers + payload
        return body.withUnsafeBufferPointer { body in
            reply.withUnsafeBufferPointer { reply in
                subject.withUTF8 { bytes in
                    publish(
                        Message(
                            subject: bytes, reply: reply, body: body, headerCount: headers.count, publisher: nil),
                        on: subject, in: space)
                }
            }
        }
    }

    /// Answers a request to the broker itself; nothing where no answer is asked for.
    func respond(to request: BrokerRequest, with payload: [UInt8], headers: [UInt8] = []) {
        guard !request.reply.isEmpty,
            let subject = request.reply.withUnsafeBufferPointer({ try? Subject(utf8: $0) })
        else { return }
        publish(payload, on: subject, headers: headers, in: request.space)
    }
}

extension AccountSpace {
    /// What becomes of a message.
    enum Mapped {
        case subject(Subject)
        /// It is lost on purpose.
        case dropped
        /// The mapping makes no subject of it.
        case invalid
    }

    /// Applies the account's mappings: the first that matches.
    func mapped(_ subject: Subject) -> Mapped {
        guard let mapping = mappings.first(where: { $0.source.matches(subject) }) else { return .subject(subject) }
        var generator = SystemRandomNumberGenerator()
        switch mapping.apply(to: subject, using: &generator) {
        case .subject(let other): return .subject(other)
        case .unmatched: return .subject(subject)
        case .dropped: return .dropped
        case .invalid: return .invalid
        }
    }
}

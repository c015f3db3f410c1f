import NATSWire

/// What a user of the connection asks for.
extension ClientMachine {
    /// Publishes, now or when there is a connection again.
    mutating func publish(_ message: OutgoingMessage) throws(NATSFault) -> [Effect] {
        try dispatch(try bytes(of: message, reply: message.reply), request: nil)
    }

    /// Publishes a request whose answers come to `id`, which no other request has had.
    mutating func request(
        _ id: Int, _ message: OutgoingMessage, expecting expectation: Expectation
    ) throws(NATSFault) -> [Effect] {
        guard requests.count < settings.limits.requests else { throw .overloaded }
        let bytes = try bytes(of: message, reply: "\(inbox).\(id)")
        var effects: [Effect] = []
        if !hasInbox {
            let subscription = try Self.bytes(inboxSubscription)
            hasInbox = true
            if case .ready = phase { effects.append(.send(subscription)) }
        }
        requests[id] = Request(subject: message.subject, expects: expectation)
        do throws(NATSFault) { return effects + (try dispatch(bytes, request: id)) } catch {
            requests[id] = nil
            throw error
        }
    }

    /// No more answers are wanted. If the request has not been sent it never is.
    ///
    /// - Returns: whether it was still waiting to be sent.
    mutating func forget(request id: Int) -> Bool {
        guard let request = requests.removeValue(forKey: id) else { return false }
        guard !request.isSent, let index = waiting.firstIndex(where: { $0.request == id }) else { return false }
        waitingBytes -= waiting.remove(at: index).bytes.count
        return true
    }

    mutating func subscribe(_ id: Int, to subject: String, queue: String?) throws(NATSFault) -> [Effect] {
        guard phase != .closed, !isDraining else { throw .closed }
        let bytes = try Self.bytes(.subscribe(subject: subject, queue: queue, id: "\(id)"))
        interests[id] = Interest(subject: subject, queue: queue)
        guard case .ready = phase else { return [] }
        return [.send(bytes)]
    }

    mutating func unsubscribe(_ id: Int) -> [Effect] {
        guard interests.removeValue(forKey: id) != nil else { return [] }
        guard case .ready = phase, let bytes = try? Self.bytes(.unsubscribe(id: "\(id)")) else { return [] }
        return [.send(bytes)]
    }

    /// Everything that was published before is at the server when the barrier is passed.
    mutating func barrier(_ id: Int) throws(NATSFault) -> [Effect] {
        guard phase != .closed else { throw .closed }
        guard pings.count + waitingBarriers.count < settings.limits.requests else { throw .overloaded }
        guard case .ready = phase else {
            waitingBarriers.append(id)
            return []
        }
        pings.append(.barrier(id))
        return [.send(Self.ping)]
    }

    mutating func forget(barrier id: Int) { waitingBarriers.removeAll { $0 == id } }

    /// Takes no more messages, lets those on their way arrive, and closes.
    mutating func drain() -> [Effect] {
        guard !isDraining, phase != .closed else { return [] }
        isDraining = true
        guard case .ready = phase else { return close(nil) }
        var bytes: [UInt8] = []
        for id in interests.keys.sorted() { bytes += (try? Self.bytes(.unsubscribe(id: "\(id)"))) ?? [] }
        pings.append(.drain)
        return [.send(bytes + Self.ping), .start(.drain, settings.connectTimeout)]
    }

    private func bytes(of message: OutgoingMessage, reply: String?) throws(NATSFault) -> [UInt8] {
        guard phase != .closed else { throw .closed }
        let headers: [UInt8]
        do throws(WireFault) { headers = try message.headers.bytes() } catch { throw .invalid(error) }
        guard headers.isEmpty || announcement.hasHeaders else { throw .invalid(.field("headers")) }
        let size = headers.count + message.payload.count
        guard size <= announcement.payloadLimit else {
            throw .payloadTooLong(bytes: size, limit: announcement.payloadLimit)
        }
        return try Self.bytes(
            .publish(subject: message.subject, reply: reply, headers: headers, payload: message.payload))
    }

    private mutating func dispatch(_ bytes: [UInt8], request id: Int?) throws(NATSFault) -> [Effect] {
        guard !isDraining else { throw .closed }
        if case .ready = phase {
            if let id { requests[id]?.isSent = true }
            return [.send(bytes)]
        }
        guard waitingBytes + bytes.count <= settings.limits.outbox else { throw .overloaded }
        waiting.append(Waiting(bytes: bytes, request: id))
        waitingBytes += bytes.count
        return []
    }
}

/// A message to be published.
struct OutgoingMessage: Sendable {
    var subject: String
    var reply: String?
    var headers = MessageHeaders()
    var payload: [UInt8] = []
}

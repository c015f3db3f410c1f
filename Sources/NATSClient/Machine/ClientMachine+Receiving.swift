import NATSWire

/// What the server says.
extension ClientMachine {
    mutating func receive(_ operation: ServerOperation) -> [Effect] {
        switch (phase, operation) {
        case (.announced(let server), .info(let text)): return announce(server, text)
        case (.announced, .error(let text)), (.identifying, .error(let text)): return partWith(text)
        case (.announced, _): return lose(.protocolViolation(.unknownOperation))
        case (.authenticating(let server), .pong) where pings.first == .handshake:
            pings.removeFirst()
            return becomeReady(server)
        case (.authenticating, .error(let text)): return partWith(text)
        case (.authenticating, .info(let text)), (.identifying, .info(let text)), (.ready, .info(let text)):
            return learn(text)
        case (.authenticating, .ping), (.ready, .ping): return [.send(Self.pong)]
        case (.ready, .message(let message)): return deliver(message)
        case (.ready, .pong): return pass()
        case (.ready, .error(let text)): return complain(text)
        default: return []
        }
    }

    /// An error during the handshake: the server closes.
    private mutating func partWith(_ text: String) -> [Effect] {
        lose(NATSFault.Refusal(serverText: text).map { .refused($0) } ?? .server(Self.quoted(text)))
    }

    /// Another INFO: the cluster, the limits of this user, or that the server stops.
    private mutating func learn(_ text: [UInt8]) -> [Effect] {
        let news: ServerAnnouncement
        do throws(WireFault) { news = try ServerAnnouncement(parsing: text) } catch {
            return lose(.protocolViolation(error))
        }
        announcement.payloadLimit = news.payloadLimit
        announcement.account = news.account ?? announcement.account
        if !news.clusterAddresses.isEmpty { announcement.clusterAddresses = news.clusterAddresses }
        guard case .ready(let server) = phase else { return [] }
        if !news.clusterAddresses.isEmpty { pool.learn(news.clusterAddresses, from: server) }
        return [.raisePayload(news.payloadLimit)] + (news.isLeaving ? [.tell(.serverLeaving)] : [])
    }

    private mutating func deliver(_ wire: ServerOperation.Message) -> [Effect] {
        guard let id = Int(String(decoding: wire.subscription, as: UTF8.self)) else { return [] }
        let message = NATSMessage(wire)
        guard id == Self.inboxID else { return interests[id] == nil ? [] : [.deliver(id, message)] }
        guard message.subject.hasPrefix("\(inbox)."), let request = Int(message.subject.dropFirst(inbox.count + 1)),
            let expectation = requests[request]?.expects
        else { return [] }
        if message.payload.isEmpty, message.status?.code == MessageHeaders.Status.noResponders {
            requests[request] = nil
            return [.answer(request, .fault(.noResponders))]
        }
        if case .one = expectation { requests[request] = nil }
        return [.answer(request, .message(message))]
    }

    private mutating func pass() -> [Effect] {
        guard !pings.isEmpty else { return [] }
        switch pings.removeFirst() {
        case .handshake, .keepAlive: return []
        case .barrier(let id): return [.passed(id, nil)]
        case .drain: return close(nil)
        }
    }

    /// An error on a connection that stands. Some end it, and then the server closes; those about permissions do not.
    private mutating func complain(_ text: String) -> [Effect] {
        let lowered = text.lowercased()
        let said = Self.quoted(text)
        if lowered.hasPrefix("permissions violation") {
            return [.tell(.notPermitted(said))] + refuse(text, NATSFault.notPermitted(said))
        }
        if ["maximum subscriptions exceeded", "invalid subject", "invalid publish subject"]
            .contains(where: { lowered.hasPrefix($0) })
        {
            return [.tell(.serverError(said))]
        }
        parting = NATSFault.Refusal(serverText: text).map { .refused($0) } ?? .server(said)
        return []
    }

    /// Ends what a permission violation is about.
    private mutating func refuse(_ text: String, _ fault: NATSFault) -> [Effect] {
        let names = Self.quotedNames(in: text)
        guard let subject = names.first else { return [] }
        let isPublish = text.lowercased().hasPrefix("permissions violation for publish to")
        guard text.lowercased().hasPrefix("permissions violation for subscription") else {
            guard isPublish else { return [] }
            return fail(fault) { $0.isSent && $0.subject == subject }
        }
        if subject == "\(inbox).*" {
            hasInbox = false
            return fail(fault) { _ in true }
        }
        let queue = text.contains("using queue \"") && names.count > 1 ? names[1] : nil
        let ended = interests.filter { $0.value.subject == subject && $0.value.queue == queue }.keys.sorted()
        for id in ended { interests[id] = nil }
        return ended.map { .end($0, fault) }
    }

    private mutating func fail(_ fault: NATSFault, where isMeant: (Request) -> Bool) -> [Effect] {
        let failed = requests.filter { isMeant($0.value) }.keys.sorted()
        for id in failed { _ = forget(request: id) }
        return failed.map { .answer($0, .fault(fault)) }
    }

    /// What stands in double quotes, as Go quotes it.
    static func quotedNames(in text: String) -> [String] {
        var (names, name, isEscaped) = ([String](), String?.none, false)
        for character in text {
            guard let open = name else {
                if character == "\"" { name = "" }
                continue
            }
            if isEscaped || (character != "\\" && character != "\"") {
                name = open + String(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                names.append(open)
                name = nil
            }
        }
        return names
    }

    /// At most 256 characters, and none that would begin a new line of a log.
    static func quoted(_ text: String) -> String {
        String(
            text.prefix(256).map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ? $0 : "?" })
    }
}

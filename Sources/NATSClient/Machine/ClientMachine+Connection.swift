import NATSWire

/// How a connection comes about, is lost, and comes back.
extension ClientMachine {
    var isInTLSAtOnce: Bool { settings.tls?.start == .atOnce }

    mutating func open() -> [Effect] {
        guard let server = pool.turn() else { return close(.address("no server is given")) }
        phase = .opening(server)
        isSecured = false
        parting = nil
        return [.start(.handshake, settings.connectTimeout), .open(server, inTLS: isInTLSAtOnce)]
    }

    mutating func announce(_ server: ServerAddress, _ text: [UInt8]) -> [Effect] {
        do throws(WireFault) { announcement = try ServerAnnouncement(parsing: text) } catch {
            return lose(.protocolViolation(error))
        }
        guard !isSecured else { return identify(server) }
        let isWanted = settings.tls != nil || server.scheme == .tls
        guard isWanted || announcement.requiresTLS else { return identify(server) }
        guard announcement.requiresTLS || announcement.offersTLS else {
            return lose(.tls(server: "\(server)", reason: "the server does not offer it"))
        }
        phase = .securing(server)
        return [.startTLS(server)]
    }

    mutating func identify(_ server: ServerAddress) -> [Effect] {
        phase = .identifying(server)
        return [.authenticate(nonce: announcement.nonce)]
    }

    mutating func authenticate(_ server: ServerAddress, as identity: ClientIdentity) -> [Effect] {
        var options = ConnectOptions()
        (options.token, options.signature, options.key) = (identity.token, identity.signature, identity.key)
        (options.user, options.password, options.name) = (identity.user, identity.password, settings.name)
        (options.usesHeaders, options.usesTLS) = (announcement.hasHeaders, isSecured)
        options.version = "1"
        guard let connect = try? Self.bytes(.connect(options.utf8)) else { return lose(.invalid(.field("options"))) }
        phase = .authenticating(server)
        pings = [.handshake]
        return [.send(connect + Self.ping)]
    }

    /// The server has taken the credentials: subscriptions first, then what waited.
    mutating func becomeReady(_ server: ServerAddress) -> [Effect] {
        phase = .ready(server)
        hasBeenReady = true
        (failures, refusals, worst) = (0, 0, nil)
        pool.learn(announcement.clusterAddresses, from: server)
        var bytes: [UInt8] = []
        if hasInbox { bytes += (try? Self.bytes(inboxSubscription)) ?? [] }
        for (id, interest) in interests.sorted(by: { $0.key < $1.key }) {
            bytes += (try? Self.bytes(.subscribe(subject: interest.subject, queue: interest.queue, id: "\(id)"))) ?? []
        }
        for entry in waiting {
            bytes += entry.bytes
            if let id = entry.request { requests[id]?.isSent = true }
        }
        for barrier in waitingBarriers {
            bytes += Self.ping
            pings.append(.barrier(barrier))
        }
        (waiting, waitingBytes, waitingBarriers) = ([], 0, [])
        return [
            .stop(.handshake), .start(.ping, settings.pingInterval), .raisePayload(announcement.payloadLimit),
            .tell(.connected(server)),
        ] + (bytes.isEmpty ? [] : [.send(bytes)])
    }

    var inboxSubscription: ClientOperation { .subscribe(subject: "\(inbox).*", id: "\(Self.inboxID)") }

    /// The connection is gone.
    mutating func lose(_ fault: NATSFault) -> [Effect] {
        let wasReady: Bool
        switch phase {
        case .idle, .waiting, .closed: return []
        case .ready: wasReady = true
        default: wasReady = false
        }
        let cause = parting ?? fault
        var effects: [Effect] = [.drop, .stop(.handshake), .stop(.ping)] + failWhatWasSent()
        if isDraining { return effects + close(nil) }
        if !wasReady {
            failures += 1
            if cause.isAboutCredentials { refusals += 1 }
            if worst == nil || cause.isAboutCredentials { worst = cause }
        }
        effects.append(.tell(.disconnected(cause)))
        if !hasBeenReady {
            guard failures < settings.servers.count else { return effects + close(worst) }
            return effects + open()
        }
        if isHopeless { return effects + close(cause) }
        phase = .waiting
        return effects + [.start(.reconnect, wait())]
    }

    private var isHopeless: Bool {
        let count = max(pool.count, 1)
        if settings.reconnection.whenRefused == .close, refusals >= 2 * count { return true }
        guard let rounds = settings.reconnection.rounds else { return false }
        return failures >= rounds.multipliedReportingOverflow(by: count).partialValue
    }

    /// Doubles with each round; shortened by chance by up to half, so that clients do not come back all at once.
    private mutating func wait() -> Duration {
        let round = min(failures / max(pool.count, 1), 16)
        let whole = min(settings.reconnection.firstWait * (1 << round), settings.reconnection.longestWait)
        return whole * (Double.random(in: 0.5...1, using: &random))
    }

    /// What was on its way is lost, or not: nobody can say. What still waits to be sent goes on waiting.
    private mutating func failWhatWasSent() -> [Effect] {
        var effects: [Effect] = []
        for (id, request) in requests.sorted(by: { $0.key < $1.key }) where request.isSent {
            requests[id] = nil
            effects.append(.answer(id, .fault(.connectionLost)))
        }
        for case .barrier(let id) in pings { effects.append(.passed(id, .connectionLost)) }
        pings = []
        return effects
    }

    /// Ends everything, for good.
    mutating func close(_ fault: NATSFault?) -> [Effect] {
        guard phase != .closed else { return [] }
        phase = .closed
        var effects: [Effect] = [.drop, .stop(.handshake), .stop(.ping), .stop(.reconnect), .stop(.drain)]
        effects += failWhatWasSent()
        for id in requests.keys.sorted() { effects.append(.answer(id, .fault(fault ?? .closed))) }
        for id in waitingBarriers { effects.append(.passed(id, fault ?? .closed)) }
        for id in interests.keys.sorted() { effects.append(.end(id, fault)) }
        (requests, interests, waiting, waitingBytes, waitingBarriers) = ([:], [:], [], 0, [])
        return effects + [.tell(.closed(fault))]
    }
}

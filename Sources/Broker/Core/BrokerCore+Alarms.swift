import NATSWire
import Subjects
import Trust

extension BrokerCore {
    private static let second: UInt64 = 1_000_000_000

    /// The time may have come for something.
    func ring() {
        enter()
        while let kind = alarms.pop(at: now) {
            switch kind {
            case .authentication(let id, let attempt):
                guard let session = sessions[id], session.attempt == attempt, session.phase != .ready else { continue }
                counters.refused &+= 1
                let isWaiting = session.phase == .judging
                let reason: ClosingReason = isWaiting ? .authenticationFailure : .authenticationTimeout
                let finding = Finding(
                    isWaiting ? .accountUnknown : .userProof, at: "connection",
                    .text("the client could not be judged in time"))
                host.note(.refused(address: session.peer.host, user: nil, reason: reason, rules: [finding]))
                observer?.refused(session, [finding], in: self)
                close(session, reason)
            case .ping(let id, let attempt):
                if let session = sessions[id], session.phase == .ready, session.attempt == attempt {
                    askIfAlive(session)
                }
            case .expiry(let id, let attempt):
                if let session = sessions[id], session.phase == .ready, session.attempt == attempt { expire(session) }
            case .trust:
                // One that an earlier alarm has taken the place of says nothing.
                guard let due = trustAlarm, due <= now else { continue }
                trustAlarm = nil
                advanceTrust()
            case .replies: sweepReplies()
            case .routes: sweepRoutes()
            case .lameDuck: sendOneAway()
            }
        }
        leave()
    }

    /// The first PING comes soon, for the time that it takes; an expiry that is near has an alarm of its own.
    func setFirstAlarms(of session: Session) {
        let interval = settings.times.pingInterval.nanoseconds
        // Not all at once after a restart.
        let jitter = UInt64.random(in: 0...(interval / 50 &+ 1))
        alarms.set(
            .ping(session: session.id, attempt: session.attempt), at: now &+ min(interval, 2 * Self.second) &+ jitter)
        setExpiryAlarm(of: session, within: min(interval, 2 * Self.second) &+ jitter)
    }

    /// Sets an alarm for the end of a user's time, if it comes before the next PING: so no alarm outlives its session for
    /// long.
    private func setExpiryAlarm(of session: Session, within span: UInt64) {
        guard let expires = session.user?.expires else { return }
        let left = remaining(until: expires)
        if left <= span { alarms.set(.expiry(session: session.id, attempt: session.attempt), at: now &+ left) }
    }

    /// Nanoseconds until a second of the wall begins; 0 for one that has.
    func remaining(until time: UnixTime) -> UInt64 {
        let (end, over) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if over { return .max / 4 }
        let (left, under) = end.subtractingReportingOverflow(host.wall)
        return under || left <= 0 ? 0 : UInt64(left)
    }

    private func expire(_ session: Session) {
        guard let expires = session.user?.expires else { return }
        let left = remaining(until: expires)
        if left > 0 { return alarms.set(.expiry(session: session.id, attempt: session.attempt), at: now &+ left) }
        close(session, .userExpired)
    }

    private func askIfAlive(_ session: Session) {
        let interval = settings.times.pingInterval.nanoseconds
        let jitter = UInt64.random(in: 0...(interval / 50 &+ 1))
        let isSilent = now &- session.lastActivity >= min(interval, 2 * Self.second)
        // Whoever says anything is alive.
        if !isSilent { session.pingsOutstanding = 0 }
        if isSilent || !session.wasAsked {
            if session.pingsOutstanding >= settings.times.pingsOutstanding { return close(session, .stale) }
            session.pingsOutstanding &+= 1
            session.pingSent = now
            session.wasAsked = true
            session.output.append("PING\r\n")
            mark(session)
        }
        alarms.set(.ping(session: session.id, attempt: session.attempt), at: now &+ interval &+ jitter)
        setExpiryAlarm(of: session, within: interval &+ jitter)
    }

    /// Answers that were awaited for long enough are awaited no more.
    private func sweepReplies() {
        isSweeping = false
        for space in spaces.values where !space.awaited.isEmpty {
            for entry in space.awaited.removeOverdue(at: now) {
                if let latency = entry.latency {
                    let isGone = latency.requestor.map { $0.phase != .ready } ?? false
                    observer?.measured(latency, isGone ? .requestorGone : .timedOut, in: self)
                }
            }
            if !space.awaited.isEmpty { sweepSoon() }
        }
    }

    /// Has awaited answers looked at in a while.
    func sweepSoon() {
        if isSweeping { return }
        isSweeping = true
        alarms.set(.replies, at: now &+ Self.second)
    }

    /// A client of an account is gone: routes there, and where its streams come from, may keep what it was.
    func sweepRoutes(to space: AccountSpace) {
        if unsweptRoutes.isEmpty { alarms.set(.routes, at: now &+ Self.second) }
        unsweptRoutes[ObjectIdentifier(space)] = space
        for binding in space.inForce?.bindings ?? [] where binding.import.kind == .stream {
            guard let exporter = spaces[binding.exporter] else { continue }
            unsweptRoutes[ObjectIdentifier(exporter)] = exporter
        }
    }

    /// Forgets stale routes, not too many at once.
    private func sweepRoutes() {
        var budget = 1 << 15
        while budget > 0, let (id, space) = unsweptRoutes.first {
            unsweptRoutes[id] = nil
            budget -= space.routes.room + 64
            space.routes.removeStale()
        }
        if !unsweptRoutes.isEmpty { alarms.set(.routes, at: now &+ Self.second) }
    }

    // MARK: Lame duck

    /// Tells every client that the broker is about to stop.
    func beginLeaving() {
        enter()
        if !isLeaving {
            isLeaving = true
            for session in sessions.values where session.phase == .ready && session.options.protocolVersion >= 1 {
                session.output.appendInfo(announcement(toKnown: session).utf8)
                mark(session)
            }
            alarms.set(.lameDuck, at: now &+ settings.times.lameDuckGrace.nanoseconds)
        }
        leave()
    }

    /// Sends the longest connected client away, and sets the alarm for the next.
    private func sendOneAway() {
        guard let oldest = sessions.keys.min(), let session = sessions[oldest] else { return }
        let pause = settings.times.lameDuckDuration.nanoseconds / UInt64(max(1, sessions.count))
        close(session, .shutdown)
        if !sessions.isEmpty { alarms.set(.lameDuck, at: now &+ min(pause, Self.second)) }
    }

    /// Ends every connection.
    func stop() {
        enter()
        isLeaving = true
        for session in sessions.values.sorted(by: { $0.id < $1.id }) { close(session, .shutdown) }
        leave()
    }
}

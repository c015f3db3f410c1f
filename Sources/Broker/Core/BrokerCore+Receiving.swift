import NATSWire
import Subjects
import Trust

extension BrokerCore {
    /// Takes bytes of a client.
    ///
    /// - Returns: how many were used. The rest is given again with what comes behind it; while the session is being
    ///   judged, when it is told to go on.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>, for session: Session) -> Int {
        enter()
        session.lastActivity = now
        let used = read(bytes, for: session)
        leave()
        if takesPause(), session.phase == .ready { session.outlet.stall() }
        return used
    }

    private func read(_ bytes: UnsafeBufferPointer<UInt8>, for session: Session) -> Int {
        var start = 0
        var tally = TrafficCounters()
        do throws(ClientFault) {
            while session.phase == .ready || session.phase == .opened {
                if let publishing = Publishing(session, isSampling: settings.decisionLog.sampledEvery > 0) {
                    try publishAll(in: bytes, from: &start, of: session, publishing, &tally)
                    if session.phase != .ready { break }
                }
                guard let frame = try session.reader.next(in: bytes, from: start) else { break }
                start = frame.end
                handle(frame, bytes, session)
            }
        } catch {
            fault(error, of: session)
        }
        count(tally, of: session)
        return session.phase == .closed ? bytes.count : start
    }

    /// Publishes what a client has published from `start` up to its next other operation.
    private func publishAll(
        in bytes: UnsafeBufferPointer<UInt8>, from start: inout Int, of session: Session, _ publishing: Publishing,
        _ tally: inout TrafficCounters
    ) throws(ClientFault) {
        var reader = session.reader
        defer {
            // What it waits for; its limits may have been changed meanwhile.
            reader.limits = session.reader.limits
            reader.admission = session.reader.admission
            session.reader = reader
        }
        var position = start
        defer { start = position }
        while let frame = try reader.nextPublish(in: bytes, from: position) {
            position = frame.end
            tally.inMessages &+= 1
            tally.inBytes &+= UInt64(truncatingIfNeeded: frame.message.count)
            publish(frame, bytes, session, publishing)
            if session.phase != .ready { return }
        }
    }

    private func count(_ tally: TrafficCounters, of session: Session) {
        guard tally.inMessages > 0 else { return }
        session.counters.add(tally)
        session.space?.counters.add(tally)
        totals.add(tally)
    }

    private func fault(_ fault: ClientFault, of session: Session) {
        switch fault {
        case .beforeConnect:
            refuse(session, [Finding(.userProof, at: "connection", .text("an operation before CONNECT"))])
        case .unknownOperation: close(session, .protocolFault)
        case .controlLine: close(session, .controlLine)
        case .payload: close(session, .payload)
        case .arguments: close(session, .malformed)
        }
    }

    private func handle(_ frame: ClientFrame, _ bytes: UnsafeBufferPointer<UInt8>, _ session: Session) {
        switch frame.kind {
        case .publish, .passedOver: break
        case .connect: connect(session, options: Array(UnsafeBufferPointer(rebasing: bytes[frame.options])))
        case .subscribe: subscribe(frame, bytes, session)
        case .unsubscribe: unsubscribe(frame, bytes, session)
        case .ping:
            session.output.append("PONG\r\n")
            if session.owesInfo { sendAccountInfo(to: session) }
            mark(session)
        case .pong: pong(session)
        }
    }

    private func pong(_ session: Session) {
        session.pingsOutstanding = 0
        if let sent = session.pingSent {
            session.roundTrip = max(1, now &- sent)
            session.pingSent = nil
        }
    }

    /// Confirms an operation to a client that asked for that.
    @inline(__always)
    func confirm(_ session: Session) {
        if session.options.isVerbose {
            session.output.append("+OK\r\n")
            mark(session)
        }
    }
}

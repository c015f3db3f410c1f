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
        var messages: UInt64 = 0
        var volume: UInt64 = 0
        var reader = session.reader
        let isSampling = settings.decisionLog.sampledEvery > 0
        var publishing = Publishing(session, isSampling: isSampling)
        defer { count(messages, volume, of: session) }
        while session.phase == .ready || session.phase == .opened {
            do throws(ClientFault) {
                guard let frame = try reader.next(in: bytes, from: start) else { break }
                start = frame.end
                if frame.kind == .publish, let publishing {
                    messages &+= 1
                    volume &+= UInt64(truncatingIfNeeded: frame.message.count)
                    publish(frame, bytes, session, publishing)
                    continue
                }
                session.reader = reader
                handle(frame, bytes, session)
                reader = session.reader
                publishing = Publishing(session, isSampling: isSampling)
            } catch {
                fault(error, of: session)
                return bytes.count
            }
        }
        // Whoever changed it meanwhile has changed it there.
        reader.limits = session.reader.limits
        reader.admission = session.reader.admission
        session.reader = reader
        return session.phase == .closed ? bytes.count : start
    }

    private func count(_ messages: UInt64, _ volume: UInt64, of session: Session) {
        guard messages > 0 else { return }
        session.counters.inMessages &+= messages
        session.counters.inBytes &+= volume
        session.space?.counters.inMessages &+= messages
        session.space?.counters.inBytes &+= volume
        totals.inMessages &+= messages
        totals.inBytes &+= volume
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

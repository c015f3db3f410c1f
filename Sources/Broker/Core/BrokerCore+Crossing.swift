import NATSWire
import Subjects
import Trust

extension BrokerCore {
    /// As many service imports lead a message on, one after the other.
    private static let longestPath = 16

    private static let defaultThreshold: UInt64 = 120_000_000_000

    /// Takes a request through a service import, into the account that exports it.
    ///
    /// - Returns: how many got it there.
    func cross(_ crossing: ServiceCrossing, _ message: Message, from importer: AccountSpace) -> Int {
        let exporter = crossing.exporter
        guard message.crossings < Self.longestPath, !message.path.contains(where: { $0 === exporter }) else { return 0 }
        guard case .subject(let target) = exporter.mapped(crossing.target) else { return 0 }
        guard message.reply.isEmpty || hasRoomForAnswer(in: exporter) else { return 0 }
        let latency = measurement(of: crossing, message, exporter)
        let subject =
            message.reply.isEmpty ? [] : awaitedSubject(answering: message, crossing, importer, exporter, latency)
        let path = message.path.isEmpty ? [importer] : message.path + [importer]
        let headers = RequestDetails.headers(
            of: message, path: path, requestor: message.publisher,
            share: crossing.binding.import.share ? .details : .account, core: self)
        let body = headers + Array(message.payload)
        let delivered = body.withUnsafeBufferPointer { body in
            subject.withUnsafeBufferPointer { reply in
                target.withUTF8 { bytes in
                    var request = message
                    request.subject = bytes
                    request.reply = reply
                    request.body = body
                    request.headerCount = headers.count
                    request.hasCrossed = true
                    request.crossings &+= 1
                    request.path = path
                    return publish(request, on: target, in: exporter)
                }
            }
        }
        if delivered == 0 {
            if !subject.isEmpty { exporter.awaited[subject] = nil }
            if let latency { observer?.measured(latency, .noResponders, in: self) }
        } else if subject.isEmpty, let latency {
            observer?.measured(latency, .badRequest, in: self)
        }
        return delivered
    }

    /// Whether one more answer may be awaited in an account; those that were awaited long enough give way.
    private func hasRoomForAnswer(in space: AccountSpace) -> Bool {
        if space.awaited.count < AwaitedReplies.limit { return true }
        _ = space.awaited.removeOverdue(at: now)
        return space.awaited.count < AwaitedReplies.limit
    }

    /// Makes up the subject that the answer comes on.
    private func awaitedSubject(
        answering message: Message, _ crossing: ServiceCrossing, _ importer: AccountSpace, _ exporter: AccountSpace,
        _ latency: LatencyMeasurement?
    ) -> [UInt8] {
        let export = Self.export(of: crossing.binding, in: exporter)
        let subject = exporter.replyPrefix + RandomText.base62(6)
        let threshold = export.map { UInt64(max(0, $0.responseThreshold)) } ?? 0
        exporter.awaited[subject] = AwaitedReply(
            .account(importer, subject: Array(message.reply)), responses: export?.responseType ?? .singleton,
            threshold: threshold == 0 ? Self.defaultThreshold : threshold, now: now, binding: crossing.binding,
            latency: latency)
        sweepSoon()
        return subject
    }

    private static func export(of binding: Binding, in exporter: AccountSpace) -> Export? {
        guard let exports = exporter.inForce?.exports, let index = binding.exports.first,
            exports.indices.contains(index)
        else { return nil }
        return exports[index]
    }

    /// An answer has come, from an account to one that asked it.
    ///
    /// - Returns: how many got it.
    func answer(_ entry: AwaitedReply, _ message: Message, in exporter: AccountSpace) -> Int {
        let subject = Array(message.subject)
        guard entry.deadline > now else {
            exporter.awaited[subject] = nil
            if let latency = entry.latency { observer?.measured(latency, .timedOut, in: self) }
            return 0
        }
        let isLast = entry.responses == .singleton || message.payload.isEmpty
        if isLast {
            exporter.awaited[subject] = nil
        } else {
            entry.deadline = now &+ entry.threshold
        }
        if let latency = entry.latency {
            observer?.measured(latency, .answered(by: message.publisher), in: self)
            entry.latency = nil
        }
        switch entry.target {
        case .broker(let handle):
            handle(
                ReceivedMessage(
                    subject: subject, reply: Array(message.reply), headers: Array(message.headers),
                    payload: Array(message.payload), publisher: message.publisher))
            return 1
        case .account(let importer, let reply):
            let delivered = passOn(message, to: reply, entry, from: exporter, to: importer)
            if delivered == 0 { exporter.awaited[subject] = nil }
            return delivered
        }
    }

    private func passOn(
        _ message: Message, to reply: [UInt8], _ entry: AwaitedReply, from exporter: AccountSpace,
        to importer: AccountSpace
    ) -> Int {
        guard message.crossings < Self.longestPath,
            let subject = reply.withUnsafeBufferPointer({ try? Subject(utf8: $0) })
        else { return 0 }
        var back: [UInt8] = []
        if !message.reply.isEmpty {
            // Who asked may answer back.
            back = importer.replyPrefix + RandomText.base62(6)
            importer.awaited[back] = AwaitedReply(
                .account(exporter, subject: Array(message.reply)), responses: .singleton, threshold: entry.threshold,
                now: now, binding: entry.binding)
            sweepSoon()
        }
        let delivered = back.withUnsafeBufferPointer { back in
            subject.withUTF8 { bytes in
                var answer = message
                answer.subject = bytes
                answer.reply = back
                answer.hasCrossed = true
                answer.crossings &+= 1
                return publish(answer, on: subject, in: importer)
            }
        }
        if delivered == 0, !back.isEmpty { importer.awaited[back] = nil }
        return delivered
    }

    // MARK: Latency

    private func measurement(
        of crossing: ServiceCrossing, _ message: Message, _ exporter: AccountSpace
    ) -> LatencyMeasurement? {
        guard observer != nil, let export = Self.export(of: crossing.binding, in: exporter),
            let latency = export.latency
        else { return nil }
        var trigger: [(name: String, value: String)] = []
        if let percent = latency.percent {
            guard Int.random(in: 0..<100) < percent else { return nil }
        } else {
            trigger = RequestDetails.traceHeaders(in: message.headers)
            if trigger.isEmpty { return nil }
        }
        return LatencyMeasurement(
            start: host.wall, started: now, exporter: exporter, results: latency.results, binding: crossing.binding,
            requestor: message.publisher, trigger: trigger)
    }
}

extension AwaitedReply {
    /// Whether answers may be awaited on a subject: servers make these up.
    @inline(__always)
    static func isAwaitedSubject(_ subject: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = subject.first else { return false }
        if first == UInt8(ascii: "_") { return subject.starts(with: "_R_.".utf8) }
        return first == UInt8(ascii: "$") && subject.starts(with: "$SYS._INBOX.".utf8)
    }
}

/// One client publishes, and others that subscribe each get every message, each over its own connection.
///
/// One thread publishes, another reads for all subscribers. An empty message ends the run: between two connections a
/// server keeps the order, so whatever is delivered at all has come before it.
struct DeliveryWork: Sendable {
    let buffer: PublishBuffer
    let subject: String
    let payload: Int
    let subscribers: Int
    /// Bytes that a subscriber lets come together before it is woken.
    private static let least = 32_768
    /// For so many milliseconds at the most, so that nothing lies about for long.
    private static let longest: Int32 = 2

    init(subject: String, payload: Int, subscribers: Int) {
        (self.subject, self.payload, self.subscribers) = (subject, payload, subscribers)
        buffer = PublishBuffer(subjects: [subject], payload: payload)
    }

    /// One run.
    func run(_ amount: LoadAmount, on target: LoadTarget) throws(LoadFault) -> LoadSample {
        let patience = target.patience.lasting(amount.seconds)
        var connections: [LoadConnection] = []
        for _ in 0..<subscribers {
            let connection = try target.connect(patience, scanner: ServerScanner(payloadLimit: payload))
            try connection.settle(Array("SUB \(subject) 1\r\n".utf8))
            connection.socket.collect(Self.least)
            connections.append(connection)
        }
        let publisher = try SystemThread { () throws(LoadFault) in try publish(amount, patience, on: target) }
        let reader = DeliveryReader(connections, patience: target.patience, milliseconds: Self.longest)
        try reader.readAll { publisher.state }
        let over = MonotonicClock.nanoseconds()
        let (meter, published) = try publisher.join()
        var sample = meter.sample(reader.delivered, endedAt: over)
        sample.slowConsumers = reader.closed
        sample.lost = published &* subscribers &- reader.delivered
        if sample.lost < 0 { throw .miscounted("\(-sample.lost) messages more came than were published") }
        if sample.lost > 0, reader.closed == 0 {
            throw .miscounted("\(sample.lost) of \(published &* subscribers) messages did not come")
        }
        return sample
    }

    private func publish(
        _ amount: LoadAmount, _ patience: LoadPatience, on target: LoadTarget
    ) throws(LoadFault) -> (LoadMeter, Int) {
        let connection = try target.connect(patience, scanner: ServerScanner(payloadLimit: 0))
        let meter = LoadMeter(target.process)
        let published = try buffer.publish(amount, over: connection)
        try connection.settle(buffer.end)
        return (meter, published)
    }
}

/// Reads for all subscribers until each has seen the end, or has been closed.
private final class DeliveryReader {
    /// Messages that came, all together.
    private(set) var delivered = 0
    /// Subscribers that the server closed before the end: slow consumers, as servers call them.
    private(set) var closed = 0
    private var open: [LoadConnection]
    private let patience: LoadPatience
    private let milliseconds: Int32

    init(_ connections: [LoadConnection], patience: LoadPatience, milliseconds: Int32) {
        (open, self.patience, self.milliseconds) = (connections, patience, milliseconds)
    }

    func readAll<Value>(_ publisher: () -> SystemThread<Value>.State) throws(LoadFault) {
        var last = MonotonicClock.nanoseconds()
        while !open.isEmpty {
            LoadSocket.wait(for: open.map(\.socket), milliseconds: milliseconds)
            var left: [LoadConnection] = []
            var hasRead = false
            for connection in open {
                switch try read(connection) {
                case .nothing: left.append(connection)
                case .some:
                    hasRead = true
                    left.append(connection)
                case .end: continue
                case .closed: closed += 1
                }
            }
            open = left
            let now = MonotonicClock.nanoseconds()
            switch publisher() {
            case .failed: return
            case .done where !hasRead:
                if now &- last > UInt64(patience.seconds) * 1_000_000_000 { return }
            case .done, .running: last = now
            }
        }
    }

    private enum Reading { case nothing, some, end, closed }

    private func read(_ connection: LoadConnection) throws(LoadFault) -> Reading {
        var reading = Reading.some
        do throws(LoadFault) {
            let count = try connection.scanner.fill { (room) throws(LoadFault) in
                try connection.socket.receive(into: room, .notAtAll)
            }
            if count == nil { reading = .nothing }
        } catch {
            guard error == .closed else { throw error }
            reading = .closed
        }
        // What came together with the server's last answer, or its last word, is counted too.
        var tally = ServerScanner.Tally()
        defer { delivered &+= tally.messages }
        while let operation = try connection.scanner.count(&tally) {
            if case .error(let text) = operation, text.lowercased().hasPrefix("slow consumer") { return .closed }
            try LoadConnection.answer(operation, connection.socket)
        }
        return tally.ends > 0 ? .end : reading
    }
}

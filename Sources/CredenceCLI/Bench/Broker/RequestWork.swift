/// One client asks, another of another account answers, and the first asks again: never more than one request on its way.
///
/// One thread does both sides, since nothing happens at once: what is measured is the server, and the system's waking of
/// who waits.
struct RequestWork: Sendable {
    /// Where is asked, and where the answering client listens: the two sides of an import.
    let (requestSubject, serviceSubject): (String, String)
    let payload: Int
    /// Requests before the clock runs: the first ones set things up.
    private static let warming = 100
    /// Bytes of headers that a server may put before a message: who asks, or that nobody answers.
    private static let headers = 4096

    /// One run.
    func run(_ amount: LoadAmount, on target: LoadTarget) throws(LoadFault) -> LoadSample {
        let patience = target.patience.lasting(amount.seconds)
        let scanners = (0..<2).map { _ in ServerScanner(payloadLimit: payload + Self.headers) }
        let responder = try target.connect(as: target.responder, patience, scanner: scanners[0])
        try responder.settle(Array("SUB \(serviceSubject) 1\r\n".utf8))
        let requester = try target.connect(patience, scanner: scanners[1])
        let inbox = "_INBOX.\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).1"
        try requester.settle(Array("SUB \(inbox) 1\r\n".utf8))
        var exchange = RequestExchange(
            requester: requester, responder: responder, subject: requestSubject, inbox: inbox, payload: payload)
        try exchange.begin(target.patience)
        for _ in 0..<Self.warming { try exchange.ask() }
        var latencies: [Double] = []
        latencies.reserveCapacity(min(amount.messages, 1_000_000))
        let meter = LoadMeter(target.process)
        let stop = amount.stop
        var before = MonotonicClock.nanoseconds()
        while latencies.count < amount.messages, before < stop {
            try exchange.ask()
            let after = MonotonicClock.nanoseconds()
            latencies.append(Double(after &- before) / 1000)
            before = after
        }
        var sample = meter.sample(latencies.count)
        sample.latencies = LoadSample.Quantiles(latencies)
        return sample
    }
}

/// The two clients and what they say to one another.
private struct RequestExchange {
    let (requester, responder): (LoadConnection, LoadConnection)
    let subject: String
    private var request: [UInt8]
    /// Where the number of a request stands in it, which its answer must have too.
    private let place: Int
    private let payload: Int
    private var number = 0

    init(requester: LoadConnection, responder: LoadConnection, subject: String, inbox: String, payload: Int) {
        (self.requester, self.responder, self.subject, self.payload) = (requester, responder, subject, payload)
        request = Array("PUB \(subject) \(inbox) \(payload)\r\n".utf8)
        place = request.count
        request += [UInt8](repeating: 0x30, count: payload) + [0x0D, 0x0A]
    }

    /// The first request, for which both sides are waited for: nobody may hear it.
    func begin(_ patience: LoadPatience) throws(LoadFault) {
        try requester.socket.send(request)
        for _ in 0..<patience.seconds {
            LoadSocket.wait(for: [requester.socket, responder.socket], milliseconds: 1000)
            if let message = try requester.message() { try check(message) }
            if let message = try responder.message() {
                try answer(message)
                return try check(requester.awaitMessage())
            }
        }
        throw .unanswered(subject)
    }

    /// A request and its answer.
    mutating func ask() throws(LoadFault) {
        number &+= 1
        var rest = number
        for index in stride(from: place + payload - 1, through: max(place, place + payload - 9), by: -1) {
            request[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        try requester.socket.send(request)
        try answer(responder.awaitMessage())
        try check(requester.awaitMessage())
    }

    private func answer(_ message: ServerScanner.Message) throws(LoadFault) {
        guard !message.reply.isEmpty else { throw .malformed("a request has no reply subject") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.reply.count + message.payload.count + 24)
        bytes += "PUB ".utf8
        bytes += message.reply
        bytes += " \(message.payload.count)\r\n".utf8
        bytes += message.payload
        bytes += [0x0D, 0x0A]
        try responder.socket.send(bytes)
    }

    private func check(_ message: ServerScanner.Message) throws(LoadFault) {
        if !message.headers.isEmpty, message.payload.isEmpty { throw .unanswered(subject) }
        guard message.payload.elementsEqual(request[place..<place + payload]) else {
            throw .miscounted("an answer came that is not that of the request")
        }
    }
}

extension LoadConnection {
    /// The next message, waited for.
    fileprivate func awaitMessage() throws(LoadFault) -> ServerScanner.Message {
        while true {
            if case .message(let message) = try next() { return message }
        }
    }

    /// A message that has come; nil for none.
    fileprivate func message() throws(LoadFault) -> ServerScanner.Message? {
        _ = try scanner.fill { (room) throws(LoadFault) in try socket.receive(into: room, .notAtAll) }
        while let operation = try scanner.next() {
            if case .message(let message) = operation { return message }
            try LoadConnection.answer(operation, socket)
        }
        return nil
    }
}

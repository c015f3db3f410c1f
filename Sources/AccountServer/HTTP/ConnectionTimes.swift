import NIOCore

/// Where a connection stands, and until when the other side may take. No clock and no socket: it is told what happens.
struct ConnectionTimes {
    enum Phase: Hashable {
        /// Nothing has come yet.
        case fresh
        /// A request may begin.
        case idle
        /// A request's head is coming.
        case head
        /// A request's body is coming.
        case body
        /// Requests are being answered.
        case answering
        /// The last answer is being taken.
        case closing
    }

    /// What to do now.
    enum Expiry: Hashable {
        /// Nothing: ask again.
        case none
        /// The head took too long: say so.
        case head
        /// The connection is of no use any more.
        case silent
    }

    private let header: TimeAmount
    private let body: TimeAmount
    private let idle: TimeAmount
    private let write: TimeAmount
    private let linger: TimeAmount
    private let nanosecondsPerByte: Double
    /// How often to ask.
    let interval: TimeAmount

    private(set) var phase = Phase.fresh
    private var deadline: NIODeadline
    private var stall: NIODeadline?
    private var bodyBytes = 0

    init(_ settings: HTTPSettings, now: NIODeadline) {
        func amount(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(min(max(seconds, 0.001), 86_400) * 1e9)) }
        header = amount(settings.headerTimeout)
        body = amount(settings.bodyTimeout)
        idle = amount(settings.idleTimeout)
        write = amount(settings.writeTimeout)
        linger = amount(settings.lingerTimeout)
        nanosecondsPerByte = 1e9 / max(1, settings.bodyRate)
        let shortest = min(header, body, idle, write, linger)
        interval = max(.milliseconds(5), .nanoseconds(shortest.nanoseconds / 4))
        deadline = now + header
    }

    /// Bytes came.
    mutating func received(_ count: Int, now: NIODeadline) {
        switch phase {
        case .idle:
            phase = .head
            deadline = now + header
        case .body:
            // Each byte buys a little time, so that a large body may take longer and a slow one does not.
            let (sum, overflow) = bodyBytes.addingReportingOverflow(count)
            bodyBytes = overflow ? bodyBytes : sum
            let bought = Double(count) * nanosecondsPerByte
            deadline = deadline + .nanoseconds(Int64(min(bought, 1e12)))
        // The first head must be complete within the time that the connection has for it.
        case .fresh: phase = .head
        case .head, .answering, .closing: break
        }
    }

    /// A request's head is complete.
    mutating func head(now: NIODeadline) {
        guard phase != .closing else { return }
        phase = .body
        bodyBytes = 0
        deadline = now + body
    }

    /// A request is complete.
    mutating func end() {
        if phase == .body { phase = .answering }
    }

    /// A request is answered, and no other has begun.
    mutating func answered(now: NIODeadline) {
        guard phase == .answering else { return }
        phase = .idle
        deadline = now + idle
    }

    /// The last answer was written: the connection is to close, once what was written has been taken.
    mutating func closing(now: NIODeadline) {
        phase = .closing
        deadline = now + write
    }

    /// Everything was taken; what is still coming is read and dropped for a while.
    mutating func lingering(now: NIODeadline) {
        phase = .closing
        deadline = now + linger
        stall = nil
    }

    /// The other side takes what is written to it, or leaves it.
    mutating func writable(_ isWritable: Bool, now: NIODeadline) { stall = isWritable ? nil : now + write }

    /// What to do at `now`. While nothing is read (`isReading` is false) a body cannot come, and is given more time.
    mutating func expiry(now: NIODeadline, isReading: Bool) -> Expiry {
        if let stall, now >= stall { return .silent }
        switch phase {
        case .head: return now >= deadline ? .head : .none
        case .fresh, .idle, .closing: return now >= deadline ? .silent : .none
        case .body:
            if !isReading {
                deadline = max(deadline, now + body)
                return .none
            }
            return now >= deadline ? .silent : .none
        case .answering: return .none
        }
    }
}

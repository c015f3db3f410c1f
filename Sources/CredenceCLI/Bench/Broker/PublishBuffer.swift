/// Messages to publish, written out once: each is as long as every other, and the subjects follow one another.
struct PublishBuffer: Sendable {
    /// The bytes of all of them.
    let bytes: [UInt8]
    /// Bytes of one.
    let messageSize: Int
    /// How many there are: a multiple of the number of subjects.
    var count: Int { bytes.count / messageSize }
    /// A message without payload behind them all, which ends a run.
    let end: [UInt8]

    /// Enough that a call of the system costs little a message, and few enough to stay in the processor's caches.
    private static let size = 131_072

    /// Messages of so many bytes to these subjects, which are equally long.
    init(subjects: [String], payload: Int) {
        var round: [UInt8] = []
        for subject in subjects {
            round += "PUB \(subject) \(payload)\r\n".utf8
            round += (0..<payload).map { 0x61 + UInt8($0 % 26) }
            round += "\r\n".utf8
        }
        messageSize = round.count / max(1, subjects.count)
        var bytes = round
        while bytes.count + round.count <= Self.size { bytes += round }
        self.bytes = bytes
        end = Array("PUB \(subjects.first ?? "") 0\r\n\r\n".utf8)
    }

    /// Publishes so much of it over a connection, and says how many messages that were.
    func publish(_ amount: LoadAmount, over connection: LoadConnection) throws(LoadFault) -> Int {
        var published = 0
        let stop = amount.stop
        while true {
            let next = min(count, amount.messages - published)
            if next == 0 || MonotonicClock.nanoseconds() >= stop { return published }
            try connection.socket.send(bytes, count: next * messageSize)
            published += next
            try connection.look()
        }
    }
}

/// How much a run does: so many messages, or as many as go in a time.
enum LoadAmount: Sendable {
    case count(Int)
    case seconds(Double)

    /// Messages at the most.
    var messages: Int {
        switch self {
        case .count(let count): count
        case .seconds: .max
        }
    }

    /// Seconds that it is known to take.
    var seconds: Double {
        switch self {
        case .count: 3600
        case .seconds(let seconds): seconds
        }
    }

    /// When to stop if it begins now, in nanoseconds of the monotonic clock.
    var stop: UInt64 {
        switch self {
        case .count: .max
        case .seconds(let seconds):
            MonotonicClock.nanoseconds() &+ UInt64(min(max(seconds, 0), 1_000_000) * 1_000_000_000)
        }
    }
}

/// One client publishes on many subjects that nobody listens to. The server has to check each message, and has done so
/// with all of them when it answers the PING behind them.
struct PublishWork: Sendable {
    let buffer: PublishBuffer

    /// Messages on so many subjects below a prefix.
    init(prefix: String, subjects: Int, payload: Int) {
        let digits = String(max(0, subjects - 1)).count
        let names = (0..<subjects).map { number in
            let text = String(number)
            return "\(prefix).publish." + String(repeating: "0", count: digits - text.count) + text
        }
        buffer = PublishBuffer(subjects: names, payload: payload)
    }

    /// One run.
    func run(_ amount: LoadAmount, on target: LoadTarget) throws(LoadFault) -> LoadSample {
        let patience = target.patience.lasting(amount.seconds)
        let connection = try target.connect(patience, scanner: ServerScanner(payloadLimit: 0))
        let meter = LoadMeter(target.process)
        let published = try buffer.publish(amount, over: connection)
        try connection.settle()
        return meter.sample(published)
    }
}

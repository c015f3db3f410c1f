/// Clients connect, prove who they are, wait until the server agrees, and go again, one after the other on each thread.
struct ConnectWork: Sendable {
    /// How many do so at once.
    let clients: Int

    /// One run.
    func run(_ amount: LoadAmount, on target: LoadTarget) throws(LoadFault) -> LoadSample {
        let patience = target.patience.lasting(amount.seconds)
        let meter = LoadMeter(target.process)
        let stop = amount.stop
        var threads: [SystemThread<Int>] = []
        for number in 0..<clients {
            let share = amount.messages / clients + (number < amount.messages % clients ? 1 : 0)
            threads.append(
                try SystemThread { () throws(LoadFault) in
                    let scanner = ServerScanner(payloadLimit: 0)
                    var count = 0
                    while count < share, MonotonicClock.nanoseconds() < stop {
                        _ = try target.connect(patience, scanner: scanner)
                        count += 1
                    }
                    return count
                })
        }
        var count = 0
        for thread in threads { count += try thread.join() }
        return meter.sample(count)
    }
}

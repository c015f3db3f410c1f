import Glibc

/// Connections that do nothing, and then subscriptions that nothing is published for: what memory they cost the server.
///
/// Done once for a server's life: what it has freed it keeps for later, so a second time would seem to cost nothing.
struct HoldWork: Sendable {
    let connections: Int
    /// Subscriptions of each of them.
    let subscriptions: Int
    let prefix: String
    /// Seconds that the server is left alone before its memory is looked at.
    let settling: Int

    /// What it showed, in bytes.
    struct Result: Sendable {
        var (before, connected, subscribed): (Int, Int, Int)
        var (connections, subscriptions): (Int, Int)

        /// Memory of a connection, on average.
        var perConnection: Double { Double(connected - before) / Double(max(1, connections)) }
        /// Memory of a subscription, on average; nil without any.
        var perSubscription: Double? {
            subscriptions > 0
                ? Double(subscribed - connected) / (Double(connections) * Double(subscriptions)) : nil
        }
    }

    /// One run.
    func run(on target: LoadTarget, _ process: ServerProcess) throws(LoadFault) -> Result {
        try makeRoom()
        let patience = target.patience.lasting(3600)
        // One for all: whoever was asked and has answered has nothing left to be read.
        let scanner = ServerScanner(payloadLimit: 0)
        for _ in 0..<20 { _ = try target.connect(patience, scanner: scanner) }
        let before = try settled(process)
        var held: [LoadConnection] = []
        for _ in 0..<connections {
            let connection = try target.connect(patience, scanner: scanner)
            try connection.settle()
            held.append(connection)
        }
        let connected = try settled(process)
        for (number, connection) in held.enumerated() where subscriptions > 0 {
            var operations: [UInt8] = []
            for subscription in 0..<subscriptions {
                operations += "SUB \(prefix).hold.\(number).\(subscription) \(subscription)\r\n".utf8
            }
            try connection.settle(operations)
        }
        let subscribed = subscriptions > 0 ? try settled(process) : connected
        for connection in held { try connection.settle() }
        return Result(
            before: before, connected: connected, subscribed: subscribed, connections: held.count,
            subscriptions: subscriptions)
    }

    private func settled(_ process: ServerProcess) throws(LoadFault) -> Int {
        sleep(UInt32(clamping: settling))
        guard let bytes = process.residentBytes() else { throw .system("the server's process is gone") }
        return bytes
    }

    /// Raises the number of files that this process may have open.
    private func makeRoom() throws(LoadFault) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let needed = rlim_t(connections + 64)
        if limit.rlim_cur >= needed { return }
        guard limit.rlim_max >= needed else {
            throw .system("this process may open \(limit.rlim_max) files, which is too few for --hold \(connections)")
        }
        limit.rlim_cur = needed
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .system("the number of open files cannot be raised: \(Files.text(of: errno))")
        }
    }
}

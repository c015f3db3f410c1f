import ArgumentParser

/// `credence bench broker`: a load on any NATS server.
struct BenchBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker", abstract: "Measure a NATS server, or two of them beside one another.",
        discussion: """
            Works: publish (messages on many subjects, nobody listens), pair (one publisher, one subscriber), fan (one \
            publisher, four subscribers), connects (users connect and go), request (requests and replies across \
            accounts). `credence bench make-world DIR` makes a configuration and creds to measure with. With --beside \
            the two servers take turns, and the ratio is that of the first to the second.
            """)

    @Option(help: ArgumentHelp("The server.", valueName: "nats-url")) var url: ServerAddress
    @Option(help: ArgumentHelp("The creds of who publishes, subscribes and asks.", valueName: "file"))
    var creds: String?
    @Option(help: ArgumentHelp("The creds of who answers requests; without it the others.", valueName: "file"))
    var responderCreds: String?
    @Option(help: ArgumentHelp("The server's process, to tell what it costs.", valueName: "number"))
    var serverPid: Int32?
    @Option(help: ArgumentHelp("A second server to compare with.", valueName: "nats-url")) var beside: ServerAddress?
    @Option(help: ArgumentHelp("Its creds; without it those of the first.", valueName: "file"))
    var besideCreds: String?
    @Option(help: ArgumentHelp("Its responder's creds; without it those of the first.", valueName: "file"))
    var besideResponderCreds: String?
    @Option(help: ArgumentHelp("Its process.", valueName: "number")) var besideServerPid: Int32?

    @Option(help: ArgumentHelp("A work; may be given more than once.", valueName: "name")) var work: [LoadWork] = []
    @Option(help: "How long a run lasts.") var seconds = 2.0
    @Option(help: "How many messages, connections or requests a run has, whatever time it takes.") var messages: Int?
    @Option(help: "How many runs.") var runs = 5
    @Option(help: ArgumentHelp("Bytes of a message; without it 16, and 128 for fan.", valueName: "bytes"))
    var payload: Int?
    @Option(help: "How many subjects `publish` publishes on.") var subjects = 1000
    @Option(help: "How many clients connect at once.") var clients = 2
    @Option(help: ArgumentHelp("How the subjects begin.", valueName: "subject")) var prefix = MeasuredBrokerWorld.prefix
    @Option(help: ArgumentHelp("Where is asked.", valueName: "subject"))
    var requestSubject = MeasuredBrokerWorld.requestSubject
    @Option(help: ArgumentHelp("Where the answering client listens.", valueName: "subject"))
    var serviceSubject = MeasuredBrokerWorld.serviceSubject
    @Option(help: "Hold so many idle connections, and tell the server's memory; before all works.") var hold: Int?
    @Option(help: "Subscriptions of each of them.") var subscriptions = 0
    @Option(help: ArgumentHelp("How long a server is left alone before its memory is read.", valueName: "seconds"))
    var settle = 3
    @Option(help: ArgumentHelp("How long a server may take to answer.", valueName: "seconds")) var timeout = 10
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false

    func validate() throws {
        guard !work.isEmpty || hold != nil else { throw ValidationError("say what to measure: --work or --hold") }
        try Self.check("--seconds", seconds, 0.01...3600)
        try Self.check("--messages", messages ?? 1, 1...1_000_000_000_000)
        try Self.check("--runs", runs, 1...1000)
        try Self.check("--payload", payload ?? 1, 1...1_048_576)
        try Self.check("--subjects", subjects, 1...1_000_000)
        try Self.check("--clients", clients, 1...256)
        try Self.check("--hold", hold ?? 1, 1...1_000_000)
        try Self.check("--subscriptions", subscriptions, 0...1_000_000)
        try Self.check("--settle", settle, 0...3600)
        try Self.check("--timeout", timeout, 1...3600)
        if hold != nil, serverPid == nil || (beside != nil && besideServerPid == nil) {
            throw ValidationError("--hold tells the memory of a process: give --server-pid (and --beside-server-pid)")
        }
        for subject in [prefix, requestSubject, serviceSubject] {
            guard subject.utf8.count <= 200, !subject.isEmpty, subject.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw ValidationError("a subject has no blanks and at most 200 characters") }
        }
        for address in [url, beside].compactMap({ $0 }) where address.host.hasPrefix("tls:") {
            throw ValidationError("this load generator speaks no TLS")
        }
    }

    private static func check<Number: Comparable>(
        _ name: String, _ value: Number, _ range: ClosedRange<Number>
    ) throws {
        guard range.contains(value) else {
            throw ValidationError("\(name) is from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    func run() throws {
        let targets = try targets()
        var report = LoadReport(servers: [])
        for target in targets { report.servers.append(.init(url: target.url, version: try version(of: target))) }
        if let hold {
            let work = HoldWork(connections: hold, subscriptions: subscriptions, prefix: prefix, settling: settle)
            for target in targets {
                guard let process = target.process else { continue }
                do throws(LoadFault) {
                    report.holds.append(try work.run(on: target, process))
                } catch {
                    throw error.failure("\(target.url), --hold")
                }
            }
        }
        let plan = LoadPlan(
            works: work, amount: messages.map { .count($0) } ?? .seconds(seconds), runs: runs, payload: payload,
            subjects: subjects, prefix: prefix, requestSubject: requestSubject, serviceSubject: serviceSubject,
            clients: clients)
        for work in plan.works {
            report.works.append(.init(work: work, samples: try plan.samples(of: work, on: targets)))
        }
        try StandardOutput.write(json ? report.json : report.text)
    }

    private func targets() throws(CommandFailure) -> [LoadTarget] {
        let user = try creds.map { path throws(CommandFailure) in try LoadCredentials(file: path) } ?? .none
        let responder =
            try responderCreds.map { path throws(CommandFailure) in try LoadCredentials(file: path) } ?? user
        let patience = LoadPatience(seconds: timeout)
        let first = try LoadTarget(
            url, credentials: user, responder: responder, process: try process(serverPid), patience: patience)
        guard let beside else { return [first] }
        let other = try besideCreds.map { path throws(CommandFailure) in try LoadCredentials(file: path) }
        let otherResponder =
            try besideResponderCreds.map { path throws(CommandFailure) in try LoadCredentials(file: path) }
        let second = try LoadTarget(
            beside, credentials: other ?? user, responder: otherResponder ?? responder,
            process: try process(besideServerPid), patience: patience)
        return [first, second]
    }

    private func process(_ identifier: Int32?) throws(CommandFailure) -> ServerProcess? {
        guard let identifier else { return nil }
        return try ServerProcess(identifier)
    }

    private func version(of target: LoadTarget) throws(CommandFailure) -> String {
        do throws(LoadFault) {
            let connection = try target.connect(target.patience.lasting(0), scanner: ServerScanner(payloadLimit: 0))
            return try connection.greeting.version()
        } catch {
            throw error.failure(target.url)
        }
    }
}

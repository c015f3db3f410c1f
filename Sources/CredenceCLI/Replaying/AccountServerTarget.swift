import Replay
import Trust

/// Runs a suite against account servers over HTTP: what is good is stored first, then the attack is brought. It must be
/// refused by its rules, dry and in earnest, and what is stored must be what it was.
struct AccountServerTarget: Sendable {
    private let clients: [Int: AccountServerClient]
    /// How many attacks are tried at once; each brings one request at a time.
    private static let width = 16

    /// A run against servers, each of which serves one of the suite's operators.
    init(_ servers: [AccountServerClient], of suite: ReplaySuite) async throws(CommandFailure) {
        var clients: [Int: AccountServerClient] = [:]
        for server in servers {
            let index: Int?
            do throws(AccountServerClient.Fault) {
                let token = try await server.read("/jwt/v1/operator").map { String(decoding: $0, as: UTF8.self) }
                index = suite.operators.firstIndex { $0 == token }
            } catch {
                throw CommandFailure(
                    .inputOutput, "\(Files.quoted(server.address.url)): \(error)",
                    hint: "check the address, and whether the account server runs")
            }
            guard let index else {
                throw CommandFailure(
                    .badInput,
                    "the server at \(Files.quoted(server.address.url)) is not under an operator of the suite",
                    hint:
                        "start it with `credence account-server --operator DIR/\(ReplaySuite.operatorFiles[0]) --data NEW`"
                )
            }
            guard clients.updateValue(server, forKey: index) == nil else {
                throw CommandFailure(.usage, "--url: two servers are under the same operator")
            }
        }
        self.clients = clients
    }

    /// The attacks and what is good, of those under the servers' operators.
    func attacks(of suite: ReplaySuite) -> [(trial: ReplaySuite.Trial, attack: ReplaySuite.UploadAttack)] {
        (suite.worlds.map { ($0.uploadTrial, $0.upload) } + suite.uploads.map { ($0.trial, $0) })
            .filter { clients[$0.1.operatorIndex] != nil }
    }

    /// What becomes of each, in their order.
    func outcomes(
        of attacks: [ReplaySuite.UploadAttack], in suite: ReplaySuite, policy: SuitePolicy, progress: ProgressBar
    ) async throws(CommandFailure) -> [ReplayOutcome] {
        try await storeCommon(suite)
        return await withTaskGroup(of: (Int, ReplayOutcome).self) { group in
            var outcomes = [ReplayOutcome](
                repeating: .notTried("the run did not come to its end"), count: attacks.count)
            var next = 0
            while next < min(Self.width, attacks.count) {
                let place = next
                group.addTask { (place, await outcome(of: attacks[place], policy)) }
                next += 1
            }
            while let (place, outcome) = await group.next() {
                outcomes[place] = outcome
                progress.advance(by: 1)
                guard next < attacks.count else { continue }
                let place = next
                group.addTask { (place, await self.outcome(of: attacks[place], policy)) }
                next += 1
            }
            return outcomes
        }
    }

    /// The accounts that are in no attack.
    private func storeCommon(_ suite: ReplaySuite) async throws(CommandFailure) {
        guard let client = clients[0] else { return }
        for account in [suite.system] + suite.bystanders {
            let path = ReplaySuite.Request.accounts + account.key.text
            do throws(AccountServerClient.Fault) {
                let answer = try await client.send(ReplaySuite.Request(posting: account.token, to: path))
                guard answer.isAccepted else {
                    throw AccountServerClient.Fault(description: "a good account is refused: \(answer.text)")
                }
            } catch {
                throw CommandFailure(.inputOutput, "\(Files.quoted(client.address.url)): \(error)")
            }
        }
    }

    private func outcome(of attack: ReplaySuite.UploadAttack, _ policy: SuitePolicy) async -> ReplayOutcome {
        guard let client = clients[attack.operatorIndex] else { return .notTried("there is no server for it") }
        do throws(AccountServerClient.Fault) {
            return try await Self.outcome(of: attack, by: client, policy)
        } catch {
            return .notTried(error.description)
        }
    }

    private static func outcome(
        of attack: ReplaySuite.UploadAttack, by client: AccountServerClient, _ policy: SuitePolicy
    ) async throws(AccountServerClient.Fault) -> ReplayOutcome {
        // What is to stand there, by its path.
        var expected: [String: AccountServerClient.Stored] = [:]
        for request in attack.before {
            let answer = try await client.send(request)
            guard answer.isAccepted else {
                let hint =
                    answer.rules == [Rule.uploadStale.code] ? ": a suite is run once against a server's data" : ""
                return .notTried("what comes before the attack is refused by \(answer.text)\(hint)")
            }
            if request.account != nil { expected[request.path] = .some(request.verb == .post ? request.body : nil) }
        }
        if attack.attack.account != nil, expected[attack.attack.path] == nil {
            expected[attack.attack.path] = .some(nil)
        }
        if attack.attack.argument == nil, !attack.attack.path.hasSuffix("/pack") {
            expected["/jwt/v1/operator"] = try await client.read("/jwt/v1/operator")
        }
        guard try await holds(expected, client) == nil else {
            return .notTried("what was accepted is not what is read again")
        }

        let dry = attack.attack.canRunDry ? try await client.send(attack.attack, isDry: true) : nil
        if dry != nil, let path = try await holds(expected, client) {
            return .inconsistent("a dry run changes what stands at \(path)")
        }
        let answer = try await client.send(attack.attack)
        if let dry, dry != answer { return .inconsistent("\(answer.text), and \(dry.text) in a dry run") }
        if answer.isAccepted { return .accepted }
        guard (400..<500).contains(answer.status) else {
            return .notTried("the server answers with status \(answer.status)")
        }
        return try await holds(expected, client) == nil ? .refused(rules: answer.rules) : .changed
    }

    /// Nil when what stands there is what should, else one path where it does not.
    private static func holds(
        _ expected: [String: AccountServerClient.Stored], _ client: AccountServerClient
    ) async throws(AccountServerClient.Fault) -> String? {
        for (path, stored) in expected.sorted(by: { $0.key < $1.key }) {
            let found = try await client.read(path)
            if found != stored { return path }
        }
        return nil
    }
}

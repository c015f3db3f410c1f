import AccountServer
import Dispatch
import Foundation
import NKeys
import RealServers
import Testing
import Trust

/// What a server has acknowledged is served after it was killed in the middle of its work.
///
/// `CREDENCE_KILLS` says how many times each store's server is killed; `CREDENCE_SEED` repeats a run.
@Suite(.onOwnThread) struct AccountServerKillTests {
    /// How many uploaders there are, and accounts.
    private static let load = (uploaders: 4, accounts: 24)

    @Test(arguments: ["sqlite", "folder"])
    func `after every kill what was acknowledged is served, and the journal is whole and says the same`(
        store: String
    ) throws {
        let environment = ProcessInfo.processInfo.environment
        let kills = environment["CREDENCE_KILLS"].flatMap { Int($0) } ?? 10
        let seed = environment["CREDENCE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        print("account server on \(store): \(kills) kills, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let world = try ServedWorld()
        let load = try UploadLoad(world.versions, accounts: Self.load.accounts)
        let key = try KeyPair.generate(.server)
        let arguments =
            world.arguments(store: store) + ["--log-level", "notice", "--journal-segment-size", "1048576"]
            + ["--journal-key", try world.write(key.seed, to: "journal.seed")]
        var server = try AccountServerProcess(arguments)
        for round in 1...kills {
            let place = Comment(rawValue: "\(store), seed \(seed), round \(round)")
            let acknowledged = DispatchSemaphore(value: 0)
            let uploaders = load.begin(
                on: try server.port, uploaders: Self.load.uploaders, acknowledged: acknowledged)
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                guard acknowledged.wait(timeout: .now() + 60) == .success else {
                    throw Fault("\(place): nothing is acknowledged any more: \(load.unexplained), \(server.log.text)")
                }
            }
            // Uploads go on meanwhile: the kill comes at any place of a later one.
            usleep(UInt32.random(in: 0...20_000, using: &random))
            try server.kill()
            uploaders.wait()
            if round % 5 == 0 {
                // Another one in the middle of a start.
                let starting = try AccountServerProcess(starting: arguments)
                usleep(UInt32.random(in: 0...200_000, using: &random))
                try starting.kill()
            }
            server = try AccountServerProcess(arguments)
            try check(server, load, place)
            if round <= 10 || round % 50 == 0 || round == kills {
                try checkJournal(of: world, key.publicKey, server, load, place)
            }
            #expect(load.unexplained.isEmpty, place)
        }
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        let sum = load.state.values.reduce(0) { $0 + $1.acknowledged }
        print("account server on \(store): \(kills) kills, \(sum) versions acknowledged, none lost")
    }

    /// What is served is what was acknowledged last, or was sent after that and cut off before it was answered.
    private func check(_ server: AccountServerProcess, _ load: UploadLoad, _ place: Comment) throws {
        for (account, progress) in load.state {
            guard let token = try server.token(of: account) else {
                #expect(progress.acknowledged == 0, place)
                continue
            }
            let version = try UploadLoad.version(of: token)
            #expect(version >= progress.acknowledged, place)
            #expect(version <= progress.sent, place)
            #expect(token == (try load.token(of: account, version: version)), place)
        }
    }

    /// The chain is whole, and the last accepted entry of each account is the token that is served.
    private func checkJournal(
        of world: ServedWorld, _ key: PublicKey, _ server: AccountServerProcess, _ load: UploadLoad, _ place: Comment
    ) throws {
        var accepted: [String: [String]] = [:]
        let survey = try JournalSurvey.folder(at: world.data("data/journal"), requiring: [key]) { entry, _, _ in
            switch entry.outcome {
            case .accepted: accepted[entry.account, default: []].append(entry.token)
            case .withdrawn: accepted[entry.account]?.removeAll { $0 == entry.token }
            default: Issue.record(place)
            }
        }
        #expect(survey.isWhole, "\(place): \(survey.findings)")
        for account in load.accounts {
            let served = try server.token(of: account)
            #expect(accepted[account]?.last == served, place)
        }
    }
}

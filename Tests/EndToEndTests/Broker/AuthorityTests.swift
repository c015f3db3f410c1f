import AccountServer
import Broker
import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import CredenceCLI

/// The resolvers of a broker's configuration: what they know, take, keep and refuse.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct AuthorityTests {
    let world: AuthorityWorld

    init() throws { world = try AuthorityWorld() }

    private var folder: String { world.folder.path("jwt") }
    private var full: String { "{ type: full, dir: '\(folder)', allow_delete: true }" }

    // MARK: In memory

    @Test func `memory knows what is preloaded, keeps what is pushed, and learns no other account`() async throws {
        let authority = try await world.open("MEMORY", preload: world.token)
        #expect(authority.services == [.updateOfAccount])
        #expect(try await authority.token(of: world.account) == world.token)
        #expect(await authority.accounts() == [world.account, world.system].sorted())
        let changes = authority.changes()
        let newer = try world.version(5)
        #expect(await authority.push(newer, for: world.account) == "jwt updated")
        #expect(try await authority.token(of: world.account) == newer)
        #expect(await changes.next(1) == ["\(world.account) \(newer)"])
        let other = try KeyPair.generate(.account).publicKey
        #expect(await authority.push(try world.version(5, of: other), for: other) == "jwt update skipped")
        #expect(try await authority.token(of: other) == nil)
        await authority.close()
    }

    @Test func `what is pushed is judged, and an older token never comes back`() async throws {
        let authority = try await world.open("MEMORY", preload: world.version(5))
        #expect(await authority.push(try world.token, for: world.account) == "U-stale")
        let other = try world.version(5) { $0.payload["name"] = "OTHER" }
        #expect(await authority.push(other, for: world.account) == "U-stale")
        let stranger = try KeyPair.generate(.operator)
        let forged = try TokenText(world.version(7)).signed(by: stranger)
        #expect(await authority.push(forged, for: world.account).contains("U-signer"))
        #expect(await authority.push("no token", for: world.account).contains("T-segments"))
        #expect(await authority.push("", for: world.account).contains("T-segments"))
        #expect(try await authority.token(of: world.account) == world.version(5))
        await authority.close()
    }

    @Test func `memory follows its configuration when that is read again`() async throws {
        let authority = try await world.open("MEMORY", preload: world.version(1))
        let pushed = try world.version(5)
        #expect(await authority.push(pushed, for: world.account) == "jwt updated")
        // The configuration still names the older one.
        try await authority.reload(world.configuration("MEMORY", preload: world.version(1)))
        #expect(try await authority.token(of: world.account) == pushed)
        let changes = authority.changes()
        let newer = try world.version(9)
        try await authority.reload(world.configuration("MEMORY", preload: newer))
        let other = try KeyPair.generate(.account).publicKey
        let its = try world.version(1, of: other)
        try await authority.reload(world.configuration("MEMORY", preload: its, key: other))
        #expect(
            Set(await changes.next(3)) == ["\(world.account) \(newer)", "\(other) \(its)", "\(world.account) -"])
        // What is named again is there again, though it went.
        try await authority.reload(world.configuration("MEMORY", preload: newer))
        #expect(try await authority.token(of: world.account) == newer)
        await authority.close()
    }

    // MARK: In a folder

    @Test func `a folder keeps what is pushed over a restart, with a journal, and a real server starts on it`()
        async throws
    {
        var authority = try await world.open(full)
        #expect(authority.services == [.update, .updateOfAccount, .lookup, .list, .pack, .delete])
        let newer = try world.version(5)
        #expect(await authority.push(newer) == "jwt updated")
        #expect(await authority.push(try world.token) == "U-stale")
        let system = try world.served.deployment.accountToken("SYS")
        #expect(await authority.push(system) == "jwt updated")
        await authority.close()
        #expect(try String(contentsOfFile: "\(folder)/\(world.account).jwt", encoding: .utf8) == newer)
        let journal = try Program.credence(["journal", "verify", "\(folder)/.credence/journal"])
        #expect(journal.status == 0, "\(journal.errors)")
        authority = try await world.open(full, preload: world.token)
        #expect(try await authority.token(of: world.account) == newer, "the preloaded one is older")
        await authority.close()

        let creds = try world.served.deployment.addUser("user", to: "A")
        let configuration = """
            operator: \(try world.served.deployment.operatorToken())
            system_account: \(world.system)
            resolver: { type: full, dir: "\(folder)", timeout: "200ms" }
            """
        try world.folder.write(configuration, to: "server.conf")
        let server = try RealServer(configuration: world.folder.path("server.conf"))
        let logins = try RealClient.log(in: [(creds: creds, subject: "hello")], to: server)
        #expect(logins.map(\.connected) == [true])
    }

    @Test func `a deleted account stays deleted over a restart, but for a token that was signed later`() async throws {
        var authority = try await world.open(full, preload: world.token)
        let changes = authority.changes()
        #expect(await authority.delete(try world.deletion()) == "deleted 1 accounts")
        #expect(await changes.next(1) == ["\(world.account) -"])
        #expect(try await authority.token(of: world.account) == nil)
        #expect(await authority.push(try world.token) == "U-stale")
        await authority.close()
        authority = try await world.open(full, preload: world.token)
        #expect(try await authority.token(of: world.account) == nil, "a preloaded token does not bring it back")
        let later = Int(Date().timeIntervalSince1970) - world.signed + 30
        #expect(await authority.push(try world.version(later)) == "jwt updated")
        await authority.close()
    }

    @Test func `a folder's own accounts and deletions count more than what is preloaded, unless that is newer`()
        async throws
    {
        let store = MemoryStore()
        func standing(_ seconds: Int, over value: StoreValue) async throws -> StoreValue? {
            let key = StoreKey.account(try KeyPair.generate(.account).publicKey)
            guard case .account(let account) = key else { return nil }
            _ = try store.commit([StoreChange(key: key, value: value, expected: nil)])
            let token = try world.version(seconds, of: account)
            let preload = try world.configuration("MEMORY", preload: token, key: account).preload
            _ = try await ResolverPreload(preload, verifier: TokenVerifier(), kind: .folder).put(into: store)
            return try store.load().first { $0.key == key }?.value
        }
        let (before, after) = (
            try #require(UnixTime(Int64(world.signed - 5))), try #require(UnixTime(Int64(world.signed + 5)))
        )
        #expect(try await standing(0, over: .deleted(after)) == .deleted(after))
        #expect(try await standing(0, over: .deleted(before)) != .deleted(before))
        let newer = try world.version(3)
        #expect(try await standing(0, over: .token(newer)) == .token(newer))
        #expect(try await standing(9, over: .token(newer)) != .token(newer))
    }

    @Test func `only the operator deletes, and never the system account`() async throws {
        let authority = try await world.open(full, preload: world.token)
        let stranger = try KeyPair.generate(.operator)
        let forged = try TokenText(world.deletion()).signed(by: stranger)
        #expect(await authority.delete(forged).contains("U-signer"))
        #expect(await authority.delete("x").contains("T-segments"))
        #expect(await authority.delete(try world.token).contains("T-type"))
        #expect(await authority.delete(try world.deletion(of: world.system)).contains("U-denied"))
        #expect(try await authority.token(of: world.account) == world.token)
        await authority.close()
    }

    @Test func `a folder without allow_delete answers no deletions, and takes no more than its limit`() async throws {
        let authority = try await world.open("{ type: full, dir: '\(folder)', limit: 1 }", preload: world.token)
        #expect(!authority.services.contains(.delete))
        let other = try KeyPair.generate(.account).publicKey
        #expect(await authority.push(try world.version(5, of: other)) == "failed: jwt store is full")
        #expect(await authority.push(try world.version(5)) == "jwt updated")
        await authority.close()
    }

    @Test func `what another program does in the folder is taken over when the configuration is read again`()
        async throws
    {
        let authority = try await world.open(full, preload: world.token)
        let other = try KeyPair.generate(.account).publicKey
        let (newer, its) = (try world.version(5), try world.version(5, of: other))
        try its.write(toFile: "\(folder)/\(other).jwt", atomically: true, encoding: .utf8)
        try newer.write(toFile: "\(folder)/\(world.account).jwt", atomically: true, encoding: .utf8)
        #expect(try await authority.token(of: world.account) == world.token)
        let changes = authority.changes()
        try await authority.reload(world.configuration(full))
        #expect(Set(await changes.next(2)) == ["\(world.account) \(newer)", "\(other) \(its)"])
        // As a real server deletes, and by hand.
        try FileManager.default.moveItem(
            atPath: "\(folder)/\(other).jwt", toPath: "\(folder)/\(other).jwt.deleted")
        try FileManager.default.removeItem(atPath: "\(folder)/\(world.account).jwt")
        try await authority.reload(world.configuration(full))
        #expect(Set(await changes.next(2)) == ["\(world.account) -", "\(other) -"])
        #expect(await authority.accounts() == [])
        await authority.close()
    }

    @Test func `a folder that another broker holds is told of`() async throws {
        let authority = try await world.open(full)
        await #expect(throws: CommandFailure.self) { try await world.open(full) }
        await authority.close()
    }

    @Test func `the accounts of every operator are taken, also of one that comes with a reload`() async throws {
        let other = try AuthorityWorld()
        let authority = try await world.open(full, preload: world.token)
        #expect(await authority.push(try other.version(1)).contains("U-signer"))
        let text = """
            operators: [
              \(try world.served.deployment.operatorToken())
              \(try other.served.deployment.operatorToken())
            ]
            system_account: \(world.system)
            resolver \(full)
            """
        let path = world.folder.path("two.conf")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let both = try BrokerFiles.configuration(path, verifier: TokenVerifier())
        #expect(both.settings.trust.operators.count == 2)
        try await authority.reload(both)
        #expect(await authority.push(try other.version(1)) == "jwt updated")
        #expect(await authority.push(try world.version(1)) == "jwt updated")
        try await authority.reload(world.configuration(full))
        #expect(await authority.push(try other.version(3)).contains("U-signer"))
        await authority.close()
    }

    @Test func `accounts that import from one another are taken in any order`() async throws {
        let authority = try await world.open(full)
        let exporter = try KeyPair.generate(.account).publicKey
        let imports: [[String: Any]] = [
            ["name": "x", "subject": "x.>", "account": exporter.text, "type": "stream", "local_subject": "x.>"]
        ]
        let importer = try world.version(1) { $0["imports"] = imports }
        #expect(await authority.push(importer) == "jwt updated")
        let exports: [[String: Any]] = [["name": "x", "subject": "x.>", "type": "stream"]]
        #expect(await authority.push(try world.version(1, of: exporter) { $0["exports"] = exports }) == "jwt updated")
        await authority.close()
    }
}

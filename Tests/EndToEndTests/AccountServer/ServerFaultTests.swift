import Foundation
import NKeys
import RealServers
import Testing

/// What a server does when its disk is full, cannot be written, or holds something else than it should.
@Suite(.onOwnThread) struct ServerFaultTests {
    private static let size = 33_554_432
    private static let start = 1_700_000_000

    /// A server whose data lies on a disk of its own, with five accounts.
    private struct Disk {
        let world: ServedWorld
        let server: AccountServerProcess
        var accounts: [String] = []
        /// What was acknowledged last.
        var acknowledged: [String: String] = [:]

        init(store: String) throws {
            world = try ServedWorld()
            try FileManager.default.createDirectory(atPath: world.data("disk"), withIntermediateDirectories: false)
            server = try AccountServerProcess(
                ["--operator", world.operatorFile, "--data", world.data("disk/data"), "--store", store],
                on: .own(at: world.data("disk"), bytes: ServerFaultTests.size))
            accounts = try (0..<5).map { _ in try KeyPair.generate(.account).publicKey.text }
            for account in accounts { #expect(try upload(account, version: 1) == 200) }
        }

        mutating func upload(_ account: String, version: Int) throws -> Int {
            let token = try world.token(of: account, issuedAt: ServerFaultTests.start + version)
            let reply = try server.upload(token)
            if reply.status == 200 { acknowledged[account] = token }
            if reply.status == 503 {
                // Nothing of the machine, and nothing of the token.
                #expect(!reply.body.contains("/") && !reply.body.contains("eyJ"), "\(reply.body)")
                #expect(reply.headers["retry-after"] != nil)
            }
            return reply.status
        }

        func expectAcknowledged(by server: AccountServerProcess? = nil) throws {
            for (account, token) in acknowledged { #expect(try (server ?? self.server).token(of: account) == token) }
        }
    }

    @Test(arguments: ["sqlite", "folder"])
    func `with a full disk uploads wait, reads go on, and with room again uploads are taken`(store: String) throws {
        var disk = try Disk(store: store)
        #expect(try disk.server.ask("GET", "/readyz").status == 200)
        let filled = try disk.server.runBeside("cat /dev/zero > '\(disk.world.data("disk"))/ballast'")
        #expect(filled.errors.contains("No space left"), "\(filled.errors)")
        // What is left of the last page takes a few uploads yet; then none.
        var (version, status) = (2, 200)
        while status == 200, version < 20_000 {
            status = try disk.upload(disk.accounts[version % 5], version: version)
            version += 1
        }
        #expect(status == 503)
        for account in disk.accounts { #expect(try disk.upload(account, version: version) == 503) }
        #expect(try disk.server.ask("GET", "/readyz").status == 503)
        #expect(try disk.server.ask("GET", "/healthz").status == 200)
        #expect(try disk.server.ask("GET", "/metrics").body.contains("\ncredence_hindered 1\n"))
        try disk.expectAcknowledged()
        // An upload again of what is stored changes nothing, and cannot be written down either.
        let stored = try #require(disk.acknowledged[disk.accounts[0]])
        #expect(try disk.server.upload(stored).status == 503)
        _ = try disk.server.runBeside("rm '\(disk.world.data("disk"))/ballast'")
        for account in disk.accounts { #expect(try disk.upload(account, version: version + 1) == 200) }
        #expect(try disk.server.ask("GET", "/readyz").status == 200)
        #expect(try disk.server.ask("GET", "/metrics").body.contains("\ncredence_hindered 0\n"))
        try disk.expectAcknowledged()
        disk.server.signal(SIGTERM)
        #expect(try disk.server.waitUntilEnd() == 0)
    }

    @Test(arguments: ["sqlite", "folder"])
    func `on a read-only disk a server does not start, and on the same disk writable everything is there`(
        store: String
    ) throws {
        let world = try ServedWorld()
        let server = try AccountServerProcess(world.arguments(store: store))
        let account = try KeyPair.generate(.account).publicKey.text
        let token = try world.token(of: account, issuedAt: Self.start)
        #expect(try server.upload(token).status == 200)
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        let hindered = try AccountServerProcess(
            starting: world.arguments(store: store), on: .readOnly(at: world.data()))
        #expect(try hindered.waitUntilEnd() == 74, "\(hindered.log.text)")
        #expect(hindered.log.text.lowercased().contains("read-only"), "\(hindered.log.text)")
        #expect(try AccountServerProcess(world.arguments(store: store)).token(of: account) == token)
    }

    @Test func `a database with a damaged page is refused at the start with 74, and left as it is`() throws {
        let world = try ServedWorld()
        let server = try AccountServerProcess(world.arguments())
        for _ in 0..<40 {
            let account = try KeyPair.generate(.account).publicKey.text
            #expect(try server.upload(world.token(of: account, issuedAt: Self.start)).status == 200)
        }
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        let database = URL(fileURLWithPath: world.data("data/accounts.sqlite"))
        let whole = try Data(contentsOf: database)
        for page in [0, whole.count / 4096 / 2, whole.count / 4096 - 1] {
            var damaged = whole
            for byte in page * 4096 + 20..<page * 4096 + 2_000 { damaged[byte] ^= 0x5A }
            try damaged.write(to: database)
            let run = try Program.credence(
                ["account-server", "--listen", "127.0.0.1:0"] + world.arguments())
            #expect(run.status == 74, "page \(page): \(run.errors)")
            #expect(run.errors.contains("damaged") && run.errors.contains("hint: "), "page \(page): \(run.errors)")
            #expect(try Data(contentsOf: database) == damaged, "page \(page)")
        }
        try whole.write(to: database)
        let (credentials, bearer) = try ListingCredential.write(in: world.deployment.folder)
        let again = try AccountServerProcess(world.arguments() + ["--credentials", credentials])
        let pack = try again.ask("GET", "/jwt/v1/pack", headers: bearer).body
        #expect(pack.split(separator: "\n").count == 40)
    }

    @Test(arguments: ["sqlite", "folder"])
    func `an entry of the journal that was changed is found at the start, and nothing is written`(store: String) throws
    {
        let world = try ServedWorld()
        let server = try AccountServerProcess(world.arguments(store: store))
        let account = try KeyPair.generate(.account).publicKey.text
        #expect(try server.upload(world.token(of: account, issuedAt: Self.start)).status == 200)
        #expect(try server.upload(world.token(of: account, issuedAt: Self.start + 1)).status == 200)
        try server.kill()
        let segment = world.data("data/journal/journal-00000000000000000001.jsonl")
        let text = try String(contentsOfFile: segment, encoding: .utf8).replacing("accepted", with: "refused")
        try text.write(toFile: segment, atomically: false, encoding: .utf8)
        let run = try Program.credence(
            ["account-server", "--listen", "127.0.0.1:0"] + world.arguments(store: store))
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.contains("was changed after it was written"), "\(run.errors)")
        #expect(try String(contentsOfFile: segment, encoding: .utf8) == text)
    }

    @Test(arguments: ["sqlite", "folder"])
    func `a second server on the same data is refused, and the first goes on`(store: String) throws {
        let world = try ServedWorld()
        let first = try AccountServerProcess(world.arguments(store: store))
        let run = try Program.credence(
            ["account-server", "--listen", "127.0.0.1:0"] + world.arguments(store: store))
        #expect(run.status == 74, "\(run.errors)")
        #expect(run.errors.contains("another process"), "\(run.errors)")
        let account = try KeyPair.generate(.account).publicKey.text
        let token = try world.token(of: account, issuedAt: Self.start)
        #expect(try first.upload(token).status == 200)
        try first.kill()
        // The lock goes with the process.
        #expect(try AccountServerProcess(world.arguments(store: store)).token(of: account) == token)
    }
}

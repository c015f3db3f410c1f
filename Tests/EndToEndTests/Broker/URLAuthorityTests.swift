import Broker
import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import CredenceCLI

/// `resolver: URL(…)`: accounts of an account server, and of servers that are none.
@Suite(.timeLimit(.minutes(5)), .onOwnThread) struct URLAuthorityTests {
    let world: AuthorityWorld

    init() throws { world = try AuthorityWorld() }

    @Test func `accounts are fetched from our account server, and a push has it asked again`() async throws {
        let server = try AccountServerProcess(world.served.arguments(store: "memory"))
        let url = try server.accountsURL
        let authority = try await world.open("URL(\(url.dropLast()))")
        #expect(authority.services == [.updateOfAccount])
        #expect(try await authority.token(of: world.account) == nil)
        func upload(_ token: String) throws -> Int {
            try HTTPCaller(port: server.port).ask("POST", "/jwt/v1/accounts/\(world.account)", body: token).status
        }
        #expect(try upload(world.token) == 200)
        #expect(try await authority.token(of: world.account) == world.token)
        let changes = authority.changes()
        let newer = try world.version(5)
        // What the server does not have does not count, whoever pushes it.
        #expect(await authority.push(newer, for: world.account).hasPrefix("failed: the account server has another"))
        #expect(try upload(newer) == 200)
        #expect(await authority.push(newer, for: world.account) == "jwt updated")
        #expect(await changes.next(1) == ["\(world.account) \(newer)"])
        let other = try KeyPair.generate(.account).publicKey
        #expect(await authority.push(try world.version(5, of: other), for: other) == "jwt update skipped")
        #expect(await authority.delete(try world.deletion()).hasPrefix("failed"))
        await authority.close()
    }

    @Test func `a server that does not answer at the start is told of, with its address`() async throws {
        let server = try ResolverServer(token: try world.token)
        for resolver in [server.resolver("created"), "URL(http://127.0.0.1:1/)"] {
            let failure = await #expect(throws: CommandFailure.self) { try await world.open(resolver) }
            #expect(failure?.status == .inputOutput)
            #expect(failure?.what.contains("127.0.0.1:") == true && failure?.hint != nil)
        }
    }

    @Test func `only status 200 from the address itself is an answer, and it is bounded`() async throws {
        let server = try ResolverServer(token: try world.token)
        for kind in ["ok", "newline"] {
            let authority = try await world.open(server.resolver(kind))
            #expect(try await authority.token(of: world.account) == world.token)
            await authority.close()
        }
        let missing = try await world.open(server.resolver("missing"))
        #expect(try await missing.token(of: world.account) == nil)
        await missing.close()
        for (kind, what) in [
            ("redirect", "status 302"), ("error", "status 500"), ("large", "larger than a token"),
            ("slow", "no answer"),
        ] {
            let authority = try await world.open(server.resolver(kind))
            let fault = await #expect(throws: AccountResolverError.self, "\(kind)") {
                try await authority.token(of: world.account)
            }
            #expect(fault?.description.contains(what) == true, "\(kind): \(fault?.description ?? "")")
            await authority.close()
        }
    }

    @Test func `what goes over the network in the clear is known`() {
        #expect(URLAuthority.isPrivate("https://accounts.example.com/"))
        for base in ["http://127.0.0.1:9090/", "http://localhost/", "HTTP://LOCALHOST:9090/", "http://[::1]:9090/"] {
            #expect(URLAuthority.isPrivate(base), "\(base)")
        }
        for base in [
            "http://accounts.example.com/", "http://10.0.0.7:9090/", "http://127.example.com/",
            "http://localhost.example.com/",
        ] {
            #expect(!URLAuthority.isPrivate(base), "\(base)")
        }
    }
}

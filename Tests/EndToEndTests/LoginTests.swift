import Foundation
import NKeys
import RealServers
import SystemTimeZones
import Testing
import Trust

@Suite("Logins, judged by the real server and by the library", .onOwnThread)
struct LoginTests {
    @Test("what must fail is refused by both; where the server is laxer, Docs/Divergences.md says why we are not")
    func logins() throws {
        let world = try HostileWorld()
        let logins = try world.logins()
        let server = try RealServer(configuration: world.deployment.configuration())
        let files = try logins.enumerated().map { index, login in
            (creds: try world.creds(of: login, index), subject: login.subject)
        }
        let outcomes = try RealClient.log(in: files, to: server)
        let documented = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        for (login, outcome) in zip(logins, outcomes) {
            let ours = try world.judge(login)
            #expect(ours == login.ours, "\(login.name): the library")
            #expect(outcome.connected == login.isLetIn, "\(login.name): the server, \(outcome.error ?? "")")
            if outcome.connected {
                #expect(outcome.received == "a message", "\(login.name): \(outcome.error ?? "")")
            } else {
                #expect(outcome.error?.lowercased().contains("authorization violation") == true, "\(login.name)")
            }
            guard login.isLetIn == ours.isEmpty else {
                let id = try #require(login.divergence, "\(login.name): a difference that no row explains")
                #expect(documented.contains("| \(id) |"), "\(login.name): there is no row \(id)")
                continue
            }
            #expect(login.divergence == nil, "\(login.name): the row is stale")
        }
    }

    @Test("the library signs none of the users that it would refuse")
    func signing() throws {
        let world = try HostileWorld()
        let user = try KeyPair.generate(.user).publicKey
        func refusal(_ pair: KeyPair, _ change: (inout UserClaims) -> Void) throws -> [String] {
            var claims = UserClaims(subject: user, name: "user")
            change(&claims)
            let signer = TokenSigner(pair, zones: SystemZones())
            do throws(SigningError) {
                _ = try signer.sign(claims, for: world.account, under: world.operator, at: world.now)
                return []
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                return Array(Set(refusal.failures.map(\.rule))).sorted().map(\.code)
            }
        }
        #expect(try refusal(world.accountKeys) { _ in } == [])
        #expect(try refusal(world.roleKeys) { _ in } == [])
        #expect(try refusal(world.roleKeys) { $0.common.name = "*" } == ["C-template-value"])
        #expect(try refusal(world.roleKeys) { $0.common.name = "a.b" } == ["C-template-value"])
        #expect(try refusal(world.roleKeys) { $0.permissions.responses = ResponseClaims() } == ["C-user-scope"])
        #expect(try refusal(world.otherKeys) { _ in } == ["C-user-signer"])
        #expect(try refusal(world.accountKeys) { $0.limits.bearer = true } == ["C-user-bearer"])
        #expect(try refusal(world.accountKeys) { $0.common.subject = world.revoked } == ["C-user-revoked"])
    }

    @Test("the command line makes no user whose name is a wildcard")
    func wildcardName() throws {
        let deployment = try Deployment()
        try deployment.addAccount("A")
        let run = try Program.credence(
            ["add", "user", "--name", ">", "--account", "A", "-H", deployment.folder.path])
        #expect(run.status != 0)
        #expect(!run.errors.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: deployment.creds(of: ">", in: "A")))
    }
}

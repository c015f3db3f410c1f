import FolderStores
import Foundation
import RealServers
import SystemTimeZones
import Testing
import Trust

@testable import CredenceCLI

@Suite("From nothing to a connected user", .onOwnThread)
struct WalkTests {
    @Test("the real server starts on what the command line made, and the real client connects, publishes and receives")
    func walk() throws {
        let deployment = try Deployment()
        try deployment.addAccount("ORDERS")
        let alice = try deployment.addUser("alice", to: "ORDERS")
        let bob = try deployment.addUser(
            "bob", to: "ORDERS", "--allow-pubsub", "orders.>", "--allow-sub", "_INBOX.>")
        let server = try RealServer(configuration: deployment.configuration())
        let sys = deployment.creds(of: "sys", in: "SYS")
        let outcomes = try RealClient.log(
            in: [(alice, "greeting"), (bob, "orders.eu"), (bob, "greeting"), (sys, "greeting")], to: server)
        #expect(outcomes.map(\.connected) == [true, true, true, true])
        #expect(outcomes.map(\.received) == ["a message", "a message", nil, "a message"])
        #expect(outcomes[2].error?.contains("permissions violation") == true, "\(outcomes[2])")
    }

    @Test(
        "what is generated for a store of nsc says the same to the server as what nsc generated",
        arguments: ["CORP", "STRICT"])
    func sameConfiguration(name: String) throws {
        let now = try #require(UnixTime(1_795_212_900))
        let verifier = TokenVerifier(zones: SystemZones())
        let store = try FolderStore(at: Testdata.nsc("stores/\(name)"))
        let token = String(decoding: try store.operatorToken(), as: UTF8.self)
        let anchor = try #require(verifier.verify(token, as: OperatorClaims.self, at: now).proof)
        let chain = ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier)
        var config = ServerConfig(operator: anchor)
        let listing = try store.accounts()
        for index in 0..<listing.count {
            let token = String(decoding: try store.accountToken(named: listing.name(at: index)), as: UTF8.self)
            config.accounts.append(try #require(chain.account(token, at: now).proof))
        }
        let theirs = try String(contentsOfFile: Testdata.nsc("config/\(name)-mem-resolver.conf"), encoding: .utf8)
        #expect(Self.statements(config.text) == Self.statements(theirs))
    }

    /// What the server reads: lines without comments, in any order.
    private static func statements(_ configuration: String) -> [String] {
        configuration.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("//") }.sorted()
    }
}

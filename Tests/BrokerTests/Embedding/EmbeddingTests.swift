import Broker
import Foundation
import NATSClient
import NKeys
import Subjects
import Testing
import Trust

@Suite struct EmbeddingTests {
    /// What stands in a code block of Docs/Embedding.md is the code that is built here, without its comments for readers
    /// of the test.
    @Test(arguments: ["EmbeddedBroker.swift", "OwnBroker.swift"])
    func `the document shows the code that is built`(_ name: String) throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let code = try String(contentsOf: here.appending(path: name), encoding: .utf8)
        let document = try String(
            contentsOf: here.appending(path: "../../../Docs/Embedding.md").standardized, encoding: .utf8)
        #expect(document.contains("```swift\n\(code)```"))
    }

    @Test func `the broker of the example serves a client`() async throws {
        let world = try BrokerWorld()
        let account = try world.account("APP")
        let tokens = try [world.systemKeys.publicKey, account.publicKey].map { key in
            (key, try #require(world.token(of: key)))
        }
        let broker = try #require(
            try await serve(
                operatorToken: world.operatorToken.text, accounts: Dictionary(uniqueKeysWithValues: tokens),
                at: BrokerWorld.now))
        // The example has the standard two seconds to let a client in, which beside a thousand other tests are short.
        var connected: NATSConnection?
        for _ in 0..<60 where connected == nil {
            connected = try? await world.connect(world.user(of: account), to: broker)
        }
        let client = try #require(connected)
        let heard = try await client.subscribe(to: "a")
        try await client.publish("a", payload: [1])
        #expect(try await heard.next()?.payload == [1])
        await broker.stop()
    }

    @Test func `a broker of its own learns who may connect, what it may do and who imports`() throws {
        let world = try BrokerWorld()
        let exporter = try world.account("EXPORTER") { claims in
            claims.exports = [Export(subject: try SubjectPattern("ev.>"), kind: .stream)]
        }
        let importer = try world.account("IMPORTER") { claims in
            var item = Import(subject: try SubjectPattern("ev.>"), account: exporter.publicKey, kind: .stream)
            item.localSubject = "theirs.>"
            claims.imports = [item]
        }
        var resolver = MemoryAccountResolver()
        for key in [exporter.publicKey, importer.publicKey] {
            resolver[key] = try #require(world.token(of: key)).asResolved
        }
        var broker = OwnBroker(operators: [world.operatorToken])
        let creds = try world.user(of: importer) { claims in
            claims.permissions.publishAllow = [try PermissionEntry("own.*", in: .publish)]
        }
        let nonce = Array("nonce".utf8)
        let signature = Data(try KeyPair(creds.seed).sign(nonce).rawBytes).base64EncodedString()
        let token = String(decoding: creds.token, as: UTF8.self)
        let permissions = try broker.connect(
            token: token, signature: signature, nonce: nonce, from: "127.0.0.1", accounts: resolver,
            at: BrokerWorld.now
        ).get()
        #expect(permissions.rules.decide(publish: try Subject("own.a")).isAllowed)
        #expect(!permissions.rules.decide(publish: try Subject("ev.a")).isAllowed)
        let importers = broker.importers(of: try Subject("ev.a.b"), from: exporter.publicKey)
        #expect(importers.map(\.account) == [importer.publicKey])
        #expect(importers.map(\.subject.text) == ["theirs.a.b"])
        // Another nonce was signed than was sent.
        let refused = try broker.connect(
            token: token, signature: signature, nonce: Array("other".utf8), from: "127.0.0.1", accounts: resolver,
            at: BrokerWorld.now)
        guard case .failure(let failure) = refused else {
            Issue.record("a forged proof was accepted")
            return
        }
        #expect(failure.rules == ["C-user-proof"])
    }
}

extension String {
    fileprivate var asResolved: ResolvedAccount { .token(self) }
}

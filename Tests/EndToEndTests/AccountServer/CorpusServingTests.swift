import Foundation
import RealServers
import Testing

/// The stores that the real `nsc` made, uploaded whole (Testdata/nsc/README.md).
@Suite(.onOwnThread) struct CorpusServingTests {
    /// Exporters before those who import from them; with the codes that refuse the account, or none.
    struct Store {
        let name: String
        let accounts: [(name: String, rules: Set<String>)]
    }

    static let stores = [
        Store(
            name: "CORP",
            accounts: [
                ("SYS", []), ("ORDERS", []), ("BILLING", []), ("LIMITED", []), ("DEVICES", []), ("STORAGE", []),
                ("OPS", []), ("AUTHC", []),
                // Of its seven imports three were revoked, and one has an activation that was good for a minute.
                ("SHIPPING", ["B-revoked", "B-token-invalid", "T-expired", "U-binding"]),
            ]),
        Store(name: "STRICT", accounts: [("SYS", []), ("VAULT", []), ("READER", [])]),
    ]

    @Test(arguments: stores.indices)
    func `accounts of nsc are taken as the rules say, and served byte for byte`(index: Int) throws {
        let store = Self.stores[index]
        let folder = try TemporaryFolder()
        let server = try AccountServerProcess(Self.arguments(store, folder))
        for (name, rules) in store.accounts {
            let token = try Self.token(name, of: store)
            let reply = try server.upload(token)
            #expect(Set(reply.rules) == rules, "\(store.name) \(name): \(reply.status) \(reply.body)")
            #expect(reply.status == (rules.isEmpty ? 200 : 400), "\(store.name) \(name)")
            #expect(
                try server.token(of: Self.subject(of: token)) == (rules.isEmpty ? token : nil), "\(store.name) \(name)")
        }
        // They are there after a start anew, and come in a pack.
        server.signal(SIGTERM)
        #expect(try server.waitUntilEnd() == 0)
        let (credentials, bearer) = try ListingCredential.write(in: folder)
        let again = try AccountServerProcess(Self.arguments(store, folder) + ["--credentials", credentials])
        #expect(try again.ask("GET", "/jwt/v1/pack").status == 401, "listing needs a permission")
        let expected = try store.accounts.filter(\.rules.isEmpty).map { account in
            let token = try Self.token(account.name, of: store)
            return try "\(Self.subject(of: token))|\(token)"
        }
        let pack = try again.ask("GET", "/jwt/v1/pack", headers: bearer).body.split(separator: "\n")
            .map(String.init)
        #expect(Set(pack) == Set(expected))
        #expect(
            try again.ask("GET", "/jwt/v1/operator").body
                == String(contentsOfFile: Self.operatorFile(store), encoding: .utf8))
    }

    @Test func `an importer is refused before its exporter is known, and deferred where that is asked for`() throws {
        let store = Self.stores[1]
        let token = try Self.token("READER", of: store)
        let folder = try TemporaryFolder()
        let strict = try AccountServerProcess(Self.arguments(store, folder))
        #expect(try strict.upload(token).rules.contains("B-exporter-unknown"))
        let deferring = try AccountServerProcess(
            ["--operator", Self.operatorFile(store), "--data", folder.path("other"), "--accept-deferred-imports"])
        #expect(try deferring.upload(token).status == 200)
        #expect(try deferring.upload(Self.token("VAULT", of: store)).status == 200)
    }

    private static func arguments(_ store: Store, _ folder: TemporaryFolder) -> [String] {
        ["--operator", operatorFile(store), "--data", folder.path("data")]
    }

    private static func operatorFile(_ store: Store) -> String { "\(corpus)/\(store.name)/\(store.name).jwt" }

    private static var corpus: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Testdata/nsc/stores"
        )
        .standardized.path
    }

    private static func token(_ name: String, of store: Store) throws -> String {
        let path = "\(corpus)/\(store.name)/accounts/\(name)/\(name).jwt"
        return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func subject(of token: String) throws -> String {
        guard let subject = try TokenText(token).payload["sub"] as? String else { throw Fault("a token lacks `sub`") }
        return subject
    }
}

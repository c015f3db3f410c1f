import AccountServer
import NKeys
import RealServers
import Testing
import Trust

@Suite(.onOwnThread) struct ResolverFolderTests {
    @Test func `a real server starts on the folder of a store, serves its accounts and not the deleted ones`()
        async throws
    {
        let deployment = try Deployment()
        var creds: [String] = []
        for name in ["KEPT", "GONE"] {
            try deployment.addAccount(name)
            creds.append(try deployment.addUser("user", to: name))
        }
        let path = deployment.folder.path("resolver")
        let store = try ResolverFolderStore(folder: path)
        var keys: [String: PublicKey] = [:]
        var changes: [StoreChange] = []
        for name in ["SYS", "KEPT", "GONE"] {
            let token = try deployment.accountToken(name)
            let key = try PublicKey(try #require(try TokenText(token).payload["sub"] as? String), role: .account)
            keys[name] = key
            changes.append(StoreChange(key: .account(key), value: .token(token), expected: nil))
        }
        let operatorToken = try deployment.operatorToken()
        changes.append(StoreChange(key: .operator, value: .token(operatorToken), expected: nil))
        let hash = SHA256.base32(Array("an activation".utf8))
        changes.append(StoreChange(key: .activation(hash), value: .token(operatorToken), expected: nil))
        let outcomes = try await store.commit(changes)
        guard case .stored(let revision) = outcomes[2] else {
            Issue.record("\(outcomes)")
            return
        }
        _ = try await store.commit([StoreChange(key: changes[2].key, value: .deleted(.zero), expected: revision)])
        await store.close()

        let configuration = """
            operator: \(operatorToken)
            system_account: \(try #require(keys["SYS"]))
            resolver: { type: full, dir: "\(path)", allow_delete: true, timeout: "200ms" }
            """
        try deployment.folder.write(configuration, to: "server.conf")
        let server = try RealServer(configuration: deployment.folder.path("server.conf"))
        let logins = try RealClient.log(in: creds.map { (creds: $0, subject: "hello") }, to: server)
        #expect(logins.map(\.connected) == [true, false])
        #expect(logins.first?.received == "a message")
        let again = try ResolverFolderStore(folder: path)
        #expect(try await again.load().count == 5)
        await again.close()
    }
}

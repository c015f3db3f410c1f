import FolderStores
import NKeys
import SystemTimeZones
import Testing
import Trust

@Suite("Stores that nsc made")
struct StoreTests {
    let measured: Measured
    init() throws { measured = try Measured.read() }

    /// Every user that is refused at rest, with the rules.
    static let refusedUsers = [
        "CORP/OPS/expires1m": ["T-expired"], "CORP/OPS/future": ["T-not-before"],
        "CORP/OPS/revoked": ["C-user-revoked"],
        // A name with a dot is put into a template: see the divergence `corpus-CORP/DEVICES/cam.2`.
        "CORP/DEVICES/cam.2": ["C-template-value"],
    ]

    @Test(
        "every account is trusted, and every user but those out of time, revoked or ill named",
        arguments: ["CORP", "STRICT"])
    func store(name: String) throws {
        let realm = try Realm(store: name, at: measured.now)
        let listing = try FolderStore(at: "\(Corpus.folder)/stores/\(name)").accounts()
        let reader = StoreReader(listing)
        var users = 0
        for index in 0..<listing.count {
            let account = listing.name(at: index)
            let verdict = try #require(realm.verdicts[account], "the folder has the name of its account")
            #expect(verdict.codes == [], "\(account)")
            let trusted = try realm.account(account)
            reader.forEachUser(ofAccountAt: index, onFault: { Issue.record("\($0)") }) { user, token in
                users += 1
                let user = "\(name)/\(account)/\(String(decoding: user, as: UTF8.self))"
                let verdict = realm.chain.user(
                    utf8: token.bindMemory(to: UInt8.self), of: trusted, at: measured.now)
                #expect(verdict.codes == Self.refusedUsers[user] ?? [], "\(user)")
            }
        }
        #expect(users == (name == "CORP" ? 35 : 3))
    }

    @Test("the folder of a resolver gives the same verdicts on accounts and imports as the store")
    func resolverFolder() throws {
        let store = try Realm(store: "CORP", at: measured.now)
        let folder = try Realm(resolverFolder: "resolver-dir", operator: "CORP", at: measured.now)
        #expect(folder.verdicts.mapValues(\.codes) == store.verdicts.mapValues(\.codes))
        for name in store.verdicts.keys {
            let ours = try folder.imports(of: folder.account(name)).map(\.verdict.codes)
            #expect(try ours == store.imports(of: store.account(name)).map(\.verdict.codes), "\(name)")
        }
    }

    @Test("every configuration that the server starts on has a trusted operator, and the accounts of the store")
    func configurations() throws {
        for start in measured.configStart {
            let realm = try Realm(configuration: start.conf, at: measured.now)
            #expect(start.starts)
            guard start.conf.contains("mem-resolver"), start.conf.hasPrefix("config/") else { continue }
            let name = start.conf.contains("CORP") ? "CORP" : "STRICT"
            let store = try Realm(store: name, at: measured.now)
            #expect(Set(realm.verdicts.keys) == Set(store.verdicts.keys))
            for (account, verdict) in realm.verdicts {
                #expect(try verdict.proof?.text == store.account(account).text, "\(start.conf) \(account)")
            }
        }
    }

    @Test("an account signed by the operator's identity key is refused under strict signing keys, and no other is")
    func strictAccount() throws {
        let realm = try Realm(
            configuration: "negative/STRICT-account-by-identity-mem-resolver.conf", at: measured.now)
        let token = try Corpus.token("negative/strict-account-by-operator-identity.jwt")
        #expect(realm.verdicts.mapValues(\.codes) == ["READER": ["C-account-signer"], "VAULT": [], "SYS": []])
        #expect(realm.chain.account(token, at: measured.now).codes == ["C-account-signer"])
    }
}

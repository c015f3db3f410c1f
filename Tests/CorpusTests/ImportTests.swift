import Testing
import Trust

@Suite("Imports that were measured")
struct ImportTests {
    /// Every import by account and name, and the rules that refuse it.
    static let verdicts: [String: [String: [String]]] = [
        "BILLING": [
            "public": [], "private": [], "region": [], "feed": [], "limited-narrow": [], "price": [], "quote": [],
            "batch": [], "accsvc": [],
        ],
        "SHIPPING": [
            "public": [], "private": [], "price": [], "limited": ["B-revoked"], "svclimited": ["B-revoked"],
            "starrev": ["B-revoked"], "expiring": ["T-expired", "B-token-invalid"],
        ],
        "LIMITED": ["public": []],
    ]

    @Test("every import of CORP stands or falls by itself, by the rule that names its fault")
    func corp() throws {
        #expect(try verdicts(Realm(store: "CORP", at: Measured.read().now)) == Self.verdicts)
    }

    @Test("the imports of STRICT stand; an activation by the exporter's identity key does not")
    func strict() throws {
        let now = try Measured.read().now
        #expect(try verdicts(Realm(store: "STRICT", at: now)) == ["READER": ["secret": [], "time": []]])
        let realm = try Realm(configuration: "negative/STRICT-identity-activation-mem-resolver.conf", at: now)
        #expect(try verdicts(realm) == ["READER": ["secret": ["B-exporter"], "time": []]])
        let account = try realm.account("READER")
        #expect(try account.text == Corpus.token("negative/strict-account-with-identity-activation.jwt"))
    }

    private func verdicts(_ realm: Realm) throws -> [String: [String: [String]]] {
        var verdicts: [String: [String: [String]]] = [:]
        for name in realm.verdicts.keys {
            let imports = try realm.imports(of: realm.account(name))
            guard !imports.isEmpty else { continue }
            verdicts[name] = Dictionary(uniqueKeysWithValues: imports.map { ($0.item.name, $0.verdict.codes) })
        }
        return verdicts
    }
}

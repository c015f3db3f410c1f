import Foundation
import NKeys
import Testing
import Trust

@Suite("Logins that were measured")
struct ConnectTests {
    /// How real clients write the signature of a nonce.
    enum Spelling: CaseIterable {
        case urlWithoutPadding, standardWithPadding

        func write(_ signature: Signature) -> String {
            let standard = Data(signature.rawBytes).base64EncodedString()
            guard self == .urlWithoutPadding else { return standard }
            return standard.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
    }

    /// The rules by which each refused login is refused.
    static let refusals = [
        "keys/creds/CORP/OPS/cidr-bad.creds": ["C-user-source"],
        "keys/creds/CORP/OPS/conn-ws.creds": ["C-user-connection"],
        "keys/creds/CORP/OPS/expires1m.creds": ["T-expired"],
        "keys/creds/CORP/OPS/future.creds": ["T-not-before"],
        "keys/creds/CORP/OPS/revoked.creds": ["C-user-revoked"],
        "keys/creds/CORP/DEVICES/cam.2.creds": ["C-template-value"],
        "tokens/reissued-old.creds": ["C-user-revoked"],
        "tokens/revoked-user.creds": ["C-user-revoked"],
        "keys/creds/CORP/OPS/plain.creds, JWT only, no signature": ["C-user-proof"],
        "keys/creds/CORP/OPS/plain.creds, signature only, no JWT": ["T-segments"],
        "no credentials": ["T-segments"],
        "keys/creds/CORP/LIMITED/app.creds, second connection at the same time (conn limit 1)": ["C-account-limit"],
        "negative/STRICT-account-by-identity-mem-resolver.conf, keys/creds/STRICT/READER/app.creds": [
            "C-account-signer"
        ],
        "negative/strict-user-by-account-identity.creds": ["C-user-signer"],
    ]

    @Test(
        "a login is accepted when the real server took it, however the signature is spelled",
        arguments: Spelling.allCases)
    func connect(spelling: Spelling) throws {
        let measured = try Measured.read()
        var comparison = Comparison("connect")
        var refused: [String: [String]] = [:]
        for login in measured.connect {
            let verdict = try judge(login, spelling, at: measured.now)
            if !verdict.isAccepted { refused[login.name] = verdict.codes }
            let ours = verdict.isAccepted ? "accepted" : "refused"
            // A difference says by which rule; an agreement is that of the outcome.
            let detail = verdict.isAccepted || !login.ok ? ours : "refused: \(verdict.codes.joined(separator: ", "))"
            comparison.compare(login.name, theirs: login.ok ? "accepted" : "refused", ours: detail)
        }
        comparison.finish()
        #expect(refused == Self.refusals)
    }

    private func judge(_ login: Measured.Login, _ spelling: Spelling, at now: UnixTime) throws -> Verdict<TrustedUser> {
        let realm =
            try login.conf.map { try Realm(configuration: $0, at: now) } ?? Realm(store: login.operator, at: now)
        let nonce = "PXoWU7zWAMt75FY"
        guard let path = login.creds else {
            guard login.variant == "no credentials" else { throw CorpusFault("no creds in \(login.name)") }
            return realm.connect("", nonce: nonce, signature: nil)
        }
        let creds = try Corpus.creds(path)
        let token = String(decoding: creds.token, as: UTF8.self)
        let signature = spelling.write(try KeyPair(creds.seed).sign(Array(nonce.utf8)))
        switch login.variant {
        case nil: return realm.connect(token, nonce: nonce, signature: signature)
        case "JWT only, no signature": return realm.connect(token, nonce: nonce, signature: nil)
        case "signature only, no JWT": return realm.connect("", nonce: nonce, signature: signature)
        case "second connection at the same time (conn limit 1)":
            return realm.connect(token, nonce: nonce, signature: signature, usage: .init(connections: 1))
        case let variant?: throw CorpusFault("a variant that this test does not know: \(variant)")
        }
    }

    @Test("under the compatible policy the name with a dot is put into its template, as the real server does")
    func compatible() throws {
        let realm = try Realm(store: "CORP", policy: .compatible, at: Measured.read().now)
        #expect(try realm.user(Corpus.creds("keys/creds/CORP/DEVICES/cam.2.creds")).codes == [])
    }
}

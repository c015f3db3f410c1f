import Foundation
import NKeys
import RealServers
import Subjects
import Testing
import Trust

@Suite("credence add and delete import", .onOwnThread)
struct ImportTests {
    /// E exports `a.>` to everyone and `p.>` to whom it grants it, as streams and as services.
    private func exchange(operatorFlags: [String] = []) throws -> Exchange {
        let store = try Exchange(operatorFlags: operatorFlags)
        for kind in [[], ["--service"]] {
            try store.yes(["add", "export", "-a", "E", "-s", "a.>"] + kind)
            try store.yes(["add", "export", "-a", "E", "-s", "p.>", "--private"] + kind)
        }
        return store
    }

    private let add = ["add", "import", "-a", "I"]
    private func public_(_ subject: String) -> [String] { add + ["--src-account", "E", "--remote-subject", subject] }

    @Test("A public import needs no token; who exports is named by name or by key")
    func publicImport() throws {
        let store = try exchange()
        let key = try store.key("E").text
        try store.yes(public_("a.>") + ["--local-subject", "from.e.>", "-n", "News", "--allow-trace"])
        try store.yes(
            add + ["--src-account", key, "--remote-subject", "a.ask", "--service", "--share", "-s", "ask.e"])
        #expect(
            try store.imports() as NSArray == [
                [
                    "name": "News", "subject": "a.>", "account": key, "local_subject": "from.e.>", "type": "stream",
                    "allow_trace": true,
                ] as [String: Any],
                [
                    "name": "a.ask", "subject": "a.ask", "account": key, "local_subject": "ask.e", "type": "service",
                    "share": true,
                ],
            ])
        #expect(try store.standing().map(\.inForce) == [true, true])
    }

    @Test("A private import says with its token who exports what; a file or standard input holds it")
    func privateImport() throws {
        let store = try exchange()
        let stream = try store.activation("p.>")
        let service = try store.activation("p.ask", for: "I", "--service")
        let run = try store.yes(add + ["--token", stream, "--local-subject", "priv.>"])
        #expect(run.output.hasPrefix("added stream import `p.>` as `priv.>` from account A") && run.errors.isEmpty)
        let text = try [UInt8](String(contentsOfFile: service, encoding: .utf8).utf8)
        #expect(try store.run(add + ["-u", "-"], input: text).status == 0)
        let imports = try store.imports()
        #expect(imports.map { $0["subject"] as? String } == ["p.>", "p.ask"])
        #expect(imports.map { $0["type"] as? String } == ["stream", "service"])
        #expect(try store.standing().map(\.inForce) == [true, true])
        #expect(try store.run(["validate"]).status == 0)
    }

    @Test("What the exporter does not allow is refused, rule by rule")
    func bindings() throws {
        let store = try exchange()
        let wide = try store.activation("p.>")
        let narrow = try store.activation("p.eu")
        let others = try store.activation("p.>", for: "O")
        #expect(try store.refusal(public_("p.>")) == ["B-token-missing"])
        #expect(try store.refusal(public_("q.>")) == ["B-export-missing"])
        #expect(try store.refusal(public_("p.>") + ["--token", others]) == ["B-importer"])
        #expect(try store.refusal(add + ["--token", others]) == ["B-importer"])
        #expect(try store.refusal(public_("p.>") + ["--token", narrow]) == ["B-subject"])
        #expect(try store.refusal(public_("p.eu") + ["--token", wide]) == ["B-subject"])
        #expect(try store.refusal(add + ["--token", wide, "--service"]) == ["B-kind"])
        #expect(
            try store.refusal(public_("a.>") + ["--token", others]) == [
                "B-importer", "B-subject", "B-export-subject", "B-public-token",
            ])
        #expect(
            try store.refusal(add + ["--src-account", "O", "--remote-subject", "p.>", "--token", wide])
                == ["B-export-missing", "B-exporter"])
        try store.yes(["add", "export", "-a", "E", "-s", "own.*", "--account-token-position", "2"])
        #expect(try store.refusal(public_("own.x")) == ["B-position"])
        try store.yes(public_("own.\(try store.key("I").text)"))
    }

    @Test("Tokens that only another tool would sign are refused")
    func forged() throws {
        let store = try exchange()
        let (exporter, importer) = (try store.key("E"), try store.key("I"))
        let now = try #require(UnixTime(Int64(Date().timeIntervalSince1970)))
        func refusal(
            by pair: KeyPair, subject: String = "p.>", import remote: String? = nil,
            _ change: (inout ActivationClaims) -> Void = { _ in }
        ) throws -> [String] {
            var claims = ActivationClaims(
                importer: importer, subject: try SubjectPattern(subject), kind: .stream)
            claims.issuerAccount = exporter
            change(&claims)
            let token = try TokenSigner(pair).sign(claims, at: now)
            try store.folder.write(token.text, to: "forged.jwt")
            return try store.refusal(public_(remote ?? subject) + ["--token", store.folder.path("forged.jwt")])
        }
        let own = try store.pair(exporter)
        let role = try KeyPair.generate(.account)
        try store.replace("E", issuedAfter: 1) { nats in
            nats["signing_keys"] = [["kind": "user_scope", "key": role.publicKey.text, "role": "r", "template": [:]]]
        }
        #expect(try refusal(by: role) == ["B-scoped-signer"])
        #expect(try refusal(by: .generate(.account)) == ["B-exporter"])
        #expect(try refusal(by: store.pair(importer)) == ["B-exporter"])
        #expect(try refusal(by: own) { $0.common.audience = exporter.text } == ["B-audience"])
        #expect(try refusal(by: own, subject: ">", import: "p.>") == ["B-subject", "B-export-subject"])
        #expect(try refusal(by: own) { $0.issuerAccount = importer } == ["B-exporter"])
        let late = try TokenSigner(own).sign(
            {
                var claims = ActivationClaims(importer: importer, subject: try SubjectPattern("p.>"), kind: .stream)
                claims.common.expires = now.advanced(by: -10)
                return claims
            }(), at: now.advanced(by: -100))
        try store.folder.write(late.text, to: "late.jwt")
        #expect(
            try store.refusal(add + ["--token", store.folder.path("late.jwt")]) == ["T-expired", "B-token-invalid"])
        try store.folder.write(late.text.dropLast(4) + "AAAA", to: "broken.jwt")
        #expect(
            try store.refusal(public_("p.>") + ["--token", store.folder.path("broken.jwt")])
                .contains("T-signature"))
    }

    @Test("A strict operator's account grants nothing by its identity key")
    func strict() throws {
        let store = try exchange(operatorFlags: ["--require-signing-keys"])
        let generate = ["generate", "activation", "-a", "E", "-s", "p.>", "-t", "I"]
        #expect(try store.refusal(generate + ["-K", "account"]) == ["B-exporter"])
        try store.yes(add + ["--token", try store.activation("p.>")])
        let claims = ActivationClaims(importer: try store.key("I"), subject: try SubjectPattern("p.x"), kind: .stream)
        let now = try #require(UnixTime(Int64(Date().timeIntervalSince1970)))
        let token = try TokenSigner(store.pair(try store.key("E"))).sign(claims, at: now)
        try store.folder.write(token.text, to: "identity.jwt")
        #expect(try store.refusal(add + ["--token", store.folder.path("identity.jwt")]) == ["B-exporter"])
    }

    @Test(
        "Nothing is fetched: a URL in the token's place is refused", arguments: ["https://example.com/t", "file://t"])
    func url(_ url: String) throws {
        let store = try exchange()
        #expect(try store.refusal(public_("p.>") + ["--token", url]) == ["B-token-invalid"])
    }

    @Test("An account does not import from itself, nor two services under one subject, nor a stream twice")
    func ownContent() throws {
        let store = try exchange()
        #expect(
            try store.refusal([
                "add", "import", "-a", "E", "--src-account", "E", "--remote-subject", "a.>", "-s", "x.>",
            ])
                == ["T-content"])
        try store.yes(public_("a.>") + ["--service", "-s", "ask.>"])
        #expect(try store.refusal(public_("a.x") + ["--service", "-s", "ask.x"]) == ["T-content"])
        #expect(try store.refusal(public_("a.*.y") + ["--service", "-s", "*.x"]) == ["B-local-subject"])
        #expect(try store.refusal(public_("a.*") + ["-s", "b.c"]) == ["T-content"])
        #expect(try store.refusal(public_("a.*") + ["--share"]) == ["T-content"])
        try store.yes(public_("a.>"))
        let again = try store.run(public_("a.>") + ["-s", "twice.>"])
        #expect(again.status == 1 && again.errors.contains("imports `a.>` already"))
        #expect(try store.imports().count == 2)
    }

    @Test("An exporter that is elsewhere is told of, and what the token alone shows is refused all the same")
    func elsewhere() throws {
        let (store, other) = (try exchange(), try exchange())
        let (key, importer) = (try other.key("E").text, try store.key("I").text)
        let run = try store.yes(add + ["--src-account", key, "--remote-subject", "a.>"])
        #expect(run.errors.contains("is not in the store"))
        #expect(try store.standing().map(\.rules) == [["B-exporter-unknown"]])
        let good = try other.activation("p.>", for: importer)
        let bad = try other.activation("p.>", for: "I")
        #expect(try store.refusal(add + ["--token", bad]) == ["B-importer"])
        #expect(
            try store.refusal(
                add + ["--src-account", try other.key("O").text, "--remote-subject", "p.>", "--token", good])
                == ["B-exporter"])
        try store.yes(add + ["--token", good])
        let named = try store.run(add + ["--src-account", "NONE", "--remote-subject", "p.>"])
        #expect(named.status == 66 && named.errors.contains("\nhint: "))
    }

    @Test("An exporter that is refused exports nothing")
    func refusedExporter() throws {
        let store = try exchange()
        try store.replace("E", issuedAfter: 1, by: .generate(.operator)) { _ in }
        #expect(try store.refusal(public_("a.>")) == ["B-exporter-unknown"])
    }

    @Test("An import is deleted by either subject; which of several is not guessed")
    func delete() throws {
        let store = try exchange()
        try store.yes(public_("a.>") + ["-s", "one.>"])
        try store.yes(public_("a.>") + ["--service", "-s", "two.>"])
        let delete = ["delete", "import", "-a", "I"]
        let several = try store.run(delete + ["-s", "a.>"])
        #expect(several.status == 64 && several.errors.contains("several imports match"))
        try store.yes(delete + ["-s", "one.>"])
        try store.yes(delete + ["-s", "a.>", "--src-account", "E"])
        #expect(try store.imports().isEmpty)
        #expect(try store.run(delete + ["-s", "a.>"]).status == 66)
    }
}

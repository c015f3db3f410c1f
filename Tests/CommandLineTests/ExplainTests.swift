import Foundation
import NKeys
import RealServers
import Testing

@Suite("credence explain", .onOwnThread)
struct ExplainTests {
    /// E exports a private stream and a public service; I imports both, with the creds of a user `joe`.
    private func exchange() throws -> (store: Exchange, activation: String) {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "orders.>", "--private"])
        try store.yes(["add", "export", "-a", "E", "-s", "svc.ask", "--service"])
        let activation = try store.activation("orders.>")
        try store.yes(["add", "import", "-a", "I", "--token", activation, "--local-subject", "in.>"])
        try store.yes(["add", "import", "-a", "I", "--src-account", "E", "--remote-subject", "svc.ask", "--service"])
        try store.yes(["add", "user", "-a", "I", "-n", "joe"])
        return (store, activation)
    }

    private func explain(_ store: Exchange, _ arguments: String..., status: Int32 = 0) throws -> ExplainedRun {
        let run = try store.run(["explain"] + arguments + ["--json"])
        #expect(run.status == status, "\(arguments): \(run.errors)")
        let text = try store.run(["explain"] + arguments)
        #expect(text.status == status && text.errors == run.errors)
        for output in [run.output, text.output] {
            #expect(!output.contains("eyJ"), "a token is shown")
            #expect(output.firstMatch(of: /\bS[A-Z2-7]{57}\b/) == nil, "a seed is shown")
        }
        return try ExplainedRun(run)
    }

    @Test("An import in force names its tokens, and what the exporter signed")
    func inForce() throws {
        let (store, activation) = try exchange()
        let explained = try explain(store, "import", "--account", "I", "--index", "0")
        #expect(
            Set(explained.json.keys) == ["account", "index", "accepted", "failures", "warnings", "explanation"])
        let members: Set = ["about", "outcome", "rule", "at", "message", "token", "claims", "children"]
        for node in explained.nodes() { #expect(Set(node.keys) == members) }
        let outcomes = Set(explained.nodes().compactMap { $0["outcome"] as? String })
        #expect(outcomes == ["holds", "not_asked"])
        let file = try String(contentsOfFile: activation, encoding: .utf8)
        let token = try #require(file.split(separator: "\n").first { $0.hasPrefix("eyJ") })
        let payload = try Exchange.payload(of: String(token))
        let node = try #require(explained.nodes(about: "the activation token").first)
        #expect(
            node["token"] as? [String: String] == [
                "type": "activation", "sub": try store.key("I").text, "jti": try #require(payload["jti"] as? String),
            ])
        #expect(ExplainedRun.claims(node).contains("subject: orders.>"))
        #expect(try explain(store, "import", "-a", "I", "--subject", "in.>").json["index"] as? Int == 0)
        #expect(try explain(store, "import", "-a", try store.key("I").text, "-s", "svc.ask").json["index"] as? Int == 1)
    }

    @Test("A revocation that covers the token is named where it stands")
    func revoked() throws {
        let (store, _) = try exchange()
        try store.yes(["revocations", "add-activation", "-a", "E", "-s", "orders.>", "-t", "I"])
        let explained = try explain(store, "import", "-a", "I", "-i", "0", status: 1)
        #expect(explained.failing() == ["B-revoked"])
        let node = try explained.node("B-revoked")
        #expect(node["at"] as? String == "imports[0].token")
        let key = try store.key("I").text
        #expect(ExplainedRun.claims(node).contains { $0.hasPrefix("exports[0].revocations[`\(key)`]: ") })
        let text = try store.run(["explain", "import", "-a", "I", "-i", "0"]).output
        #expect(text.hasPrefix("fails       stream import 0 of account `I`: `orders.>` of `E`"))
        #expect(text.contains("\n  fails       B-revoked at imports[0].token: revoked at "))
        #expect(text.contains("\n  holds       B-importer: the token is for the importing account [sub: "))
        #expect(text.contains("\n    holds       T-size, T-segments, T-base64, "))
    }

    @Test("A refused importer, a refused exporter, one that is not there and one that cannot be read are told")
    func refused() throws {
        let (store, _) = try exchange()
        let original = try store.token("E")
        try store.replace("E", issuedAfter: 0, by: .generate(.operator)) { _ in }
        let exporter = try explain(store, "import", "-a", "I", "-i", "0", status: 1)
        #expect(exporter.failing() == ["B-exporter-unknown", "C-account-signer"])
        #expect(exporter.failing(notBelow: "B-exporter-unknown") == ["B-exporter-unknown"])
        try store.folder.write("no token", to: "OP/accounts/E/E.jwt")
        let unread = try explain(store, "import", "-a", "I", "-i", "0", status: 1)
        #expect(unread.failing() == ["B-exporter-unknown"])
        try store.folder.write(original, to: "OP/accounts/E/E.jwt")
        try store.replace("I", issuedAfter: 0, by: .generate(.operator)) { _ in }
        let importer = try explain(store, "import", "-a", "I", "-i", "0", status: 1)
        #expect(importer.failing() == ["C-account-signer"])
        #expect(importer.failures == ["C-account-signer"])
        #expect(try importer.node("B-revoked")["outcome"] as? String == "not_judged")
    }

    @Test("An import that closes a circle says so")
    func circle() throws {
        let store = try Exchange()
        for account in ["E", "I"] { try store.yes(["add", "export", "-a", account, "-s", "s.>", "--service"]) }
        try store.yes(["add", "import", "-a", "I", "--src-account", "E", "--remote-subject", "s.>", "--service"])
        let key = try store.key("I").text
        try store.replace("E", issuedAfter: 30) { nats in
            nats["imports"] = [["subject": "s.>", "account": key, "type": "service"]]
        }
        #expect(try explain(store, "import", "-a", "E", "-i", "0", status: 1).failing() == ["B-cycle"])
        #expect(try explain(store, "import", "-a", "I", "-i", "0").failing() == [])
    }

    @Test("A user is found by file, by name and by account, and its revocation is told")
    func user() throws {
        let (store, _) = try exchange()
        let creds = store.folder.path("creds/OP/I/joe.creds")
        let at = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 30))
        let named = try explain(store, "user", "--user", "joe", "--at", at)
        #expect(named.failing() == [])
        #expect(try explain(store, "user", "--user", creds, "--at", at).run.output == named.run.output)
        #expect(
            try explain(store, "user", "--user", "joe", "--account", "I", "--at", at).run.output == named.run.output)
        try store.yes(["add", "user", "-a", "O", "-n", "joe"])
        let several = try store.run(["explain", "user", "--user", "joe"])
        #expect(several.status == 64 && several.errors.contains("--account"))
        #expect(try store.run(["explain", "user", "--user", "nobody"]).status == 66)
        try store.yes(["revocations", "add-user", "-a", "I", "--user", "*"])
        let revoked = try explain(store, "user", "--user", creds, status: 1)
        #expect(revoked.failing() == ["C-user-revoked"])
        #expect(ExplainedRun.claims(try revoked.node("C-user-revoked")).contains { $0.hasPrefix("revocations[`*`]: ") })
        #expect(revoked.nodes(about: "the user's token").first?["outcome"] as? String == "fails")
        let denied = try explain(store, "publish", "a", "--user", creds, status: 1)
        #expect(denied.json["allowed"] as? Bool == false && denied.failures == ["C-user-revoked"])
        #expect(denied.tree["message"] as? String == "the user is refused, and may do nothing")
    }

    @Test("A request goes on through a service import, and a stream import feeds a subscription")
    func operations() throws {
        let (store, _) = try exchange()
        let request = try explain(store, "publish", "svc.ask", "--user", "joe", "-a", "I")
        let service = try #require(request.nodes(about: "service import 1 takes it to").first)
        #expect(service["outcome"] as? String == "holds")
        #expect(ExplainedRun.claims(service).contains("known there as: svc.ask"))
        #expect(
            try explain(store, "publish", "other", "--user", "joe", "-a", "I").nodes(about: "service import").isEmpty)
        let subscription = try explain(store, "subscribe", "in.eu.*", "--queue", "q", "--user", "joe", "-a", "I")
        #expect(subscription.json["queue"] as? String == "q")
        let stream = try #require(subscription.nodes(about: "stream import 0 feeds it from").first)
        #expect(ExplainedRun.claims(stream).contains("known there as: orders.eu.*"))
        #expect((stream["token"] as? [String: String])?["type"] == "activation")
        try store.yes(["revocations", "add-activation", "-a", "E", "-s", "orders.>", "-t", "*"])
        let starved = try explain(store, "subscribe", "in.>", "--user", "joe", "-a", "I")
        #expect(starved.json["allowed"] as? Bool == true)
        #expect(starved.failing() == ["B-revoked"])
    }

    @Test("Permissions are traced to the one source that applies, the entry and its place; mappings to where they lead")
    func permissions() throws {
        let (store, _) = try exchange()
        try store.yes(["add", "user", "-a", "I", "-n", "ann", "--allow-pub", "a.>", "--deny-sub", "a.no"])
        let allowed = try explain(store, "publish", "a.b", "--user", "ann")
        let entry = try #require(allowed.nodes(about: "the permission for `a.b`").first)
        #expect(entry["at"] as? String == "pub.allow[0]")
        #expect(ExplainedRun.claims(entry) == ["list: allow", "entry: a.>"])
        #expect((entry["token"] as? [String: String])?["type"] == "user")
        #expect(try explain(store, "publish", "b", "--user", "ann", status: 1).failing() == [])
        let filtered = try explain(store, "subscribe", "a.>", "--user", "ann")
        #expect(filtered.nodes(about: "messages on `a.no`").first?["outcome"] as? String == "warns")
        try store.replace("I", issuedAfter: 0) { nats in
            nats["mappings"] = ["a.m": [["subject": "no", "weight": 40], ["subject": "a.b", "weight": 60]]]
        }
        let mapped = try explain(store, "publish", "a.m", "--user", "ann", status: 1)
        let mapping = try #require(mapped.nodes(about: "the account maps `a.m`").first)
        let destinations = try #require(mapping["children"] as? [[String: Any]])
        #expect(destinations.map { $0["outcome"] as? String } == ["fails", "holds"])
        #expect(ExplainedRun.claims(destinations.last).contains("percent: 60"))
    }

    @Test("A resolver's folder does as well, with the operator's token")
    func resolverFolder() throws {
        let arguments = ["--store", Testdata.nsc("resolver-dir"), "--at", "2026-11-20T22:18:02Z", "--json"]
        let operatorFile = ["--operator", Testdata.nsc("stores/CORP/CORP.jwt")]
        let token = Testdata.nsc("stores/CORP/accounts/SHIPPING/SHIPPING.jwt")
        let described = try Binary.run("describe", "jwt", "-f", token, "--json").json()
        let key = try #require((described["claims"] as? [String: Any])?["sub"] as? String)
        let run = try Binary.start(
            ["explain", "import", "-a", key, "-s", "orders.limited.>"] + arguments + operatorFile
        ).wait()
        #expect(try ExplainedRun(run).failing() == ["B-revoked"])
        let user = Testdata.nsc("stores/CORP/accounts/OPS/users/revoked.jwt")
        let asked = try Binary.start(["explain", "user", "--user", user] + arguments + operatorFile).wait()
        #expect(try ExplainedRun(asked).failing() == ["C-user-revoked"])
        #expect(
            try Binary.start(["explain", "user", "--user", "revoked"] + arguments + operatorFile).wait().status == 66)
        #expect(try Binary.start(["explain", "user", "--user", user] + arguments).wait().status == 65)
    }

    @Test("Wrong usage and what is not there are told, and a seed is never shown")
    func usage() throws {
        let (store, _) = try exchange()
        for (arguments, status) in [
            (["import", "-a", "I"], 64), (["import", "-a", "I", "-i", "0", "-s", "in.>"], 64),
            (["import", "-a", "I", "-i", "2"], 66), (["import", "-a", "I", "-i", "-1"], 64),
            (["import", "-a", "NONE", "-i", "0"], 66), (["import", "-i", "0"], 64),
            (["import", "-a", "I", "-s", "none"], 66), (["publish", "a.*", "--user", "joe"], 65),
            (["subscribe", "a..b", "--user", "joe"], 65), (["user"], 64),
        ] as [([String], Int32)] {
            let run = try store.run(["explain"] + arguments)
            #expect(run.status == status, "\(arguments): \(run.status) \(run.errors)")
            #expect(run.output.isEmpty && !run.errors.isEmpty)
        }
        let seed = "SUAM" + String(repeating: "A2", count: 27)
        let run = try store.run(["explain", "user", "--user", seed])
        #expect(run.status == 64 && !run.errors.contains(seed))
    }
}

import Foundation
import RealServers
import Testing

@Suite("credence add, edit and delete export", .onOwnThread)
struct ExportTests {
    @Test("Every flag is in the token, with nsc's defaults for the rest")
    func flags() throws {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "plain.*"])
        try store.yes([
            "add", "export", "-a", "E", "-s", "svc.>", "--service", "--private", "-n", "Answers", "--latency",
            "lat.svc",
            "--sampling", "30", "--response-threshold", "2s", "--advertise", "--description", "what it is",
            "--info-url", "https://example.com/svc", "--allow-trace",
        ])
        try store.yes(["add", "export", "-a", "E", "-s", "own.*.x", "--account-token-position", "2"])
        try store.yes([
            "add", "export", "-a", "E", "-s", "many", "-r", "--response-type", "chunked", "--latency", "lat.many",
            "--sampling", "header",
        ])
        var exports: [String: [String: Any]] = [:]
        for export in try store.exports() { exports[export["subject"] as? String ?? ""] = export }
        #expect(Set(exports.keys) == ["plain.*", "svc.>", "own.*.x", "many"])
        #expect(exports["plain.*"] as NSDictionary? == ["name": "plain.*", "subject": "plain.*", "type": "stream"])
        #expect(
            exports["svc.>"] as NSDictionary? == [
                "name": "Answers", "subject": "svc.>", "type": "service", "token_req": true,
                "response_type": "Singleton", "response_threshold": 2_000_000_000, "advertise": true,
                "service_latency": ["sampling": 30, "results": "lat.svc"] as [String: Any], "allow_trace": true,
                "description": "what it is", "info_url": "https://example.com/svc",
            ])
        #expect(exports["own.*.x"]?["account_token_position"] as? Int == 2)
        #expect(exports["many"]?["response_type"] as? String == "Chunked")
        #expect((exports["many"]?["service_latency"] as? [String: Any])?["sampling"] as? String == "headers")
        #expect(try store.run(["validate"]).status == 0)
    }

    @Test("The JSON of a change has every member of its shape")
    func shape() throws {
        let store = try Exchange()
        let run = try store.yes(["add", "export", "-a", "E", "-s", "a", "--json"])
        let json = try run.json()
        #expect(Set(json.keys) == ["accepted", "account", "subject", "done", "failures", "warnings", "remarks"])
        #expect(json["accepted"] as? Bool == true && json["account"] as? String == "E")
        #expect(json["subject"] as? String == (try store.key("E").text))
        #expect(json["done"] as? String == "added public stream export `a` to account E")
    }

    @Test(
        "An export that no server takes is not added",
        arguments: [
            (["-s", "a.b"], "T-content"), (["-s", "a.>"], "T-content"), (["-s", "*.>"], "T-content"),
            (["-s", "b", "--response-type", "Stream"], "T-content"),
            (["-s", "b", "--response-threshold", "1s"], "T-content"),
            (["-s", "b", "--latency", "x", "--sampling", "10"], "T-content"),
            (["-s", "b.c", "--account-token-position", "2"], "T-content"),
            (["-s", "b.*", "--account-token-position", "3"], "T-content"),
            (["-s", "b", "--info-url", "::"], "T-content"), (["-s", "b", "--allow-trace"], "T-content"),
        ])
    func refused(_ arguments: [String], _ rule: String) throws {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "a.>"])
        #expect(Set(try store.refusal(["add", "export", "-a", "E"] + arguments)) == [rule])
    }

    @Test("A subject that the shell has eaten from is refused with a hint, and so is a latency without sampling")
    func eaten() throws {
        let store = try Exchange()
        for (arguments, text) in [
            (["-s", ".API.>"], "single quotes"), (["-s", "a", "-r", "--latency", ".x", "--sampling", "1"], "quotes"),
        ] {
            let run = try store.run(["add", "export", "-a", "E"] + arguments)
            #expect(run.status == 65 && run.errors.contains(text), "\(run.errors)")
        }
        for arguments in [["--latency", "x"], ["--sampling", "5"]] {
            let run = try store.run(["add", "export", "-a", "E", "-r", "-s", "a"] + arguments)
            #expect(run.status == 64 && run.errors.contains("\nhint: "))
        }
        #expect(try store.exports().isEmpty)
    }

    @Test("An edit changes what was asked and nothing else: the exports of nsc keep their revocations and positions")
    func edit() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/CORP"), to: "CORP")
        try folder.copy(Testdata.nsc("keys"), to: "keys")
        func nats() throws -> [String: Any] {
            let run = try Binary.run(
                "describe", "jwt", "--raw", "--json", "-f", folder.path("CORP/accounts/ORDERS/ORDERS.jwt"))
            return try #require((try run.json()["claims"] as? [String: Any])?["nats"] as? [String: Any])
        }
        var expected = try nats()
        let described = ["orders.limited.>", "orders.acct.*.feed", "svc.price", "svc.quote.*"]
        for subject in described {
            let run = try Binary.run(
                "edit", "export", "-a", "ORDERS", "-s", subject, "--description", "changed", "--store",
                folder.path("CORP"), "--keystore", folder.path("keys"))
            #expect(run.status == 0, "\(run.errors)")
        }
        expected["exports"] = (expected["exports"] as? [[String: Any]])?.map { export in
            var export = export
            if described.contains(export["subject"] as? String ?? "") { export["description"] = "changed" }
            return export
        }
        #expect(try nats() as NSDictionary == expected as NSDictionary)
    }

    @Test("What an edit does to the imports of others is said, and what is so is said")
    func effects() throws {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "a.>"])
        try store.yes(["add", "import", "-a", "I", "--src-account", "E", "--remote-subject", "a.>"])
        let shut = try store.yes(["edit", "export", "-a", "E", "-s", "a.>", "--private"])
        #expect(shut.output == "changed stream export `a.>` of account E, which is now private\n")
        #expect(shut.errors.contains("import of `a.>` in account `I` is no longer in force"))
        #expect(try store.standing().map(\.rules) == [["B-token-missing"]])
        let opened = try store.yes(["edit", "export", "-a", "E", "-s", "a.>", "--no-private", "--json"])
        #expect(
            try opened.json()["remarks"] as? [String]
                == ["the stream import of `a.>` in account `I` is in force again"])
        #expect(try store.standing().map(\.inForce) == [true])
        #expect(try store.run(["edit", "export", "-a", "E", "-s", "a.>", "--no-private"]).status == 64)
        let gone = try store.yes(["delete", "export", "-a", "E", "-s", "a.>"])
        #expect(gone.errors.contains("is no longer in force"))
        #expect(try store.exports().isEmpty)
        #expect(try store.standing().map(\.rules) == [["B-export-missing"]])
    }

    @Test("The kind tells a stream and a service of one subject apart, and what is not there is said")
    func kinds() throws {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "x"])
        try store.yes(["add", "export", "-a", "E", "-s", "x", "--service"])
        try store.yes(["delete", "export", "-a", "E", "-s", "x", "--service"])
        #expect(try store.exports().map { $0["type"] as? String } == ["stream"])
        for arguments in [["-s", "x", "--service"], ["-s", "y"]] {
            let run = try store.run(["delete", "export", "-a", "E"] + arguments)
            #expect(run.status == 66 && run.errors.contains("hint: it exports stream `x`"))
        }
    }

    @Test("An account whose exports contain one another can be mended, and nothing else can be done with it")
    func mending() throws {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "a.>"])
        try store.replace("E", issuedAfter: 1) { nats in
            nats["exports"] = [
                ["name": "a", "subject": "a.>", "type": "stream"], ["name": "b", "subject": "a.b", "type": "stream"],
            ]
        }
        #expect(try store.run(["validate"]).status == 1)
        #expect(try store.refusal(["add", "export", "-a", "E", "-s", "c"]) == ["T-content"])
        try store.yes(["delete", "export", "-a", "E", "-s", "a.b"])
        #expect(try store.run(["validate"]).status == 0)
    }

    @Test("A token that is not the operator's is never signed over")
    func forged() throws {
        let store = try Exchange()
        try store.replace("E", issuedAfter: 1, by: .generate(.operator)) { $0["description"] = "mine" }
        let before = try store.token("E")
        let run = try store.run(["add", "export", "-a", "E", "-s", "c"])
        #expect(run.status == 1 && run.errors.contains("C-account-signer"))
        #expect(try store.token("E") == before)
    }

    @Test("Exports added at once are all there")
    func together() throws {
        let store = try Exchange()
        let started = try (0..<6).map {
            try Binary.start(["add", "export", "-a", "E", "-s", "s\($0)", "-H", store.folder.path])
        }
        for command in started { #expect(try command.wait().status == 0) }
        #expect(Set(try store.exports().compactMap { $0["subject"] as? String }) == Set((0..<6).map { "s\($0)" }))
    }

    @Test("Each new token is newer than the last, and no further ahead of the clock than its bound: it is waited for")
    func times() throws {
        let store = try Exchange()
        try store.replace("E", issuedAfter: 59) { _ in }
        let old = try store.issuedAt("E")
        for subject in ["a", "b", "c"] { try store.yes(["add", "export", "-a", "E", "-s", subject]) }
        let new = try store.issuedAt("E")
        #expect(new >= old + 3)
        let end = Int(Date().timeIntervalSince1970)
        #expect(new <= end + 60, "the token is further ahead of the clock than rules allow")
    }
}

import Foundation
import RealServers
import Testing

@Suite("credence describe account, operator and user", .onOwnThread)
struct DescribeStoreTests {
    private let corp = ["--store", Testdata.nsc("stores/CORP"), "--at", "2026-11-21T00:00:00Z"]

    @Test("Imports stand as validate judges them", arguments: ["BILLING", "SHIPPING", "LIMITED", "OPS"])
    func standing(_ account: String) throws {
        let whole = try Binary.start(["validate", "--json"] + corp).wait().json()
        let accounts = try #require(whole["accounts"] as? [[String: Any]])
        let expected = try #require(accounts.first { $0["name"] as? String == account })
        let run = try Binary.start(["describe", "account", account, "--json"] + corp).wait()
        let json = try run.json()
        #expect(
            Set(json.keys)
                == ["accepted", "kind", "version", "header", "claims", "failures", "warnings", "imports"])
        #expect(json["imports"] as? NSArray == expected["imports"] as? NSArray)
        #expect(json["failures"] as? NSArray == expected["failures"] as? NSArray)
        let imports = try #require(expected["imports"] as? [[String: Any]])
        let all = expected["accepted"] as? Bool == true && imports.allSatisfy { $0["accepted"] as? Bool == true }
        #expect(json["accepted"] as? Bool == all)
        #expect(run.status == (all ? 0 : 1))
        #expect(!run.output.contains("eyJ"), "a token inside the claims is shown")
    }

    @Test("The text has a section for each kind of thing, and the rules against an import below it")
    func text() throws {
        let shipping = try Binary.start(["describe", "account", "-n", "SHIPPING"] + corp).wait()
        #expect(shipping.status == 1)
        #expect(shipping.output.contains(" of ORDERS (A") && shipping.output.contains(": not in force\n"))
        #expect(shipping.output.contains("\n      B-revoked at imports["))
        let orders = try Binary.start(["describe", "account", "ORDERS"] + corp).wait()
        #expect(orders.status == 0)
        for text in [
            "about:    order events and quotes", "signing keys:", "exports:", "0 stream `orders.acct.*.feed`",
            "the importer's key at 3", "revoked: SHIPPING (A", "revoked: all, issued until",
            "50% latencies to `latency.price`", "users:    2",
        ] {
            #expect(orders.output.contains(text), "\(text)")
        }
        let token = try Binary.run("describe", "account", "-n", "ORDERS", "--store", Testdata.nsc("stores/CORP"))
        let key = try #require(token.output.firstMatch(of: /subject:  (A[A-Z2-7]{55})/).map { String($0.1) })
        #expect(try Binary.start(["describe", "account", key] + corp).wait().output == orders.output)
    }

    @Test("Everything that an account can have is shown")
    func sections() throws {
        let store = try Exchange()
        try store.replace("E", issuedAfter: 0) { nats in
            nats["mappings"] = ["old.*": [["subject": "new.$1", "weight": 40], ["subject": "old.$1", "weight": 60]]]
            nats["default_permissions"] = [
                "pub": ["allow": ["a.>"], "deny": ["a.b"]], "resp": ["max": 3, "ttl": 2_000_000_000],
            ]
            nats["limits"] = ["subs": 7, "conn": 5, "imports": 0, "exports": 1, "data": -1, "payload": -1, "leaf": -1]
            nats["revocations"] = ["*": 1_600_000_000]
        }
        let run = try store.yes(["describe", "account", "E"])
        for text in [
            "mappings:\n  `old.*` to `new.$1`, 40%", "may publish: `a.>`", "may not publish: `a.b`",
            "may answer: 3 times within 2000 ms", "connections 5", "subscriptions 7", "imports 0", "exports 1",
            "exports without wildcards", "revoked users:\n  all, issued until 2020-09-13T12:26:40Z",
        ] {
            #expect(run.output.contains(text), "\(text) is not in\n\(run.output)")
        }
    }

    @Test("A refused account is described too")
    func refused() throws {
        let store = try Exchange()
        try store.replace("E", issuedAfter: 0, by: .generate(.operator)) { _ in }
        let run = try store.run(["describe", "account", "E"])
        #expect(run.status == 1)
        #expect(run.output.contains("verdict:  refused\n  C-account-signer at iss"))
    }

    @Test("Operator and users are described with the verdict of the chain")
    func others() throws {
        let `operator` = try Binary.start(["describe", "operator", "--json"] + corp).wait()
        #expect(`operator`.status == 0)
        #expect(try `operator`.json()["kind"] as? String == "operator")
        let late = try Binary.start(
            ["describe", "user", "-a", "OPS", "-n", "revoked", "--json"] + corp
        ).wait()
        #expect(late.status == 1)
        let failures = try late.json()["failures"] as? [[String: String]]
        #expect(failures?.map { $0["rule"] } == ["C-user-revoked"])
    }

    @Test("What is not there is no input")
    func missing() throws {
        for arguments in [["account", "NONE"], ["user", "-a", "OPS", "-n", "none"], ["operator", "-n", "NONE"]] {
            let run = try Binary.start(["describe"] + arguments + corp).wait()
            #expect(run.status == 66 && run.errors.hasPrefix("error: "), "\(arguments): \(run.errors)")
        }
        #expect(try Binary.start(["describe", "account"] + corp).wait().status == 64)
    }
}

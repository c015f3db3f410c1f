import Foundation
import RealServers
import Testing

@Suite("credence validate", .onOwnThread)
struct ValidateTests {
    private static let now = "2026-11-20T23:00:00Z"

    private func corp() throws -> [String: Any] {
        try Binary.run("validate", "--store", Testdata.nsc("stores/CORP"), "--json", "--at", Self.now).json()
    }

    @Test("The JSON has every member of its shape")
    func shape() throws {
        let json = try corp()
        #expect(Set(json.keys) == ["accepted", "operator", "accounts"])
        #expect(json["accepted"] as? Bool == false)
        let entity: Set = ["subject", "name", "accepted", "failures", "warnings"]
        let top = try #require(json["operator"] as? [String: Any])
        #expect(Set(top.keys) == entity)
        #expect(top["subject"] as? String == "OAHPIEHYHIFIES2VCOVANRHSRNRKTLZDB2ASQGPNPDWXZFAAEFXAIWWR")
        let accounts = try #require(json["accounts"] as? [[String: Any]])
        #expect(
            accounts.compactMap { $0["name"] as? String } == [
                "AUTHC", "BILLING", "DEVICES", "LIMITED", "OPS", "ORDERS", "SHIPPING", "STORAGE", "SYS",
            ])
        for account in accounts {
            #expect(Set(account.keys) == entity.union(["imports", "users"]))
            for user in try #require(account["users"] as? [[String: Any]]) { #expect(Set(user.keys) == entity) }
            for (index, item) in try #require(account["imports"] as? [[String: Any]]).enumerated() {
                #expect(
                    Set(item.keys) == [
                        "index", "name", "subject", "kind", "exporter", "export", "accepted", "failures", "warnings",
                    ])
                #expect(item["index"] as? Int == index)
            }
        }
    }

    @Test("Users are refused for what stands against them")
    func users() throws {
        let accounts = try #require(try corp()["accounts"] as? [[String: Any]])
        let ops = try #require(accounts.first { $0["name"] as? String == "OPS" })
        let users = try #require(ops["users"] as? [[String: Any]])
        var codes: [String: [String]] = [:]
        for user in users where user["accepted"] as? Bool == false {
            let failures = try #require(user["failures"] as? [[String: String]])
            codes[try #require(user["name"] as? String)] = failures.compactMap { $0["rule"] }
        }
        #expect(
            codes == [
                "expires1m": ["T-expired"], "future": ["T-not-before"], "revoked": ["C-user-revoked"],
            ])
    }

    @Test("Dead imports are refused one by one, by code and place; their account is not")
    func imports() throws {
        let accounts = try #require(try corp()["accounts"] as? [[String: Any]])
        let shipping = try #require(accounts.first { $0["name"] as? String == "SHIPPING" })
        #expect(shipping["accepted"] as? Bool == true)
        let imports = try #require(shipping["imports"] as? [[String: Any]])
        var dead: [String: [String]] = [:]
        for item in imports where item["accepted"] as? Bool == false {
            let failures = try #require(item["failures"] as? [[String: String]])
            #expect(failures.allSatisfy { $0["at"] == "imports[\(item["index"] as? Int ?? -1)].token" })
            dead[item["name"] as? String ?? ""] = failures.compactMap { $0["rule"] }
        }
        #expect(
            dead == [
                "expiring": ["T-expired", "B-token-invalid"], "limited": ["B-revoked"], "starrev": ["B-revoked"],
                "svclimited": ["B-revoked"],
            ])
        let live = try #require(
            imports.first { $0["name"] as? String == "private" || $0["subject"] as? String == "orders.private.>" })
        #expect(live["kind"] as? String == "stream")
        #expect(live["export"] as? String == "orders.private.>")
        #expect(live["exporter"] as? String == "ADF4ZGWXE5WCJWSOWYEMRDINKM4BJKYVGY4NPHT6OUCM4WELDFOS5CN6")
    }

    @Test("An activation stolen from another account is refused")
    func stolen() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/STRICT"), to: "S")
        try folder.write(
            try String(
                contentsOfFile: Testdata.nsc("negative/strict-account-with-identity-activation.jwt"), encoding: .utf8),
            to: "S/accounts/READER/READER.jwt")
        let run = try Binary.run("validate", "--store", folder.path("S"), "--json", "--at", Self.now)
        #expect(run.status == 1)
        let accounts = try #require(try run.json()["accounts"] as? [[String: Any]])
        let imports = try #require(accounts[0]["imports"] as? [[String: Any]])
        let codes = imports.flatMap { ($0["failures"] as? [[String: String]])?.compactMap { $0["rule"] } ?? [] }
        #expect(codes == ["B-exporter"])
    }

    @Test("What stands against an account stands against its users and imports")
    func refusedAccount() throws {
        let run = try Binary.run(
            "validate", "--store", Testdata.nsc("stores/CORP"), "--json", "--at", "2040-01-01T00:00:00Z")
        let accounts = try #require(try run.json()["accounts"] as? [[String: Any]])
        let limited = try #require(accounts.first { $0["name"] as? String == "LIMITED" })
        #expect((limited["failures"] as? [[String: String]])?.map { $0["at"] } == ["exp"])
        for list in ["users", "imports"] {
            for entry in try #require(limited[list] as? [[String: Any]]) {
                #expect(entry["accepted"] as? Bool == false)
                #expect((entry["failures"] as? [[String: String]])?.contains { $0["at"] == "account.exp" } == true)
            }
        }
    }

    @Test("A store in which everything holds is a yes")
    func strict() throws {
        let run = try Binary.run("validate", "--store", Testdata.nsc("stores/STRICT"), "--at", Self.now)
        #expect(run.status == 0)
        #expect(run.output.hasSuffix("accepted: 3 accounts, 2 imports, 3 users\n"))
    }

    @Test("Under strict signing keys an identity key signs nothing")
    func negative() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/STRICT"), to: "STRICT")
        try folder.copy(
            Testdata.nsc("negative/strict-user-by-account-identity.jwt"), to: "STRICT/accounts/READER/users/bad.jwt")
        let run = try Binary.run("validate", "--store", folder.path("STRICT"), "--at", Self.now)
        #expect(run.status == 1)
        #expect(run.output.contains("C-user-signer at iss"))
    }

    @Test("A resolver's folder takes the operator's token")
    func resolver() throws {
        let folder = Testdata.nsc("resolver-dir")
        let without = try Binary.run("validate", "--store", folder)
        #expect(without.status == 65)
        #expect(without.errors.contains("--operator"))
        let run = try Binary.run(
            "validate", "--store", folder, "--operator", Testdata.nsc("stores/CORP/CORP.jwt"), "--json", "--at",
            Self.now)
        let accounts = try #require(try run.json()["accounts"] as? [[String: Any]])
        #expect(accounts.count == 9)
        #expect(accounts.allSatisfy { ($0["users"] as? [Any])?.isEmpty == true })
    }

    @Test("Another operator's accounts are refused, each by its signer")
    func otherOperator() throws {
        let run = try Binary.run(
            "validate", "--store", Testdata.nsc("resolver-dir"), "--operator",
            Testdata.nsc("stores/STRICT/STRICT.jwt"), "--json", "--at", Self.now)
        #expect(run.status == 1)
        for account in try #require(try run.json()["accounts"] as? [[String: Any]]) {
            let failures = try #require(account["failures"] as? [[String: String]])
            #expect(failures.contains { $0["rule"] == "C-account-signer" && $0["at"] == "iss" })
        }
    }

    @Test("An expired operator is said to be expired, by itself and by its accounts")
    func expiredOperator() throws {
        let folder = TemporaryFolder()
        _ = try Binary.run("add", "operator", "-n", "T", "--expiry", "1d", "-H", folder.path)
        _ = try Binary.run("add", "account", "-n", "A", "-H", folder.path)
        let run = try Binary.run("validate", "--store", folder.path("T"), "--json", "--at", "2199-01-01T00:00:00Z")
        let json = try run.json()
        let top = try #require(json["operator"] as? [String: Any])
        #expect((top["failures"] as? [[String: String]])?.map { $0["rule"] } == ["T-expired"])
        #expect((top["subject"] as? String)?.hasPrefix("O") == true)
        let accounts = try #require(json["accounts"] as? [[String: Any]])
        #expect((accounts.first?["failures"] as? [[String: String]])?.map { $0["at"] } == ["operator.exp"])
    }

    @Test("No folder, no store, several stores: each has its own answer")
    func noStore() throws {
        let empty = TemporaryFolder()
        try empty.write("nothing", to: "file")
        for (store, status, text) in [
            ("/nonexistent", Int32(66), "there is no such"), (empty.path, 65, "holds no store"),
            (empty.path("file"), 65, "is not a folder"), (Testdata.nsc("stores"), 64, "several operators"),
        ] {
            let run = try Binary.run("validate", "--store", store)
            #expect(run.status == status)
            #expect(run.errors.contains(text) && run.errors.contains(store) && run.errors.contains("\nhint: "))
            #expect(run.output.isEmpty)
        }
    }

    @Test("What cannot be read is reported, and the rest is judged")
    func faults() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/STRICT"), to: "S")
        try folder.write("", to: "S/accounts/EMPTY/users/notes.txt")
        try folder.write("-----BEGIN NATS USER JWT-----\n", to: "S/accounts/READER/users/cut.jwt")
        try folder.write("x", to: "S/accounts/READER/users/folder.jwt/inside")
        let run = try Binary.run("validate", "--store", folder.path("S"), "--json", "--at", Self.now)
        #expect(run.status == 65)
        let json = try run.json()
        #expect(json["accepted"] as? Bool == false)
        let faults = try #require(json["faults"] as? [[String: Any]])
        #expect(
            faults.compactMap { $0["path"] as? String } == [
                "accounts/EMPTY", "accounts/READER/users/cut.jwt", "accounts/READER/users/folder.jwt",
            ])
        for fault in faults {
            #expect(Set(fault.keys) == ["path", "message", "hint"])
            #expect(run.errors.contains(try #require(fault["message"] as? String)))
        }
        let accounts = try #require(json["accounts"] as? [[String: Any]])
        #expect(accounts.compactMap { $0["name"] as? String } == ["EMPTY", "READER", "SYS", "VAULT"])
        #expect(accounts.compactMap { $0["accepted"] as? Bool } == [false, true, true, true])
    }

    @Test("A file that may not be read is an I/O failure", .enabled(if: getuid() != 0))
    func forbidden() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/STRICT"), to: "S")
        chmod(folder.path("S/accounts/READER/users/app.jwt"), 0)
        let run = try Binary.run("validate", "--store", folder.path("S"), "--at", Self.now)
        #expect(run.status == 74)
        #expect(run.errors.contains("accounts/READER/users/app.jwt"))
        #expect(run.output.contains("account VAULT"))
    }

    @Test("Half a token, a token of another type and a token over the limit are refused by rule")
    func badTokens() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/STRICT"), to: "S")
        let token = try folder.text("S/accounts/READER/READER.jwt")
        try folder.write(String(token.prefix(100)), to: "S/accounts/READER/users/half.jwt")
        try folder.write(token, to: "S/accounts/READER/users/account.jwt")
        let long = token + String(repeating: "A", count: (1 << 20) - token.utf8.count + 100)
        try folder.write(long, to: "S/accounts/READER/users/long.jwt")
        let run = try Binary.run("validate", "--store", folder.path("S"), "--json", "--at", Self.now)
        #expect(run.status == 1)
        let accounts = try #require(try run.json()["accounts"] as? [[String: Any]])
        let users = try #require(accounts[0]["users"] as? [[String: Any]])
        var codes: [String: [String]] = [:]
        for user in users {
            codes[user["name"] as? String ?? ""] = (user["failures"] as? [[String: String]])?.compactMap { $0["rule"] }
        }
        #expect(codes["half"] == ["T-segments"])
        #expect(codes["long"] == ["T-size"])
        #expect(codes["account"]?.contains("T-type") == true || codes["READER"]?.contains("T-type") == true)
        #expect(codes["app"] == [])
    }
}

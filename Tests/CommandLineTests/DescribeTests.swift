import Foundation
import RealServers
import Testing

@testable import CredenceCLI

@Suite("credence describe jwt", .onOwnThread)
struct DescribeTests {
    private let user = Testdata.nsc("stores/CORP/accounts/OPS/users/perms.jwt")
    private let importer = Testdata.nsc("stores/CORP/accounts/BILLING/BILLING.jwt")

    @Test("The JSON has every member of its shape")
    func shape() throws {
        let run = try Binary.run("describe", "jwt", "-f", user, "--json")
        #expect(run.status == 0)
        let json = try run.json()
        #expect(Set(json.keys) == ["accepted", "kind", "version", "header", "claims", "failures", "warnings"])
        #expect(json["accepted"] as? Bool == true)
        #expect(json["kind"] as? String == "user")
        #expect(json["version"] as? Int == 2)
        #expect((json["header"] as? [String: String]) == ["typ": "JWT", "alg": "ed25519-nkey"])
        #expect((json["claims"] as? [String: Any])?["name"] as? String == "perms")
        #expect((json["failures"] as? [Any])?.isEmpty == true)
        #expect((json["warnings"] as? [Any])?.isEmpty == true)
        #expect(run.output.hasSuffix("}\n") && run.output.filter { $0 == "\n" }.count == 1)
    }

    @Test("A refused token is described too, with rule, place and message")
    func refused() throws {
        let expired = Testdata.nsc("stores/CORP/accounts/OPS/users/expires1m.jwt")
        let run = try Binary.run("describe", "jwt", "-f", expired, "--json", "--at", "2026-11-21T00:00:00Z")
        #expect(run.status == 1)
        let json = try run.json()
        #expect(json["accepted"] as? Bool == false)
        #expect(json["kind"] as? String == "user")
        let failures = try #require(json["failures"] as? [[String: String]])
        #expect(failures.map { $0["rule"] } == ["T-expired"])
        #expect(failures.map { $0["at"] } == ["exp"])
        #expect(failures.allSatisfy { Set($0.keys) == ["rule", "at", "message"] })
        #expect(try Binary.run("describe", "jwt", "-f", expired, "--at", "2026-11-20T22:13:30Z").status == 0)
    }

    @Test("Every kind of file that holds a token is read")
    func files() throws {
        let bare = try Binary.run("describe", "jwt", "-f", user, "--json")
        let text = [UInt8](try String(contentsOfFile: user, encoding: .utf8).utf8)
        #expect(try Binary.run("describe", "jwt", "-f", "-", "--json", input: text).output == bare.output)
        #expect(try Binary.run("describe", "jwt", "-f", "-", "--json", input: text + [10]).output == bare.output)
        let creds = Testdata.nsc("tokens/reissued-new.creds")
        let run = try Binary.run("describe", "jwt", "-f", creds, "--json")
        #expect(try run.json()["kind"] as? String == "user")
        #expect(!run.output.contains("SUA"))
    }

    @Test("Tokens inside the claims are masked unless asked for")
    func masks() throws {
        let masked = try Binary.run("describe", "jwt", "-f", importer, "--json")
        let raw = try Binary.run("describe", "jwt", "-f", importer, "--json", "--raw")
        #expect(!masked.output.contains("eyJ") && masked.output.contains("\"***\""))
        #expect(raw.output.contains("eyJ"))
        #expect(try !Binary.run("describe", "jwt", "-f", importer).output.contains("eyJ"))
    }

    @Test("Text for people says the verdict and the claims")
    func text() throws {
        let run = try Binary.run("describe", "jwt", "-f", user)
        for line in ["token:    user, version 2", "name:     perms", "verdict:  accepted", "\"ops.b.*\""] {
            #expect(run.output.contains(line))
        }
    }

    @Test(
        "Bad input says what, where and what to do",
        arguments: [
            ("/nonexistent.jwt", 66, "there is no such file"), (Testdata.path, 65, "is a folder"),
            (Testdata.nsc("README.md"), 65, "no token"),
        ])
    func badFiles(_ file: String, _ status: Int32, _ text: String) throws {
        let run = try Binary.run("describe", "jwt", "-f", file)
        #expect(run.status == status)
        #expect(run.errors.contains(text) && run.errors.contains(file) && run.errors.contains("\nhint: "))
        #expect(run.errors.hasPrefix("error: "))
    }

    @Test("Half a token, an empty file, a seed and a file over the limit are bad input")
    func badInput() throws {
        let token = [UInt8](try String(contentsOfFile: user, encoding: .utf8).utf8)
        let seed = try Binary.run("generate", "nkey", "-u").output.split(separator: "\n")[0]
        for input in [Array(token.prefix(60)), [], [UInt8](seed.utf8), [UInt8](repeating: 0x61, count: 1_200_000)] {
            let run = try Binary.run("describe", "jwt", "-f", "-", input: input)
            #expect(run.status == 65)
            #expect(run.errors.contains("standard input") && run.errors.contains("\nhint: "))
            #expect(!run.errors.contains(seed) && !run.output.contains(seed))
        }
        let half = try Binary.run("describe", "jwt", "-f", "-", "--json", input: Array(token.prefix(200)))
        #expect(half.status == 65)
        #expect(try half.json()["accepted"] as? Bool == false)
        #expect(try half.json()["kind"] is NSNull)
    }

    @Test("What a token holds cannot steer a terminal")
    func terminal() {
        #expect(Printable.line("a\u{1B}[2Jb\u{202E}c\nd") == "a?[2Jb?c?d")
    }
}

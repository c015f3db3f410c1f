import Foundation
import NKeys
import RealServers
import Testing
import Trust

@Suite("credence generate activation", .onOwnThread)
struct ActivationTests {
    private let generate = ["generate", "activation", "-a", "E"]

    private func exchange() throws -> Exchange {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "p.>", "--private"])
        try store.yes(["add", "export", "-a", "E", "-s", "own.*", "-p", "--account-token-position", "2"])
        try store.yes(["add", "export", "-a", "E", "-s", "ask", "--private", "--service"])
        return store
    }

    @Test("It is decorated as nsc decorates it, and says who may import what until when")
    func token() throws {
        let store = try exchange()
        let before = Int(Date().timeIntervalSince1970)
        let run = try store.yes(generate + ["-s", "p.eu.>", "-t", "I", "--expiry", "2d", "--start", "1h"])
        #expect(run.output.hasPrefix("-----BEGIN NATS ACTIVATION JWT-----\ney"))
        #expect(run.output.hasSuffix("\n------END NATS ACTIVATION JWT------\n\n"))
        let token = try #require(run.output.split(separator: "\n").dropFirst().first.map(String.init))
        let payload = try Exchange.payload(of: token)
        #expect(payload["sub"] as? String == (try store.key("I").text))
        #expect(payload["iss"] as? String == (try store.key("E").text))
        let expiry = try #require(payload["exp"] as? Int) - 2 * 86_400
        let start = try #require(payload["nbf"] as? Int) - 3600
        #expect((before...before + 60).contains(expiry) && start == expiry)
        #expect(
            payload["nats"] as? NSDictionary == [
                "subject": "p.eu.>", "kind": "stream", "type": "activation", "version": 2,
            ])
    }

    @Test("The kind is that of the export; a file is for its owner alone and is not replaced unasked")
    func file() throws {
        let store = try exchange()
        let file = generate + ["-s", "ask", "-t", try store.key("I").text, "-o", store.folder.path("ask.jwt")]
        try store.yes(file)
        #expect(try store.folder.mode("ask.jwt") == 0o600)
        #expect(try store.folder.text("ask.jwt").hasPrefix("-----BEGIN NATS ACTIVATION JWT-----\ney"))
        let json = try Binary.run("describe", "jwt", "--json", "-f", store.folder.path("ask.jwt")).json()
        let nats = (json["claims"] as? [String: Any])?["nats"] as? [String: Any]
        #expect(json["accepted"] as? Bool == true && nats?["kind"] as? String == "service")
        #expect(try store.run(file).status == 1)
        try store.yes(file + ["--force"])
        let shown = try store.run(generate + ["-s", "ask", "-t", "I", "--json"]).json()
        #expect(
            Set(shown.keys) == [
                "accepted", "account", "target", "subject", "kind", "token", "failures", "warnings", "remarks",
            ])
        #expect((shown["token"] as? String)?.hasPrefix("ey") == true)
        let hidden = try store.run(file + ["--force", "--json"]).json()
        #expect(hidden["token"] is NSNull)
    }

    @Test("What could never bind is not signed")
    func refused() throws {
        let store = try exchange()
        #expect(try store.refusal(generate + ["-s", "q", "-t", "I"]) == ["B-export-missing"])
        #expect(try store.refusal(generate + ["-s", ">", "-t", "I"]) == ["B-export-missing"])
        #expect(try store.refusal(generate + ["-s", "p.>", "-t", "I", "--service"]) == ["B-export-missing"])
        #expect(try store.refusal(generate + ["-s", "p.>", "-t", "E"]) == ["T-content"])
        #expect(try store.refusal(generate + ["-s", "own.x", "-t", "I"]) == ["B-position"])
        try store.yes(generate + ["-s", "own.\(try store.key("I").text)", "-t", "I"])
        let key = try #require(
            try Binary.run("generate", "nkey", "-u").output.split(separator: "\n").last.map(String.init))
        let user = try store.run(generate + ["-s", "p.>", "-t", key])
        #expect(user.status == 65 && user.errors.contains("`user`"))
        let past = try store.run(generate + ["-s", "p.>", "-t", "I", "--expiry", "2020-01-01"])
        #expect(past.status == 65 && past.errors.contains("is past"))
    }

    @Test("A key with a role signs no activation, a key without one does")
    func signers() throws {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/CORP"), to: "CORP")
        try folder.copy(Testdata.nsc("keys"), to: "keys")
        let places = ["--store", folder.path("CORP"), "--keystore", folder.path("keys")]
        let export = ["add", "export", "-a", "DEVICES", "-s", "dev.>", "--private"]
        #expect(try Binary.start(export + places).wait().status == 0)
        let sign = ["generate", "activation", "-a", "DEVICES", "-s", "dev.>", "-t", "BILLING", "--json"] + places
        let run = try Binary.start(sign + ["-K", "device"]).wait()
        #expect(run.status == 1)
        let failures = try run.json()["failures"] as? [[String: String]]
        #expect(failures?.map { $0["rule"] } == ["B-scoped-signer"])
        let plain = try Binary.start(sign).wait()
        #expect(plain.status == 0, "\(plain.errors)")
        let token = try #require(try plain.json()["token"] as? String)
        let payload = try Exchange.payload(of: token)
        #expect((payload["nats"] as? [String: Any])?["issuer_account"] != nil, "a signing key goes first")
    }

    @Test("A token that nobody needs is signed, and that is said")
    func publicExport() throws {
        let store = try exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "open"])
        let run = try store.yes(generate + ["-s", "open", "-t", "I"])
        #expect(run.errors.contains("is public: nobody needs a token"))
    }
}

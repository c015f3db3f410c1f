import Foundation
import NKeys
import RealServers
import Testing
import Trust

@Suite("credence revocations", .onOwnThread)
struct RevocationTests {
    private func exchange() throws -> Exchange {
        let store = try Exchange()
        try store.yes(["add", "export", "-a", "E", "-s", "p.>", "--private"])
        try store.yes(["add", "import", "-a", "I", "--token", try store.activation("p.>")])
        try store.yes(["add", "import", "-a", "O", "--token", try store.activation("p.x", for: "O")])
        try store.yes(["add", "user", "-a", "I", "-n", "alice"])
        return store
    }

    private func revoke(_ target: String, _ more: String...) -> [String] {
        ["revocations", "add-activation", "-a", "E", "-s", "p.>", "-t", target] + more
    }

    @Test("A revoked activation stops its import, told so, until the revocation is taken back")
    func activation() throws {
        let store = try exchange()
        let run = try store.yes(revoke("I"))
        #expect(run.errors.contains("import of `p.>` in account `I` is no longer in force"))
        #expect(!run.errors.contains("account `O`"))
        #expect(try store.standing("I").map(\.rules) == [["B-revoked"]])
        #expect(try store.standing("O").map(\.inForce) == [true])
        #expect(
            try store.refusal(["generate", "activation", "-a", "E", "-s", "p.>", "-t", "I"]) == ["B-revoked"])
        let key = try store.key("I").text
        let list = ["revocations", "list-activations", "-a", "E"]
        let listed = try #require(try store.yes(list + ["--json"]).json()["revocations"] as? [[String: Any]])
        try #require(listed.count == 1)
        #expect(listed[0]["key"] as? String == key && listed[0]["account"] as? String == "I")
        #expect(listed[0]["export"] as? String == "p.>" && listed[0]["kind"] as? String == "stream")
        #expect(try store.yes(list + ["-s", "p.>"]).output.contains(key))
        #expect(try !store.yes(list + ["--service"]).output.contains(key))

        let back = ["revocations", "delete-activation", "-a", "E", "-s", "p.>", "-t", key]
        #expect(try store.yes(back).errors.contains("in force again"))
        #expect(try store.standing("I").map(\.inForce) == [true])
        #expect(try store.run(back).status == 66)
    }

    @Test("All activations are revoked at once, and those who were granted later are not")
    func everyone() throws {
        let store = try exchange()
        let run = try store.yes(revoke("*"))
        #expect(run.errors.contains("account `I` is no longer") && run.errors.contains("account `O` is no longer"))
        let later = try store.activation("p.late")
        try store.yes(["add", "import", "-a", "I", "--token", later])
        #expect(try store.standing("I").map(\.rules) == [["B-revoked"], []])
    }

    @Test("A time before the token's does nothing, and that is said; an earlier time readmits nobody")
    func times() throws {
        let store = try exchange()
        let early = try store.yes(revoke("I", "--at", "2020-01-01T00:00:00Z"))
        #expect(early.errors.contains("account `I` for `p.>` is not covered: it was issued later"))
        #expect(try store.standing("I").map(\.inForce) == [true])
        try store.yes(revoke("I"))
        let earlier = try store.yes(revoke("I", "--at", "1600000000"))
        #expect(earlier.errors.contains("stays: an earlier one would readmit"))
        #expect(try store.standing("I").map(\.rules) == [["B-revoked"]])
        let coming = try store.yes(revoke("O", "--at", "2999-01-01T00:00:00Z"))
        #expect(coming.errors.contains("the time is to come"))
        #expect(try store.run(revoke("O", "--at", "tomorrow")).status == 64)
    }

    @Test("A token from the future outlives its revocation, and its holder does not choose the time")
    func future() throws {
        let store = try exchange()
        let claims = ActivationClaims(importer: try store.key("I"), subject: try .init("p.>"), kind: .stream)
        let now = try #require(UnixTime(Int64(Date().timeIntervalSince1970)))
        let year = now.advanced(by: 31_536_000)
        let token = try TokenSigner(store.pair(try store.key("E"))).sign(claims, at: year)
        try store.replace("I", issuedAfter: 1) { nats in
            var imports = nats["imports"] as? [[String: Any]] ?? []
            imports[0]["token"] = token.text
            nats["imports"] = imports
        }
        let run = try store.yes(revoke("I", "--json"))
        let remarks = try #require(try run.json()["remarks"] as? [String])
        #expect(remarks.contains { $0.contains("is not covered: it was issued later, at \(year)") })
        let times = try store.exports().first?["revocations"] as? [String: Int64]
        #expect(try #require(times?.values.first) <= now.advanced(by: 120).seconds)
    }

    @Test("Without a time a revocation covers the token in the store, which may be issued a little ahead of the clock")
    func ahead() throws {
        let store = try exchange()
        let file = "OP/accounts/I/users/alice.jwt"
        var payload = try Exchange.payload(of: store.folder.text(file))
        let pair = try store.pair(try store.key("I"))
        for (seconds, isCovered) in [(30, true), (3600, false)] {
            payload["iat"] = Int(Date().timeIntervalSince1970) + seconds
            try store.folder.write(Exchange.signed(payload, by: pair), to: file)
            let run = try store.yes(["revocations", "add-user", "-a", "I", "-u", "alice"])
            #expect(run.errors.contains("is not covered") == !isCovered)
            let user = try store.run(["describe", "user", "-a", "I", "-n", "alice"])
            #expect(user.output.contains("C-user-revoked") == isCovered)
        }
    }

    @Test("A revoked user is refused until the revocation is taken back")
    func user() throws {
        let store = try exchange()
        let verb = { (name: String, more: [String]) in ["revocations", name, "-a", "I"] + more }
        #expect(try store.run(["describe", "user", "-a", "I", "-n", "alice"]).status == 0)
        try store.yes(verb("add-user", ["--user", "alice"]))
        let described = try store.run(["describe", "user", "-a", "I", "-n", "alice", "--json"])
        #expect(described.status == 1)
        let failures = try described.json()["failures"] as? [[String: String]]
        #expect(failures?.map { $0["rule"] } == ["C-user-revoked"])
        let listed = try store.yes(verb("list-users", ["--json"])).json()["revocations"] as? [[String: Any]]
        let key = try #require(listed?.first?["key"] as? String)
        #expect(listed?.count == 1 && listed?.first?["user"] as? String == "alice")
        #expect(try store.yes(verb("list-users", [])).output.contains(key))
        let back = try store.yes(verb("delete-user", ["-u", key]))
        #expect(back.errors.contains("count again"))
        #expect(try store.run(["describe", "user", "-a", "I", "-n", "alice"]).status == 0)
        #expect(try store.run(verb("delete-user", ["-n", "alice"])).status == 66)
        #expect(try store.run(verb("add-user", ["-n", "nobody"])).status == 66)

        let early = try store.yes(verb("add-user", ["-n", "alice", "--at", "2020-01-01T00:00:00Z"]))
        #expect(early.errors.contains("user `alice` is not covered: its token was issued later"))
        #expect(try store.run(["describe", "user", "-a", "I", "-n", "alice"]).status == 0)
        try store.yes(verb("add-user", ["-u", "*"]))
        #expect(try store.run(["describe", "user", "-a", "I", "-n", "alice"]).status == 1)
        #expect(try store.yes(verb("delete-user", ["-n", "alice"])).errors.contains("this one too"))
    }
}

import RealServers
import Testing

@Suite("Audiences on the command line", .onOwnThread)
struct AudienceTests {
    private func made(_ folder: TemporaryFolder) throws {
        for arguments in [["add", "operator", "-n", "T"], ["add", "account", "-n", "A"]] {
            #expect(try Binary.start(arguments + ["-H", folder.path]).wait().status == 0)
        }
    }

    @Test("A user with an audience is taken by the verifier of that name, and by no other")
    func audiences() throws {
        let folder = TemporaryFolder()
        try made(folder)
        let added = try Binary.run(
            "add", "user", "-a", "A", "-n", "u", "--audience", "https://orders.example.com", "-H", folder.path)
        #expect(added.status == 0, "\(added.errors)")
        let user = try Binary.run("describe", "jwt", "-f", folder.path("T/accounts/A/users/u.jwt"), "--json").json()
        #expect((user["claims"] as? [String: Any])?["aud"] as? String == "https://orders.example.com")
        func validated(_ arguments: String...) throws -> CommandRun {
            try Binary.start(["validate", "--store", folder.path("T")] + arguments).wait()
        }
        #expect(try validated("--audience", "billing", "--audience", "https://orders.example.com").status == 0)
        for arguments in [[], ["--audience", "billing"], ["--audience", "https://orders.example.com/"]] {
            let run = try Binary.start(["validate", "--store", folder.path("T")] + arguments).wait()
            #expect(run.status == 1 && run.output.contains("C-user-audience"), "\(arguments): \(run.output)")
        }
        let check = [
            "check", "publish", "a", "--store", folder.path("T"), "--user", folder.path("T/accounts/A/users/u.jwt"),
        ]
        #expect(try Binary.start(check + ["--audience", "https://orders.example.com"]).wait().status == 0)
        #expect(try Binary.start(check).wait().status == 1)
    }

    @Test("Where an audience is demanded, a user without one is refused")
    func demanded() throws {
        let folder = TemporaryFolder()
        try made(folder)
        #expect(try Binary.run("add", "user", "-a", "A", "-n", "u", "-H", folder.path).status == 0)
        #expect(try Binary.run("validate", "--store", folder.path("T")).status == 0)
        let run = try Binary.run("validate", "--store", folder.path("T"), "--audience", "orders", "--require-audience")
        #expect(run.status == 1 && run.output.contains("C-user-audience"))
    }

    @Test(
        "An audience that means many is not signed, and names no verifier",
        arguments: ["*", "orders.*", "orders.>", "any", "https://", "a b", ""])
    func broad(audience: String) throws {
        let folder = TemporaryFolder()
        try made(folder)
        let added = try Binary.run("add", "user", "-a", "A", "-n", "u", "--audience", audience, "-H", folder.path)
        #expect(added.status != 0 && !folder.exists("T/accounts/A/users/u.jwt"), "\(added.output)")
        #expect(added.errors.contains("audience"))
        let run = try Binary.run("validate", "--store", folder.path("T"), "--audience", audience)
        #expect(run.status == 64 && run.errors.contains("--audience"))
    }
}

import RealServers
import Testing

@Suite("credence add, generate and list", .onOwnThread)
struct AddTests {
    /// Runs a command on the folder and expects a yes.
    @discardableResult
    private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> CommandRun {
        let run = try Binary.start(arguments + ["-H", folder.path]).wait()
        #expect(run.status == 0, "\(arguments): \(run.errors)")
        return run
    }

    @Test("What is added is there, holds, and is listed")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T", "--sys", "--generate-signing-key")
        try run(folder, "add", "account", "-n", "A", "--allow-pub", "default.>")
        try run(
            folder, "add", "user", "-a", "A", "-n", "u", "--allow-pub", "a.>,b.*", "--allow-sub", "c q",
            "--deny-pubsub",
            "a.secret", "--bearer", "--tag", "Site:Lab", "--source-network", "192.0.2.0/24", "--allow-pub-response",
            "--response-ttl", "5s", "--expiry", "1d")
        #expect(try run(folder, "validate").output.hasSuffix("accepted: 2 accounts, 0 imports, 2 users\n"))

        let user = try Binary.run("describe", "jwt", "-f", folder.path("T/accounts/A/users/u.jwt"), "--json").json()
        let claims = try #require((user["claims"] as? [String: Any])?["nats"] as? [String: Any])
        #expect((claims["pub"] as? [String: [String]]) == ["allow": ["a.>", "b.*"], "deny": ["a.secret"]])
        #expect((claims["sub"] as? [String: [String]]) == ["allow": ["c q"], "deny": ["a.secret"]])
        #expect((claims["resp"] as? [String: Int]) == ["max": 1, "ttl": 5_000_000_000])
        #expect(claims["bearer_token"] as? Bool == true)
        #expect(claims["tags"] as? [String] == ["site:lab"])
        #expect(claims["src"] as? [String] == ["192.0.2.0/24"])

        let operators = try run(folder, "list", "operators", "--json").json()["operators"] as? [[String: Any]]
        #expect(operators?.compactMap { $0["name"] as? String } == ["T"])
        let accounts = try run(folder, "list", "accounts", "--json").json()["accounts"] as? [[String: Any]]
        #expect(accounts?.compactMap { $0["name"] as? String } == ["A", "SYS"])
        #expect(accounts?.allSatisfy { $0["accepted"] as? Bool == true } == true)
        let users = try run(folder, "list", "users", "--json").json()["users"] as? [[String: Any]]
        #expect(users?.compactMap { $0["name"] as? String } == ["u", "sys"])
        let keys = try #require(try run(folder, "list", "keys", "--json").json()["keys"] as? [[String: Any]])
        #expect(keys.count == 6 && keys.allSatisfy { $0["stored"] as? Bool == true })
        let words = try run(folder, "list", "keys").output.split { $0 == " " || $0 == "\n" }
        #expect(words.contains { $0.count == 56 } && !words.contains { $0.count == 58 })
    }

    @Test("Secrets are for their owner alone")
    func modes() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T", "--sys")
        try run(folder, "generate", "creds", "-a", "SYS", "-n", "sys", "-o", folder.path("sys.creds"))
        let key = try #require(
            try (run(folder, "list", "keys", "--json").json()["keys"] as? [[String: Any]])?.first?["key"] as? String)
        let seed = "keys/O/\(key.dropFirst().prefix(2))/\(key).nk"
        for file in ["sys.creds", "creds/T/SYS/sys.creds", seed] { #expect(try folder.mode(file) == 0o600) }
        #expect(try folder.text("sys.creds") == folder.text("creds/T/SYS/sys.creds"))
        let again = try Binary.run(
            "generate", "creds", "-H", folder.path, "-a", "SYS", "-n", "sys", "-o", folder.path("sys.creds"))
        #expect(again.status == 1 && again.errors.contains("exists already") && again.errors.contains("--force"))
        try run(folder, "generate", "creds", "-a", "SYS", "-n", "sys", "-o", folder.path("sys.creds"), "--force")
    }

    @Test("A configuration names operator, system account and accounts")
    func config() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T", "--sys")
        try run(folder, "add", "account", "-n", "A")
        let config = try run(folder, "generate", "config", "--mem-resolver").output
        #expect(config.contains("operator: \(try folder.text("T/T.jwt"))\n"))
        #expect(config.contains("\nresolver: MEMORY\n"))
        for account in ["A", "SYS"] {
            #expect(config.contains(": \(try folder.text("T/accounts/\(account)/\(account).jwt"))\n"))
        }
        #expect(config.contains("\nsystem_account: A"))
        try run(folder, "generate", "config", "--mem-resolver", "--config-file", folder.path("server.conf"))
        #expect(try folder.text("server.conf") == config)
        let file = [
            "generate", "config", "--mem-resolver", "--config-file", folder.path("server.conf"), "-H", folder.path,
        ]
        #expect(try Binary.start(file).wait().status == 1)
        #expect(try Binary.start(file + ["--force"]).wait().status == 0)
    }

    @Test("An account whose token is refused is left out of the configuration, and said so")
    func refusedInConfig() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T")
        try run(folder, "add", "account", "-n", "A")
        try folder.write("eyJ.half", to: "T/accounts/B/B.jwt")
        let config = try run(folder, "generate", "config", "--mem-resolver")
        #expect(config.errors.contains("warning: account `B` is left out"))
        #expect(!config.output.contains("eyJ.half"))
    }

    @Test(
        "A name that is no file name, or no one literal token, is refused",
        arguments: [
            ">", "*", "a b", "a/b", "a\\b", "..", ".hidden", "", "a\u{7}b", "a.>", "a\u{2028}b",
        ])
    func names(_ name: String) throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T")
        try run(folder, "add", "account", "-n", "A")
        for command in [["add", "operator"], ["add", "account"], ["add", "user", "-a", "A"]] {
            let run = try Binary.start(command + ["--name", name, "-H", folder.path]).wait()
            #expect(run.status == 65)
            #expect(run.errors.contains("cannot be a name") && run.errors.contains("\nhint: "))
        }
        #expect(try run(folder, "validate").output.hasSuffix("accepted: 1 account, 0 imports, 0 users\n"))
    }

    @Test("A subject that the shell has eaten from is refused, with a hint", arguments: [".API.>", "", "a..b", "a."])
    func eatenSubjects(_ subject: String) throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T")
        try run(folder, "add", "account", "-n", "A")
        let run = try Binary.run("add", "user", "-n", "u", "--allow-pub", subject, "-H", folder.path)
        #expect(run.status == 65)
        #expect(run.errors.contains("--allow-pub") && run.errors.contains("single quotes"))
        #expect(!folder.exists("T/accounts/A/users/u.jwt"))
    }

    @Test("What is there stays, and no seed is left behind")
    func existing() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T")
        try run(folder, "add", "account", "-n", "A")
        try run(folder, "add", "user", "-n", "u")
        let before = try folder.text("T/accounts/A/users/u.jwt")
        for command in [["operator", "-n", "T"], ["account", "-n", "A"], ["user", "-n", "u"]] {
            let run = try Binary.start(["add"] + command + ["-H", folder.path]).wait()
            #expect(run.status == 1)
            #expect(run.errors.contains("exists already") && run.errors.contains("\nhint: "))
        }
        #expect(try folder.text("T/accounts/A/users/u.jwt") == before)
        let keys = try #require(try run(folder, "list", "keys", "--json").json()["keys"] as? [[String: Any]])
        #expect(keys.count == 3)
    }

    @Test("Users added at once are all there")
    func together() throws {
        let folder = TemporaryFolder()
        try run(folder, "add", "operator", "-n", "T")
        try run(folder, "add", "account", "-n", "A")
        let started = try (0..<6).map { try Binary.start(["add", "user", "-n", "u\($0)", "-H", folder.path]) }
        for command in started { #expect(try command.wait().status == 0) }
        #expect(try run(folder, "validate").output.hasSuffix("accepted: 1 account, 0 imports, 6 users\n"))
        let users = try run(folder, "list", "users", "--json").json()["users"] as? [[String: Any]]
        #expect(users?.compactMap { $0["name"] as? String } == (0..<6).map { "u\($0)" })
        let same = try (0..<2).map { _ in try Binary.start(["add", "user", "-n", "same", "-H", folder.path]) }
        #expect(try same.map { try $0.wait().status }.sorted() == [0, 1])
    }
}

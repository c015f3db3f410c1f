import RealServers
import Testing

@Suite("Keys on a command line", .onOwnThread)
struct SigningKeyTests {
    private func strictStore() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        for command in [["operator", "-n", "S", "--require-signing-keys", "--sys"], ["account", "-n", "A"]] {
            let run = try Binary.start(["add"] + command + ["-H", folder.path]).wait()
            #expect(run.status == 0, "\(run.errors)")
        }
        return folder
    }

    private func keys(_ folder: TemporaryFolder) throws -> [[String: Any]] {
        let run = try Binary.run("list", "keys", "--json", "-H", folder.path)
        return try #require(try run.json()["keys"] as? [[String: Any]])
    }

    @Test("A strict operator's users are signed by signing keys, unasked")
    func strict() throws {
        let folder = try strictStore()
        #expect(try Binary.run("add", "user", "-n", "u", "-H", folder.path).status == 0)
        #expect(try Binary.run("validate", "-H", folder.path).status == 0)
        let run = try Binary.run("add", "user", "-n", "v", "-K", "account", "-H", folder.path)
        #expect(run.status == 1)
        #expect(run.errors.contains("C-user-signer") && run.errors.contains("\nhint: sign with a signing key"))
        let account = try Binary.run("add", "account", "-n", "B", "-K", "operator", "-H", folder.path)
        #expect(account.status == 1 && account.errors.contains("C-account-signer"))
    }

    @Test("Without the seed of a signing key a strict operator's account signs nobody")
    func missingSeed() throws {
        let folder = try strictStore()
        let run = try Binary.run(
            "add", "user", "-n", "u", "-a", "A", "--data-dir", folder.path, "--keystore-dir", folder.path("elsewhere"))
        #expect(run.status == 1)
        #expect(run.errors.contains("demands signing keys") && run.errors.contains("\nhint: "))
    }

    @Test("A seed on the command line is refused and not repeated")
    func seed() throws {
        let folder = try strictStore()
        let seed = try Binary.run("generate", "nkey", "-a").output.split(separator: "\n").map(String.init)[0]
        for flag in ["-K", "-k"] {
            let run = try Binary.run("add", "user", "-n", "u", "-a", "A", flag, seed, "-H", folder.path)
            #expect(run.status == 64)
            #expect(run.errors.contains("\nhint: put the seed in a file"))
            #expect(!run.errors.contains(seed))
        }
    }

    @Test("A seed or token in any other place is not repeated either")
    func misplaced() throws {
        let folder = try strictStore()
        let seed = try Binary.run("generate", "nkey", "-a").output.split(separator: "\n").map(String.init)[0]
        let token = try folder.text("S/accounts/A/A.jwt")
        for secret in [seed, token] {
            for arguments in [
                ["describe", "jwt", "-f", secret], ["validate", "--store", secret], ["nonsense", secret], [secret],
                ["add", "user", "-n", "u", secret], ["add", "user", "-n", "u", "-a", secret, "-H", folder.path],
                ["validate", "--at", secret], ["bench", "tokens", "--file", secret],
            ] {
                let run = try Binary.start(arguments).wait()
                #expect(run.status != 0)
                #expect(!run.errors.contains(secret.prefix(60)) && !run.output.contains(secret.prefix(60)))
                #expect(run.errors.contains("***"), "\(arguments[0]): \(run.errors)")
            }
        }
    }

    @Test("The key of a wrong role is refused")
    func wrongRole() throws {
        let folder = try strictStore()
        let key = try Binary.run("generate", "nkey", "-u").output.split(separator: "\n").map(String.init)
        try folder.write(key[0], to: "user.nk")
        for arguments in [["-K", key[1]], ["-K", folder.path("user.nk")]] {
            let run = try Binary.start(["add", "user", "-n", "u", "-a", "A", "-H", folder.path] + arguments).wait()
            #expect(run.status == 65)
            #expect(run.errors.contains("`account`") && run.errors.contains("`user`"))
            #expect(!run.errors.contains(key[0]))
        }
        let account = try Binary.run("add", "account", "-n", "B", "-k", key[1], "-H", folder.path)
        #expect(account.status == 65 && account.errors.contains("begins with `A`"))
        #expect(try Binary.run("add", "user", "-n", "k", "-a", "A", "-k", key[1], "-H", folder.path).status == 0)
        #expect(!folder.exists("creds/S/A/k.creds"))
    }

    @Test("A key is named by its public key, by a file, or comes on standard input")
    func named() throws {
        let folder = try strictStore()
        let signing = try #require(
            try keys(folder).first { $0["name"] as? String == "A" && $0["signing"] as? Bool == true })
        let key = try #require(signing["key"] as? String)
        let file = folder.path("keys/A/\(key.dropFirst().prefix(2))/\(key).nk")
        for choice in [key, file] {
            let name = choice == key ? "key" : "file"
            let run = try Binary.run("add", "user", "-n", name, "-a", "A", "-K", choice, "-H", folder.path)
            #expect(run.status == 0, "\(run.errors)")
        }
        let seed = try [UInt8](String(contentsOfFile: file, encoding: .utf8).utf8)
        #expect(
            try Binary.run("add", "user", "-n", "in", "-a", "A", "-K", "-", "-H", folder.path, input: seed).status == 0)
        #expect(try Binary.run("add", "user", "-n", "no", "-a", "A", "-K", "nofile", "-H", folder.path).status == 66)
    }

    /// The store and the keystore that nsc made, to be changed.
    private func corp() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        try folder.copy(Testdata.nsc("stores/CORP"), to: "stores/CORP")
        try folder.copy(Testdata.nsc("keys"), to: "keys")
        return folder
    }

    private func addUser(_ folder: TemporaryFolder, _ arguments: String...) throws -> CommandRun {
        try Binary.start(
            ["add", "user", "--store", folder.path("stores/CORP"), "--keystore", folder.path("keys")] + arguments
        ).wait()
    }

    @Test("A role signs users who have nothing of their own")
    func scoped() throws {
        let folder = try corp()
        let run = try addUser(folder, "-a", "DEVICES", "-n", "therm2", "-K", "device")
        #expect(run.status == 0, "\(run.errors)")
        let token = folder.path("stores/CORP/accounts/DEVICES/users/therm2.jwt")
        let claims = try Binary.run("describe", "jwt", "-f", token, "--json").json()["claims"] as? [String: Any]
        #expect((claims?["nats"] as? [String: Any])?["subs"] == nil)
        #expect(folder.exists("keys/creds/CORP/DEVICES/therm2.creds"))

        let own = try addUser(folder, "-a", "DEVICES", "-n", "x", "-K", "device", "--allow-pub", "a")
        #expect(own.status == 1 && own.errors.contains("C-user-scope") && own.errors.contains("\nhint: "))
        let dotted = try addUser(folder, "-a", "DEVICES", "-n", "cam.3", "-K", "device")
        #expect(dotted.status == 1 && dotted.errors.contains("C-template-value") && dotted.errors.contains("\nhint: "))
        #expect(!folder.exists("stores/CORP/accounts/DEVICES/users/cam.3.jwt"))
    }

    @Test("An account that disallows bearers gets none")
    func bearer() throws {
        let run = try addUser(try corp(), "-a", "LIMITED", "-n", "b", "--bearer")
        #expect(run.status == 1)
        #expect(run.errors.contains("C-user-bearer") && run.errors.contains("\nhint: "))
    }

    @Test("Which account is not guessed")
    func account() throws {
        let folder = try strictStore()
        #expect(try Binary.run("add", "account", "-n", "B", "-H", folder.path).status == 0)
        let run = try Binary.run("add", "user", "-n", "u", "-H", folder.path)
        #expect(run.status == 64)
        #expect(run.errors.contains("`A`, `B`") && run.errors.contains("--account"))
        #expect(try Binary.run("add", "user", "-n", "u", "-a", "NONE", "-H", folder.path).status == 66)
    }

    @Test("Folders come from flags, then from variables, then from the home folder")
    func places() throws {
        let home = TemporaryFolder()
        let keys = TemporaryFolder()
        let environment = ["NKEYS_PATH": keys.path, "XDG_DATA_HOME": home.path("data")]
        let run = try Binary.run("add", "operator", "-n", "T", home: home, environment: environment)
        #expect(run.status == 0)
        #expect(home.exists("data/nats/nsc/stores/T/T.jwt"))
        #expect(keys.exists("keys/O"))
        #expect(try Binary.run("add", "operator", "-n", "T", home: home).status == 0)
        #expect(home.exists(".local/share/nats/nsc/stores/T/T.jwt"))
        let none = try Binary.run("list", "accounts", home: keys)
        #expect(none.status == 66)
        #expect(none.errors.contains("\nhint: "))
    }
}

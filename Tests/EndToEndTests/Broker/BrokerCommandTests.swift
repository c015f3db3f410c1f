import Foundation
import NKeys
import RealServers
import Testing

/// `credence broker` as people and supervisors meet it.
@Suite(.onOwnThread) struct BrokerCommandTests {
    private let folder: TemporaryFolder
    private let world: OperatorWorld

    init() throws { (folder, world) = (try TemporaryFolder(), try OperatorWorld()) }

    /// Writes a configuration; where it is.
    private func configuration(_ more: String = "", name: String = "broker.conf") throws -> String {
        try folder.write(world.configuration + "\n" + more, to: name)
        return folder.path(name)
    }

    // MARK: The demonstration

    @Test func `the demonstration prints commands that work, and keeps its secrets to its owner`() throws {
        let demo = folder.path("demo")
        let broker = try BrokerProcess(starting: ["--demo", "--demo-folder", demo])
        let port = try broker.port
        #expect(broker.says("listening"))
        let limit = Date(timeIntervalSinceNow: 60)
        while !broker.output.contains("asyncio.run(main())'"), Date() < limit { usleep(10_000) }
        let output = broker.output
        #expect(
            output.contains("nats -s nats://127.0.0.1:\(port) --creds \(demo)/billing.creds sub 'orders.created.*'"))
        let script = try #require(output.range(of: "python3 -c")).lowerBound
        let run = try Program.run("/bin/sh", ["-c", String(output[script...])])
        #expect(run.output == "orders.created.42 one pair of shoes\n", "\(run.errors) \(broker.log.text)")
        // What ORDERS exports it exports to whom it gives a token, and BILLING has one for each.
        let claims = try String(contentsOfFile: "\(demo)/broker.conf", encoding: .utf8).matches(
            of: /A[A-Z0-9]{55}: (eyJ[^\s]+)/
        )
        .map { try TokenText(String($0.1)) }
        let exports = try #require(
            claims.first { $0.payload["name"] as? String == "ORDERS" }?["exports"] as? [[String: Any]])
        #expect(exports.map { $0["token_req"] as? Bool } == [true, true])
        let imports = try #require(
            claims.first { $0.payload["name"] as? String == "BILLING" }?["imports"] as? [[String: Any]])
        #expect(imports.allSatisfy { ($0["token"] as? String)?.hasPrefix("eyJ") == true } && imports.count == 2)
        let names = try FileManager.default.contentsOfDirectory(atPath: demo).sorted()
        #expect(names == ["billing.creds", "broker.conf", "orders.creds", "sys.creds"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(demo)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        for secret in ["SU", "eyJ"] { #expect(!broker.log.text.contains(secret) && !output.contains(secret)) }
        let again = try Program.credence(["broker", "--demo", "--demo-folder", demo])
        #expect(again.status == 1 && again.errors.contains("exists already"))
    }

    // MARK: Accounts that are pushed

    @Test(.timeLimit(.minutes(5)))
    func `an account that is pushed through the system account is kept, serves its users, and can be deleted`() throws {
        let deployed = try AuthorityWorld()
        let jwt = folder.path("jwt")
        let text = """
            operator: \(try deployed.served.deployment.operatorToken())
            resolver { type: full, dir: "\(jwt)", allow_delete: true }
            resolver_preload { \(deployed.system): \(try deployed.served.deployment.accountToken("SYS")) }
            """
        try folder.write(text, to: "full.conf")
        let broker = try BrokerProcess(configuration: folder.path("full.conf"))
        let user = try deployed.served.deployment.addUser("user", to: "A")
        let script = """
            import asyncio, json, nats, sys
            async def main():
              token, deletion = sys.argv[1], sys.argv[2]
              system = await nats.connect("\(try broker.url)", user_credentials="\(deployed.served.deployment.creds(of: "sys", in: "SYS"))")
              async def ask(subject, body):
                answer = json.loads((await system.request(subject, body.encode(), timeout=20)).data)
                print(answer.get("data") or answer.get("error"))
              async def connect():
                try:
                  return await nats.connect("\(try broker.url)", user_credentials="\(user)", allow_reconnect=False, max_reconnect_attempts=0, connect_timeout=60)
                except Exception: print("not let in")
              await connect()
              await ask("$SYS.REQ.CLAIMS.UPDATE", token)
              closed = asyncio.Event()
              connection = await connect()
              async def ended(): closed.set()
              connection._closed_cb = ended
              await connection.flush(); print("let in")
              await ask("$SYS.REQ.CLAIMS.DELETE", deletion)
              await asyncio.wait_for(closed.wait(), 20); print("sent away")
              await connect()
              await ask("$SYS.REQ.CLAIMS.UPDATE", token)
              await system.close()
            asyncio.run(main())
            """
        let run = try Program.onPath("python3", ["-c", script, try deployed.token, try deployed.deletion()])
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 7, "\(run.output) \(run.errors) \(broker.log.text)")
        #expect(lines[0] == "not let in" && lines[2] == "let in" && lines[4] == "sent away" && lines[5] == "not let in")
        #expect(lines[1].contains("jwt updated") && lines[1].contains(deployed.account.text))
        #expect(lines[3].contains("deleted 1 accounts"))
        #expect(lines[6].contains("500"), "an older token does not come back: \(lines[6])")
        #expect(!FileManager.default.fileExists(atPath: "\(jwt)/\(deployed.account).jwt"))
    }

    // MARK: Bad input

    @Test func `a bad configuration is told by file, line and key, all of it at once`() throws {
        let path = try configuration("port: x\ncolour: red\n")
        let lines = world.configuration.split(separator: "\n", omittingEmptySubsequences: false).count
        for arguments in [["-c", path], ["-c", path, "--check-config"]] {
            let run = try Program.credence(["broker"] + arguments)
            #expect(run.status == 65 && run.output.isEmpty)
            #expect(
                run.errors == """
                    error: \(path):\(lines + 1): `port`: a whole number is expected, and this is a text
                    error: \(path):\(lines + 2): `colour`: the key is not known to this broker
                    hint: remove it, or correct its spelling

                    """)
        }
    }

    @Test func `what cannot be read is told once, with what to do`() throws {
        let missing = try Program.credence(["broker", "-c", folder.path("none.conf")])
        #expect(missing.status == 66)
        #expect(missing.errors.components(separatedBy: "there is no such file").count == 2)
        let usage = try Program.credence(["broker"])
        #expect(usage.status == 64 && usage.errors.contains("--demo"))
        for arguments in [["--demo", "-c", "x"], ["-c", "x", "-p", "70000"], ["-c", "x", "--log-level", "loud"]] {
            #expect(try Program.credence(["broker"] + arguments).status == 64)
        }
        try folder.write("x", to: "file")
        let full = """
            \(world.configuration.split(separator: "\n")[0])
            system_account: \(world.system.publicKey)
            resolver { type: full, dir: "\(folder.path("file"))" }
            """
        try folder.write(full, to: "full.conf")
        let folderless = try Program.credence(["broker", "-c", folder.path("full.conf")])
        #expect(folderless.status == 74 && folderless.errors.contains(folder.path("file")), "\(folderless.errors)")
        let certificate = try configuration("tls { cert_file: '\(folder.path("file"))', key_file: x }")
        let tls = try Program.credence(["broker", "-c", certificate, "--check-config"])
        #expect(tls.status == 65 && tls.errors.contains("no certificate"), "\(tls.errors)")
    }

    @Test func `a port in use is told once, with what to do`() throws {
        let first = try BrokerProcess(configuration: configuration())
        let run = try Program.credence(["broker", "-c", configuration(), "-a", "127.0.0.1", "-p", "\(first.port)"])
        #expect(run.status == 74)
        #expect(run.errors.components(separatedBy: "the port is in use").count == 2, "\(run.errors)")
        #expect(run.errors.contains("hint: choose another port"))
    }

    @Test func `a system account that does not resolve is told at the start`() throws {
        let server = try ResolverServer(token: "x")
        let text = """
            \(world.configuration.split(separator: "\n")[0])
            resolver: \(server.resolver("missing"))
            """
        try folder.write(text, to: "url.conf")
        let run = try Program.credence(["broker", "-c", folder.path("url.conf")])
        #expect(
            run.status == 74 && run.errors.contains("the system account `\(world.system.publicKey)` does not resolve"))
    }

    // MARK: Signals

    @Test func `a hang-up reads the configuration again, and a bad one changes nothing`() throws {
        let path = try configuration()
        let broker = try BrokerProcess(configuration: path)
        broker.signal(SIGHUP)
        #expect(broker.says("the configuration was read again"))
        _ = try configuration("colour: red")
        broker.signal(SIGHUP)
        #expect(broker.says("the configuration is not taken over: \(path):"))
        #expect(broker.says("`colour`"))
        try folder.write(world.configuration.replacing("MEMORY", with: "URL(http://127.0.0.1:1/)"), to: "broker.conf")
        broker.signal(SIGHUP)
        #expect(broker.says("only the resolvers `MEMORY` and `full` start with tokens"))
        let operatorLine = world.configuration.split(separator: "\n")[0]
        try folder.write("\(operatorLine)\nresolver: URL(http://127.0.0.1:1/)\n", to: "broker.conf")
        broker.signal(SIGHUP)
        #expect(broker.says("accounts are to come from elsewhere, which needs a restart"))
        broker.signal(SIGTERM)
        #expect(broker.says("ended") && broker.log.waitForEnd())
    }

    @Test func `an account whose operator is not named any more is sent away by a hang-up`() throws {
        let (path, other) = (try configuration(), try OperatorWorld())
        let broker = try BrokerProcess(configuration: path)
        let creds = folder.path("user.creds")
        try world.write(try world.user(), to: creds)
        func connects() throws -> Bool {
            let script = """
                import asyncio, nats
                async def main():
                  connection = await nats.connect("\(try broker.url)", user_credentials="\(creds)", max_reconnect_attempts=0, allow_reconnect=False, connect_timeout=60)
                  await connection.flush(); await connection.close()
                asyncio.run(main())
                """
            return try Program.onPath("python3", ["-c", script]).status == 0
        }
        #expect(try connects())
        try folder.write(other.configuration, to: "broker.conf")
        broker.signal(SIGHUP)
        #expect(broker.says("the configuration was read again"))
        #expect(try !connects())
        try folder.write(world.configuration, to: "broker.conf")
        broker.signal(SIGHUP)
        #expect(
            broker.log.wait { $0.components(separatedBy: "the configuration was read again").count > 2 ? true : nil }
                == true)
        #expect(try connects())
    }

    @Test func `the log and the number of the process go to the files that are named`() throws {
        let (log, pid) = (folder.path("broker.log"), folder.path("broker.pid"))
        let path = try configuration("log_file: '\(log)'\npid_file: '\(pid)'\nlogtime: true\n")
        let broker = try BrokerProcess(starting: ["-c", path])
        let limit = Date(timeIntervalSinceNow: 60)
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        while !text(log).contains("listening"), Date() < limit { usleep(10_000) }
        #expect(text(log).contains("`logtime`: has no effect"))
        #expect(text(pid) == "\(broker.pid)\n")
        broker.signal(SIGTERM)
        // Its standard error is the file: nothing else says when it has ended.
        while FileManager.default.fileExists(atPath: pid), Date() < limit { usleep(10_000) }
        #expect(text(log).contains("ended"))
        #expect(!FileManager.default.fileExists(atPath: pid))
    }
}

extension OperatorWorld {
    /// Writes creds into a file.
    fileprivate func write(_ user: CredentialsFile, to path: String) throws {
        try CredentialsFile.render(token: user.token, seed: user.seed).withUnsafeBytes { bytes in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
    }
}

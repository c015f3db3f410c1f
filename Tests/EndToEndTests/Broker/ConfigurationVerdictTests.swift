import Foundation
import NKeys
import RealServers
import Testing

/// Which configurations the real server starts on, and which ours holds to be right: the same ones, but for rows of
/// Docs/Divergences.md.
@Suite(.onOwnThread) struct ConfigurationVerdictTests {
    /// One configuration: a good one with a line behind it, or one of its own.
    private struct Row {
        let text: String
        /// The row that says why the two differ; nil where they agree.
        var divergence: String?
        var isWhole = false
    }

    private let deployment: Deployment
    private let base: String
    private let (operatorLine, systemLine): (String, String)

    init() throws {
        deployment = try Deployment()
        try deployment.addAccount("A")
        try deployment.addUser("bearer", to: "A", "--bearer")
        try deployment.addUser("user", to: "A")
        base = try String(contentsOfFile: deployment.configuration(), encoding: .utf8)
        let lines = base.split(separator: "\n").map(String.init)
        operatorLine = try #require(lines.first { $0.hasPrefix("operator:") })
        systemLine = try #require(lines.first { $0.hasPrefix("system_account:") })
    }

    /// Lines that are added to a good configuration.
    private func added() throws -> [Row] {
        let (bearer, user) = (
            try deployment.userToken("bearer", of: "A"), try deployment.userToken("user", of: "A")
        )
        let key = try #require(try TokenText(deployment.accountToken("A")).payload["sub"] as? String)
        let same = [
            "", "port: 0", "port: 4222 # x", "max_payload: 0", "max_payload: 9MB", "max_payload: 100MB",
            "max_payload: '64KB'", "max_payload: 1kib", "max_payload: 1.5", "max_pending: 1000", "max_control_line: 3g",
            "max_connections: -1", "max_connections: 0", "max_subscriptions: -1", "max_sub_tokens: 300",
            "ping_interval: 5", "ping_interval: '0s'", "ping_interval: x", "ping_max: 0", "lame_duck_duration: '20s'",
            "lame_duck_duration: '60s'", "lame_duck_duration: 60", "lame_duck_grace_period: '200s'",
            "lame_duck_grace_period: '120s'", "authorization { timeout: 0 }", "authorization { timeout: x }",
            "authorization { timeout: '3s' }", "authorization { users: [{user: a, password: b}] }",
            "authorization { foo: 1 }", "accounts { B { } }", "no_auth_user: x", "jetstream: false",
            "mappings { a: b }",
            "https_port: -1", "tls { cert_file: x, key_file: y }", "tls { cert_file: x }", "unknown: 1",
            "V: -1\nhttp_port: $V", "http_port: $NO_SUCH_VARIABLE", "debug: 1", "server_name: 'a b'",
            "http: 'localhost:-1'", "http: localhost", "http_port: -1", "port:\n4222", "a { b: 1 } c: 2", "x",
            "default_sentinel: x", "default_sentinel: \(bearer)", "default_sentinel: \(user)",
            "resolver_pinned_accounts: []", "resolver_pinned_accounts: AABC", "resolver_pinned_accounts: \(key)",
            "resolver_tls { }", "client_advertise: x", "server_tags: [a]", "write_deadline: '2s'",
            "include 'nope.conf'",
            "http_base_path: /x", "max_closed_clients: 5", "server_metadata { a: b }", "listen: localhost",
        ]
        let unsupported = [
            "cluster { }", "gateway { }", "leafnodes { }", "jetstream { store_dir: '\(deployment.folder.path("js"))' }",
            "mqtt { }", "websocket { }", "no_system_account: true", "no_header_support: true", "proxies { }",
            "proxy_protocol: true", "ocsp: true", "tls { }", "feature_flags { }",
        ]
        let others: [(String, [String])] = [
            ("config-unsupported", unsupported),
            (
                "config-negative",
                [
                    "max_payload: -1", "ping_interval: '-5s'", "ping_max: -1", "authorization { timeout: -1 }",
                ]
            ),
            ("config-users", ["authorization { users: [] }", "authorization { token: abc }", "accounts { }"]),
            ("config-trusted-keys", ["trusted_keys: []"]),
            (
                "config-twice",
                [
                    "debug: true\ndebug: false", "DEBUG: false\ndebug: true", "listen: 127.0.0.1:4222\nport: 4222",
                    "host: 127.0.0.1\nnet: 127.0.0.1",
                ]
            ),
            ("config-empty-text", ["server_name: ''", "host: ''", "log_file: ''"]),
            ("config-form", ["port\n4222", "port: 4222 }"]), ("config-ignored-value", ["logtime: 5"]),
        ]
        return same.map { Row(text: $0) } + others.flatMap { id, texts in texts.map { Row(text: $0, divergence: id) } }
    }

    /// Configurations of their own.
    private func whole() throws -> [Row] {
        let head = "\(operatorLine)\n\(systemLine)\n"
        let folder = deployment.folder.path("jwt")
        let preload = String(base[try #require(base.range(of: "resolver_preload")).lowerBound...])
        let (account, system) = (try deployment.accountToken("A"), try deployment.accountToken("SYS"))
        let other = try KeyPair.generate(.account).publicKey.text
        let systemKey = try #require(try TokenText(system).payload["sub"] as? String)
        let operatorKeys = try deployment.keys(ofSubjectOf: deployment.operatorToken())
        var old = try TokenText(deployment.operatorToken())
        old.payload["exp"] = Int(Date().timeIntervalSince1970) - 10
        func full(_ more: String = "") -> String { "\(head)resolver { type: full, dir: '\(folder)' \(more) }" }
        func preloaded(_ key: String, _ token: String) -> String {
            "\(head)resolver: MEMORY\nresolver_preload {\n\(systemKey): \(system)\n\(key): \(token)\n}"
        }
        let rows: [(String, String?)] = [
            ("{\(base)}", nil), ("{\(base)", "config-form"), ("", "config-no-operator"),
            ("port: -1", "config-no-operator"),
            ("resolver: MEMORY", "config-no-operator"), (systemLine, nil), (head, nil),
            (head + "resolver: MEMORY", nil), (operatorLine + "\nresolver: MEMORY", nil),
            (head + "resolver: MEM\n" + preload, nil), (head + "resolver: { type: Memory }\n" + preload, nil),
            (head + "resolver: memx\n" + preload, "config-resolver-mem"),
            (head + "resolver: foo\n" + preload, nil), (head + "resolver: 'http://h/'", nil),
            (head + "resolver { }", nil), (head + "resolver { type: x }", nil), (head + "resolver { type: full }", nil),
            (full(), nil), (operatorLine + "\nresolver { type: full, dir: '\(folder)' }", nil),
            (full(", ttl: '1h'"), nil),
            (full(", hard_delete: true"), nil), (full(", allow_delete: true, hard_delete: true"), nil),
            (full(", interval: 5"), nil), (full(", timeout: '0s'"), nil), (full(", limit: 0"), nil),
            (full(", limit: -1"), "config-negative"), (full(", colour: 1"), "config-unknown-member"),
            (head + "resolver { type: cache, dir: '\(folder)', ttl: '1h' }", nil),
            (head + "resolver { type: cache, dir: '\(folder)', allow_delete: true }", nil),
            ("operator: nope.jwt\nresolver: MEMORY", nil), ("\(operatorLine.dropLast(3))\n\(preload)", nil),
            (base.replacing(systemLine, with: "system_account: \(other)"), nil),
            (base.replacing(systemLine, with: "system_account: x"), nil),
            ("operator: \(try old.signed(by: operatorKeys))\nresolver: MEMORY\n\(preload)", "token-operator-times"),
            (preloaded(other, account), "config-preload"), (preloaded("AABC", account), "config-preload"),
            (preloaded(other, "x"), nil), (preloaded(other, String(account.dropLast(3))), nil),
        ]
        return rows.map { Row(text: $0.0, divergence: $0.1, isWhole: true) }
    }

    @Test func `both start on the same configurations, but for what the divergences say`() throws {
        let documented = try String(contentsOfFile: "\(Testdata.root)/Docs/Divergences.md", encoding: .utf8)
        var checked = 0
        for row in try added() + whole() {
            let text = row.isWhole ? row.text : "\(base)\(row.text)\n"
            try deployment.folder.write(text, to: "server.conf")
            let path = deployment.folder.path("server.conf")
            let ours = try Program.credence(["broker", "--check-config", "-c", path])
            #expect([0, 65].contains(ours.status), "\(row.text): \(ours.errors)")
            var (theirs, why) = (true, "")
            do { _ = try RealServer(configuration: path, hasTime: false) } catch { (theirs, why) = (false, "\(error)") }
            let shown = row.text.count > 300 ? "\(row.text.prefix(200))…\(row.text.suffix(100))" : row.text
            if let id = row.divergence {
                #expect(theirs != (ours.status == 0), "the row \(id) is stale for `\(shown)`")
                #expect(documented.contains("| \(id) |"), "\(id) is no row of the divergences")
            } else {
                #expect(theirs == (ours.status == 0), "`\(shown)`: \(ours.errors) \(why)")
            }
            checked += 1
        }
        #expect(checked > 100)
    }

    @Test func `a broker starts on each configuration that nsc made, as the real server does`() throws {
        for folder in ["config", "negative"] {
            let path = "\(Testdata.root)/Testdata/nsc/\(folder)"
            for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasSuffix(".conf") {
                // Each in a folder of its own: `./jwt` is beside where the broker is started.
                let place = try TemporaryFolder()
                let text = try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
                let broker = try BrokerProcess(configuration: "\(path)/\(name)", in: place.path)
                broker.signal(SIGTERM)
                #expect(broker.says("ended"), "\(name): \(broker.log.text)")
                try place.write(text.replacing("./jwt", with: place.path("theirs")), to: "server.conf")
                _ = try RealServer(configuration: place.path("server.conf"))
                if text.contains("./jwt") {
                    #expect(
                        try FileManager.default.contentsOfDirectory(atPath: place.path("jwt")).contains {
                            $0.hasSuffix(".jwt")
                        })
                }
            }
        }
    }
}

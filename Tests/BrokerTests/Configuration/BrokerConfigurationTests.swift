import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import Broker

/// What a configuration says of a broker, and what is said of one that is bad.
@Suite struct BrokerConfigurationTests {
    private static let world = Result { try OperatorWorld() }
    /// The line of the operator, and the rest, of a good configuration.
    private static func good() throws -> (operator: String, rest: String, all: String) {
        let text = try world.get().configuration
        let lines = text.split(separator: "\n").map(String.init)
        return (lines[0], lines[1...].joined(separator: "\n"), text + "\n")
    }

    private static func read(
        _ text: String, files: [String: String] = [:], environment: [String: String] = [:], at now: UnixTime? = nil
    ) throws(ConfigurationRefusal) -> BrokerConfiguration {
        let files = PlainFiles(texts: files.merging(["server.conf": text]) { $1 })
        let seconds = UnixTime(Int64(currentSeconds())) ?? .zero
        return try BrokerConfiguration.read(
            "server.conf", environment: environment, verifier: TokenVerifier(), at: now ?? seconds
        ) { (path) throws(ConfigurationFault) in try files.read(path) }
    }

    // MARK: What nsc makes

    @Test(arguments: PlainFiles.corpus) func `a configuration that nsc made is read`(path: String) throws {
        let configuration = try BrokerConfiguration.read(
            path, environment: [:], verifier: TokenVerifier(), at: try #require(UnixTime(1_795_212_900))
        ) { (path) throws(ConfigurationFault) in try PlainFiles().read(path) }
        let trust = configuration.settings.trust
        #expect(trust.operators.count == 1)
        #expect(trust.systemAccount == trust.operators[0].claims.systemAccount)
        let isMemory = path.contains("mem-resolver")
        switch configuration.resolver {
        case .memory: #expect(isMemory && configuration.preload.count >= 3)
        case .full(let folder):
            #expect(folder.path == "./jwt" && folder.deletions == .refused && folder.limit == nil)
        case .cache(let folder): #expect(folder.path == "./jwt" && path.contains("cache"))
        default: Issue.record("\(configuration.resolver)")
        }
        #expect(configuration.preload.contains { $0.key == trust.systemAccount })
        #expect(
            configuration.warnings.allSatisfy { $0.key == "resolver" || $0.what.contains("C-") },
            "\(configuration.warnings)")
    }

    // MARK: What is understood

    @Test func `every key that is supported has its effect`() throws {
        let text = """
            listen: 127.0.0.1:4300
            server_name: one
            max_payload: 64KB, max_control_line = 8kb; max_pending 1MB
            max_connections: 10
            max_subscriptions: 20
            max_sub_tokens: 8
            ping_interval: "30s"
            ping_max: 3
            http: 8300
            lame_duck_duration: "60s"
            lame_duck_grace_period: "5s"
            authorization { timeout: 1.5 }
            tls {
              cert_file: a.pem, key_file: b.pem
              ca_file: c.pem
              verify: true
              timeout: 3
              handshake_first: true
            }
            allow_non_tls: true
            debug: true
            log_file: broker.log
            pid_file: broker.pid
            resolver_pinned_accounts: [\(try Self.world.get().app.publicKey)]

            """
        let configuration = try Self.read(text + Self.good().all)
        let settings = configuration.settings
        #expect(settings.host == "127.0.0.1" && settings.port == 4300 && settings.name == "one")
        #expect(settings.monitoring == ListenAddress(host: "127.0.0.1", port: 8300))
        var limits = BrokerLimits()
        (limits.payload, limits.controlLine, limits.pending) = (65_536, 8_192, 1 << 20)
        (limits.connections, limits.subscriptions, limits.subscriptionTokens) = (10, 20, 8)
        #expect(settings.limits == limits)
        var times = BrokerTimes()
        (times.pingInterval, times.pingsOutstanding) = (.seconds(30), 3)
        (times.lameDuckDuration, times.lameDuckGrace) = (.seconds(60), .seconds(5))
        (times.authentication, times.handshake) = (.milliseconds(1_500), .seconds(3))
        #expect(settings.times == times)
        var tls = BrokerTLS(certificateChain: "a.pem", privateKey: "b.pem")
        (tls.clientCertificates, tls.beginning, tls.clearText) = (.required(authorities: "c.pem"), .first, .allowed)
        #expect(settings.tls == tls)
        #expect(configuration.logging.detail == .debug && configuration.logging.file == "broker.log")
        #expect(configuration.processFile == "broker.pid")
        #expect(settings.trust.pinnedAccounts == [try Self.world.get().app.publicKey])
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `what means the standard on a server means it here`() throws {
        let text = """
            port: 0
            max_payload: 0
            max_control_line: 0
            max_pending: 0
            max_connections: 0
            max_subscriptions: -1
            max_sub_tokens: 0
            ping_interval: "0s"
            ping_max: 0
            authorization { timeout: 0 }
            http_port: 0
            jetstream: false
            no_system_account: false

            """
        let settings = try Self.read(text + Self.good().all).settings
        #expect(settings.port == 4222 && settings.limits == BrokerLimits() && settings.times == BrokerTimes())
        #expect(settings.monitoring == nil && settings.tls == nil)
        #expect(try Self.read("port: -1\nmax_connections: -1\n" + Self.good().all).settings.port == 0)
    }

    @Test(
        arguments: [
            ("resolver: MEMORY", "memory"), ("resolver: mem", "memory"), ("resolver: { type: Memory }", "memory"),
            (
                "resolver { type: full, dir: './d', allow_delete: true, limit: 9, interval: '2m', timeout: '1s' }",
                "full d allowed 9"
            ),
            ("resolver { type: FULL, dir: d }", "full d refused -"),
            ("resolver { type: cache, dir: d, ttl: '1h', limit: 5 }", "cache d allowed -"),
            ("resolver: URL(http://h:9090/jwt)", "url http://h:9090/jwt/ -"),
            ("account_resolver: 'url(\"https://h/\")'\nresolver_tls { ca_file: x.pem }", "url https://h/ x.pem"),
            (
                "accounts_resolver { type: jetstream, servers: nats://h, creds: c, replicas: 1 }",
                "bucket credence_accounts 1 -"
            ),
            (
                "resolver { type: jetstream, bucket: b, servers: [nats://h, nats://i], creds: c, dir: j }",
                "bucket b 3 j"
            ),
        ] as [(String, String)])
    func `a resolver is taken in each of its forms`(text: String, expected: String) throws {
        let good = try Self.good()
        let system = "system_account: \(try Self.world.get().system.publicKey)"
        let preload = text.lowercased().contains("mem") ? good.rest.components(separatedBy: "MEMORY\n")[1] : ""
        let resolver = try Self.read("\(good.operator)\n\(system)\n\(text)\n\(preload)").resolver
        func said(_ kind: String, _ folder: ResolverFolder) -> String {
            "\(kind) \(folder.path.replacing("./", with: "")) \(folder.deletions) \(folder.limit.map(String.init) ?? "-")"
        }
        let shown =
            switch resolver {
            case .memory: "memory"
            case .full(let folder): said("full", folder)
            case .cache(let folder): said("cache", folder)
            case .url(let url): "url \(url.base) \(url.authorities ?? "-")"
            case .bucket(let bucket): "bucket \(bucket.name) \(bucket.replicas) \(bucket.journal ?? "-")"
            }
        #expect(shown == expected)
    }

    @Test func `an operator's token is taken inline, from a file, and from a list`() throws {
        let good = try Self.good()
        let token = String(good.operator.dropFirst("operator: ".count))
        let files = ["op.jwt": token + "\n"]
        for text in ["operator: op.jwt", "operators: [op.jwt]", "roots = ['op.jwt', \"\(token)\"]"] {
            let configuration = try Self.read("\(text)\n\(good.rest)", files: files)
            #expect(configuration.settings.trust.operators.allSatisfy { $0.text == token })
            #expect(!configuration.settings.trust.operators.isEmpty)
        }
    }

    @Test func `a key that only others name need not be known`() throws {
        let text = "MY_PORT: 4333\nport: $MY_PORT\nhost: $MY_HOST\n" + (try Self.good().all)
        let settings = try Self.read(text, environment: ["MY_HOST": "127.0.0.1"]).settings
        #expect(settings.port == 4333 && settings.host == "127.0.0.1")
    }

    // MARK: What is refused

    /// Each line is added to a good configuration, behind its last line.
    private static let bad: [(line: String, key: String, what: String)] = [
        ("colour: red", "colour", "not known to this broker"),
        ("debugg: true", "debugg", "not known to this broker"),
        ("host: 5", "host", "a text is expected"), ("host: ''", "host", "empty"),
        ("port: '4222'", "port", "a whole number is expected"), ("port: 99999", "port", "not in the range"),
        ("listen: localhost", "listen", "HOST:PORT"), ("listen: '::1:42'", "listen", "HOST:PORT"),
        ("max_payload: '64KB'", "max_payload", "a whole number is expected"),
        ("max_payload: 1.5", "max_payload", "a whole number is expected"),
        ("max_payload: -1", "max_payload", "not in the range"),
        ("max_payload: 100MB", "max_payload", "never fits into `max_pending`"),
        ("max_control_line: 3g", "max_control_line", "not in the range"),
        ("max_sub_tokens: 300", "max_sub_tokens", "not in the range"),
        ("lame_duck_duration: 60", "lame_duck_duration", "needs its unit"),
        ("authorization { timeout: -9223372036854775808 }", "authorization.timeout", "a length of time"),
        ("ping_interval: -9223372036854775808", "ping_interval", "a length of time"),
        ("ping_interval: '5 s'", "ping_interval", "a length of time"),
        ("ping_interval: '-5s'", "ping_interval", "not negative"),
        ("ping_max: -1", "ping_max", "not in the range"),
        ("lame_duck_duration: '20s'", "lame_duck_duration", "at least 30 seconds"),
        ("lame_duck_grace_period: '200s'", "lame_duck_grace_period", "shorter than"),
        ("authorization { timeout: x }", "authorization.timeout", "a length of time"),
        ("authorization { users: [] }", "authorization.users", "users come from their accounts' tokens"),
        ("authorization { token: s3cr3t }", "authorization.token", "users come from their accounts' tokens"),
        ("authorization { auth_callout { } }", "authorization.auth_callout", "account's token"),
        ("authorization { foo: 1 }", "authorization.foo", "not known"),
        ("accounts { A { users: [] } }", "accounts", "accounts come from the operator's tokens"),
        ("no_auth_user: x", "no_auth_user", "nobody is let in without"),
        ("trusted_keys: [OX]", "trusted_keys", "a key alone is not trusted"),
        ("cluster { }", "cluster", "joins no cluster"), ("gateway { }", "gateway", "super-cluster"),
        ("leafnodes { }", "leafnodes", "leaf nodes"), ("jetstream: enabled", "jetstream", "keeps no streams"),
        ("jetstream { }", "jetstream", "keeps no streams"), ("mqtt { }", "mqtt", "NATS alone"),
        ("websocket { }", "websocket", "WebSocket"), ("mappings { }", "mappings", "accounts' tokens"),
        ("no_system_account: true", "no_system_account", "operator's choice"),
        ("https: 8443", "https", "without TLS"), ("ocsp: true", "ocsp", "OCSP"), ("proxies { }", "proxies", "no proxy"),
        ("tls { }", "tls", "a certificate and its key"), ("tls { cert_file: x }", "tls", "a certificate and its key"),
        ("tls { cert_file: x, key_file: y, verify: true }", "tls", "authorities"),
        ("tls { cert_file: x, key_file: y, verify_and_map: true }", "tls.verify_and_map", "nobody a user"),
        ("tls { cert_file: x, key_file: y, cipher_suites: [] }", "tls.cipher_suites", "cannot be chosen"),
        ("tls { cert_file: x, key_file: y, colour: 1 }", "tls.colour", "not known"),
        ("tls { cert_file: x, key_file: y, handshake_first: '50ms' }", "tls.handshake_first", "true or false"),
        ("debug: 1", "debug", "true or false is expected"), ("server_name: 'a b'", "server_name", "no blanks"),
        ("http: 8222\nhttp_port: 8223", "http_port", "says it too"),
        ("listen: 4222\nport: 4222", "port", "says it too"), ("HOST: a\nnet: b", "net", "says the same"),
        ("resolver_pinned_accounts: AABC", "resolver_pinned_accounts", "an account's key is expected"),
        ("default_sentinel: x", "default_sentinel", "a user's token is expected"),
        ("max_connections: 1\nMax_Connections: 2", "Max_Connections", "says the same"),
    ]

    @Test(arguments: 0..<bad.count) func `a bad line is named by file, line and key`(index: Int) throws {
        let (line, key, what) = Self.bad[index]
        let good = try Self.good().all
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(good + line) }
        #expect(refusal.faults.count == 1, "\(refusal)")
        let last = (good + line).split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(refusal.faults[0].place == ConfigurationPlace(file: "server.conf", line: last), "\(refusal)")
        #expect(refusal.faults[0].key == key, "\(refusal)")
        #expect(refusal.faults[0].what.contains(what), "\(refusal)")
        #expect(!refusal.description.contains("s3cr3t"))
    }

    @Test(
        arguments: [
            ("resolver: memx", "resolver", "the one in memory is spelled `MEMORY`"),
            ("resolver: URL(memo)", "resolver", "an address is expected"),
            ("resolver: x", "resolver", "names no resolver"),
            ("resolver: 'http://h/'", "resolver", "names no resolver"),
            ("resolver: URL(ftp://h/)", "resolver", "an address"),
            ("resolver: URL(http://u:p@h/)", "resolver", "an address"),
            ("resolver: 5", "resolver", "a text or a block"),
            ("resolver { }", "resolver", "no `type`"), ("resolver { type: x }", "resolver.type", "no type of resolver"),
            ("resolver { type: full }", "resolver", "no folder"),
            ("resolver { type: full, dir: d, ttl: '1h' }", "resolver.ttl", "only a cache"),
            ("resolver { type: full, dir: d, hard_delete: true }", "resolver.hard_delete", "nothing is deleted"),
            ("resolver { type: full, dir: d, limit: -1 }", "resolver.limit", "not in the range"),
            ("resolver { type: full, dir: d, interval: 5 }", "resolver.interval", "needs its unit"),
            ("resolver { type: full, dir: d, timeout: '0s' }", "resolver.timeout", "longer than nothing"),
            ("resolver { type: full, dir: d, colour: 1 }", "resolver.colour", "not known"),
            ("resolver { type: cache, dir: d, allow_delete: true }", "resolver.allow_delete", "a cache does not take"),
            ("resolver { type: jetstream, bucket: b }", "resolver", "servers and a user"),
            ("resolver: URL(http://h/)\nresolver_preload { }", "resolver_preload", "only the resolvers"),
            ("resolver: MEMORY\nresolver_preload { x: y }", "resolver_preload.x", "an account's key"),
            ("resolver: MEMORY", "resolver", "is not preloaded"),
            ("", "resolver", "nothing says where accounts come from"),
        ] as [(String, String, String)])
    func `a bad resolver is named by file, line and key`(text: String, key: String, what: String) throws {
        let good = try Self.good()
        let head = "\(good.operator)\nsystem_account: \(try Self.world.get().system.publicKey)\n"
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(head + text) }
        #expect(refusal.faults.count == 1, "\(refusal)")
        #expect(refusal.faults[0].key == key && refusal.faults[0].place?.file == "server.conf", "\(refusal)")
        #expect(refusal.faults[0].what.contains(what), "\(refusal)")
    }

    @Test func `without an operator nobody is served`() throws {
        for text in ["", "port: 4222\n", "system_account: x", "resolver: MEMORY", "accounts { }"] {
            let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(text) }
            #expect(refusal.faults.contains { $0.key == "operator" && $0.what.contains("no operator") }, "\(refusal)")
        }
    }

    @Test func `everything that is wrong is said at once`() throws {
        let text = (try Self.good().all) + "port: x\ncolour: red\nmax_payload: -5\n"
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(text) }
        #expect(Set(refusal.faults.map(\.key)) == ["port", "colour", "max_payload"])
    }

    @Test func `an operator is judged by the rules of tokens`() throws {
        let good = try Self.good()
        // Signed a second after this moment, and 61 seconds is too far ahead.
        let past = try #require(UnixTime(Int64(currentSeconds()) - 3_600))
        let early = try #require(throws: ConfigurationRefusal.self) { try Self.read(good.all, at: past) }
        #expect(early.faults[0].key == "operator" && early.faults[0].what.contains("T-issued-at"))
        var broken = Array(good.all)
        let end = try #require(good.all.firstIndex(of: "\n")).utf16Offset(in: good.all)
        broken[end - 10] = broken[end - 10] == "A" ? "B" : "A"
        let forged = try #require(throws: ConfigurationRefusal.self) { try Self.read(String(broken)) }
        #expect(
            forged.faults[0].description.hasPrefix("server.conf:1: `operator`: the operator's token is refused: T-"))
        #expect(!forged.description.contains("eyJ"))
        let missing = try #require(throws: ConfigurationRefusal.self) {
            try Self.read("operator: no.jwt\n\(good.rest)")
        }
        #expect(missing.faults[0].description == "server.conf:1: `operator`: `no.jwt`: there is no such file")
        // What is no token any more is taken for a file's name, and is not shown.
        let damaged = good.all.replacing("operator: eyJ", with: "operator: ey0")
        let unread = try #require(throws: ConfigurationRefusal.self) { try Self.read(damaged) }
        #expect(unread.faults[0].what.hasPrefix("a text of ") && !unread.description.contains("eyJ"))
    }

    @Test func `the system account of configuration and operator agree`() throws {
        let world = try Self.world.get()
        let text = try Self.good().all.replacing(
            "system_account: \(world.system.publicKey)", with: "system_account: \(world.app.publicKey)")
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(text) }
        #expect(refusal.faults.map(\.key) == ["system_account"])
        #expect(refusal.faults[0].hint?.contains("remove it") == true)
    }

    @Test func `a preloaded token that was damaged is refused, and one that only is too old is told of`() throws {
        let text = try Self.good().all
        // Another character in the signature of the last token.
        let token = try #require(text.matches(of: /: (eyJ[^ \n]*)/).last?.1)
        let changed = token.dropLast(8) + (token.suffix(8).first == "A" ? "B" : "A") + token.suffix(7)
        let damaged = text.replacing(token, with: changed)
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(damaged) }
        #expect(refusal.faults.count == 1 && refusal.faults[0].key.hasPrefix("resolver_preload.…"), "\(refusal)")
        #expect(refusal.faults[0].what.contains("T-signature"), "\(refusal)")
        let user = try Self.world.get().user()
        let other = text.replacing(/: eyJ[^ ]*\n}/, with: ": \(String(decoding: user.token, as: UTF8.self))\n}")
        let type = try #require(throws: ConfigurationRefusal.self) { try Self.read(other) }
        #expect(type.faults.count == 1 && type.faults[0].what.contains("an account's token"), "\(type)")
        let early = try #require(UnixTime(Int64(currentSeconds()) - 3_600))
        let old = try #require(throws: ConfigurationRefusal.self) { try Self.read(text, at: early) }
        #expect(old.faults.map(\.key) == ["operator"], "the accounts are only warned of: \(old)")
    }

    @Test func `a preloaded token is that of its key`() throws {
        let world = try Self.world.get()
        let (system, app) = (world.system.publicKey.text, world.app.publicKey.text)
        let swapped = try Self.good().all
            .replacing("\(system): ", with: "\(app)+: ").replacing("\(app): ", with: "\(system): ")
            .replacing("\(app)+: ", with: "\(app): ")
        let refusal = try #require(throws: ConfigurationRefusal.self) { try Self.read(swapped) }
        #expect(refusal.faults.count == 2 && refusal.faults.allSatisfy { $0.what.hasPrefix("C-account-mismatch") })
    }

    @Test(
        arguments: [
            ("client_advertise: x", "client_advertise"), ("logtime: false", "logtime"),
            ("write_deadline: '2s'", "write_deadline"),
            ("allow_non_tls: true", "allow_non_tls"), ("server_tags: [a]", "server_tags"),
            ("resolver_tls { ca_file: x }", "resolver_tls"),
            ("resolver_pinned_accounts: []", "resolver_pinned_accounts"),
        ] as [(String, String)])
    func `a key without effect is told`(line: String, key: String) throws {
        let configuration = try Self.read(Self.good().all + line)
        #expect(configuration.warnings.map(\.key) == [key])
        #expect(configuration.warnings.allSatisfy { $0.what.contains("no effect") })
    }
}

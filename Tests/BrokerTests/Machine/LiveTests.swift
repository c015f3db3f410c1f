import NKeys
import Subjects
import Testing
import Trust

@testable import Broker

/// What happens to connected clients when accounts change, and with time.
@Suite struct LiveTests {
    private let world: MachineWorld

    init() throws { world = try MachineWorld() }

    private func time(_ seconds: Int64) -> UnixTime { world.host.now.advanced(by: seconds) }

    @Test func `a user's time ends its connection at that second, however long it is`() throws {
        let account = try world.account("A")
        for span: Int64 in [1, 3, 3600] {
            let end = time(span)
            let (client, other) = (
                try world.client(of: account) { $0.common.expires = end }, try world.client(of: account)
            )
            var left = span
            while left > 1 {
                let step = min(left - 1, 30)
                world.host.advance(by: .seconds(step))
                left -= step
                for one in [client, other] where one.hear().contains("PING") { one.say("PONG\r\n") }
            }
            world.host.advance(by: .milliseconds(999))
            #expect(!client.isClosed)
            _ = client.hear()
            world.host.advance(by: .milliseconds(1))
            #expect(client.isClosed && client.hear() == "-ERR 'User Authentication Expired'\r\n" && !other.isClosed)
            other.leave()
        }
    }

    @Test func `the end of a window of hours ends the connection`() throws {
        // It is 03:33:20.
        let client = try world.client(of: try world.account("A")) {
            $0.limits.times = [TimeWindow(start: "03:00:00", end: "03:33:25")].compactMap { $0 }
        }
        world.host.advance(by: .milliseconds(4_900))
        #expect(!client.isClosed)
        world.host.advance(by: .milliseconds(100))
        #expect(client.isClosed && client.hear().hasSuffix("-ERR 'User Authentication Expired'\r\n"))
    }

    @Test func `the end of an account's time ends all its connections`() throws {
        let end = time(10)
        let account = try world.account("A") { $0.common.expires = end }
        let (one, other) = (try world.client(of: account), try world.client(of: try world.account("B")))
        world.host.advance(by: .milliseconds(9_999))
        #expect(!one.isClosed)
        world.host.advance(by: .milliseconds(1))
        #expect(one.isClosed && one.hear().hasSuffix("-ERR 'Account Authentication Expired'\r\n") && !other.isClosed)
    }

    @Test func `during a reload changes wait for the operator under which they are judged`() throws {
        let account = try world.account("A")
        let claims = try #require(world.claims[account.publicKey])
        let client = try world.client(of: account)
        let key = try KeyPair.generate(.operator)
        let token = try TokenSigner(key).sign(claims, at: world.host.now).text
        var operatorClaims = OperatorClaims(subject: world.operatorKeys.publicKey, name: "OP")
        operatorClaims.systemAccount = world.systemKeys.publicKey
        operatorClaims.signingKeys = [key.publicKey]
        var settings = world.settings
        settings.trust = BrokerTrust(operators: [
            try TokenSigner(world.operatorKeys).sign(operatorClaims, at: world.host.now)
        ])
        world.core.holdChanges()
        world.give(token, for: account.publicKey)
        world.core.reload(settings)
        world.core.releaseChanges()
        world.host.run()
        #expect(!client.isClosed && world.core.store.snapshot[account.publicKey]?.account.text == token)
        // What comes otherwise is judged at once.
        world.give(
            try TokenSigner(KeyPair.generate(.operator)).sign(claims, at: world.host.now).text, for: account.publicKey)
        #expect(client.isClosed && world.core.store.snapshot[account.publicKey] == nil)
    }

    @Test func `a deleted account's connections end, and nobody comes in`() throws {
        let account = try world.account("A")
        let user = try world.user(of: account)
        let client = world.open()
        try client.connect(as: user)
        world.delete(account)
        #expect(client.isClosed && client.hear() == "-ERR 'Account Authentication Expired'\r\n")
        let again = world.open()
        again.say(try again.connectText(as: user))
        #expect(again.isClosed)
    }

    @Test func `revocations end the connections that they cover and no others`() throws {
        let account = try world.account("A")
        let (user, other) = (try world.user(of: account), try world.user(of: account))
        let clients = [world.open(), world.open()]
        try clients[0].connect(as: user)
        try clients[1].connect(as: other)
        try world.edit(account) { $0.revocations.revoke(user.keys.publicKey, at: time(-1)) }
        #expect(!clients[0].isClosed)
        try world.edit(account) { $0.revocations.revoke(user.keys.publicKey, at: time(0)) }
        #expect(clients[0].isClosed && clients[0].hear() == "-ERR 'User Authentication Revoked'\r\n")
        #expect(!clients[1].isClosed)
        try world.edit(account) { $0.revocations.revoke(nil, at: time(0)) }
        #expect(clients[1].isClosed && clients[1].hear() == "-ERR 'User Authentication Revoked'\r\n")
    }

    @Test func `a signing key that is taken out takes its users with it, silently`() throws {
        let (plain, scoped) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        var scope = UserScope(key: scoped.publicKey)
        scope.permissions.publishAllow = ["a"]
        let account = try world.account("A") { [scope] in
            $0.signingKeys = [.plain(plain.publicKey), .scoped(scope)]
        }
        func connect(_ signer: KeyPair?, _ edit: (inout UserClaims) -> Void = { _ in }) throws -> MachineClient {
            let client = world.open()
            try client.connect(as: try world.user(of: account, signedBy: signer, edit))
            return client
        }
        let (byPlain, own) = (try connect(plain), try connect(nil))
        var byScoped = try connect(scoped) { $0.limits = UserLimits() }
        scope.description = "changed"
        try world.edit(account) { [scope] in $0.signingKeys[1] = .scoped(scope) }
        #expect(byScoped.isClosed && byScoped.hear() == "" && !byPlain.isClosed && !own.isClosed)
        byScoped = try connect(scoped) { $0.limits = UserLimits() }
        try world.edit(account) { $0.signingKeys.removeFirst() }
        #expect(byPlain.isClosed && byPlain.hear() == "" && !byScoped.isClosed && !own.isClosed)
        try world.edit(account) { $0.signingKeys = [.plain(scoped.publicKey)] }
        #expect(byScoped.isClosed && !own.isClosed)
    }

    @Test func `bearers go when an account allows them no more`() throws {
        let account = try world.account("A")
        let (bearer, other) = (try world.client(of: account) { $0.limits.bearer = true }, try world.client(of: account))
        try world.edit(account) { $0.limits.disallowsBearer = true }
        #expect(bearer.isClosed && bearer.hear() == "-ERR 'Authorization Violation'\r\n" && !other.isClosed)
    }

    @Test func `limits that are lowered hold for who is connected`() throws {
        let account = try world.account("A")
        let clients = try (0..<4).map { _ in try world.client(of: account) }
        clients[0].say("SUB a 1\r\nSUB b 2\r\n")
        try world.edit(account) { $0.limits.connections = 2 }
        #expect(clients.map(\.isClosed) == [false, false, true, true])
        #expect(clients[3].hear() == "-ERR 'maximum account active connections exceeded'\r\n")
        try world.edit(account) { $0.limits.payload = 3 }
        #expect(!clients[1].isClosed && clients[1].hear() == "")
        clients[1].say("PUB a 3\r\nabc\r\nPUB a 4\r\n")
        #expect(clients[1].isClosed && clients[1].hear() == "-ERR 'Maximum Payload Violation'\r\n")
        try world.edit(account) { $0.limits.subscriptions = 1 }
        #expect(clients[0].isClosed && clients[0].hear().hasSuffix("-ERR 'maximum subscriptions exceeded'\r\n"))
    }

    @Test func `default permissions that change are judged anew for those who have no others`() throws {
        let account = try world.account("A")
        let (plain, own) = (
            try world.client(of: account),
            try world.client(of: account) { $0.permissions = try PermissionClaims(subscribe: [">"]) }
        )
        for client in [plain, own] { client.say("SUB a sid-1\r\nSUB b q 2\r\nSUB c.* 3\r\nPUB a 0\r\n\r\n") }
        _ = (plain.hear(), own.hear())
        try world.edit(account) {
            $0.defaultPermissions = try PermissionClaims(publish: ["c.>"], subscribe: ["c.>"], denySubscribe: ["c.no"])
        }
        #expect(
            plain.hear() == """
                -ERR 'Permissions Violation for Subscription to "a" (sid "sid-1")'\r\n\
                -ERR 'Permissions Violation for Subscription to "b" using queue "q" (sid "2")'\r\n
                """)
        #expect(own.hear() == "" && !plain.isClosed && plain.session.subscriptions.count == 1)
        plain.say("PUB a 0\r\n\r\n")
        #expect(plain.hear() == "-ERR 'Permissions Violation for Publish to \"a\"'\r\n")
        own.say("PUB c.no 0\r\n\r\nPUB c.yes 0\r\n\r\nPUB a 0\r\n\r\n")
        #expect(try plain.messages() == ["c.yes 3 "])
        #expect(try own.messages() == ["c.no 3 ", "c.yes 3 ", "a sid-1 "])
        try world.edit(account) { $0.defaultPermissions = PermissionClaims() }
        plain.say("SUB a 1\r\nPUB a 0\r\n\r\nPUB c.no 0\r\n\r\n")
        #expect(try plain.messages() == ["a 1 ", "c.no 3 "])
    }

    @Test func `imports and exports that come and go hold at once`() throws {
        let (exporter, importer) = (try world.account("E"), try world.account("I"))
        let (source, listener) = (try world.client(of: exporter), try world.client(of: importer))
        listener.say("SUB > 1\r\n")
        source.say("SUB svc 1\r\n")
        func exchange() throws -> (stream: [String], questions: Int) {
            source.say("PUB str.a 1\r\nx\r\n")
            listener.say("PUB svc 1\r\nq\r\n")
            return (try listener.messages().filter { $0 != "svc 1 q" }, try source.messages().count)
        }
        #expect(try exchange() == ([], 0))
        let (stream, service) = (try SubjectPattern("str.>"), try SubjectPattern("svc"))
        try world.edit(importer) {
            $0.imports = [
                Import(subject: stream, account: exporter.publicKey, kind: .stream),
                Import(subject: service, account: exporter.publicKey, kind: .service),
            ]
        }
        #expect(try exchange() == ([], 0))
        try world.edit(exporter) { $0.exports = [.stream(stream), .service(service)] }
        #expect(try exchange() == (["str.a 1 x"], 1))
        try world.edit(importer) { $0.imports[0].localSubject = "from.e.>" }
        #expect(try exchange() == (["from.e.a 1 x"], 1))
        try world.edit(exporter) { $0.exports = [.service(service)] }
        #expect(try exchange() == ([], 1))
        try world.edit(exporter) { $0.exports = [.stream(stream), .service(service)] }
        try world.edit(importer) { $0.imports = [$0.imports[0]] }
        #expect(try exchange() == (["from.e.a 1 x"], 0))
        world.delete(exporter)
        #expect(source.isClosed && !listener.isClosed)
        listener.say("PUB svc 0\r\n\r\n")
        #expect(try listener.messages() == ["svc 1 "])
    }

    @Test func `an import by a token ends with it, with its revocation, and with its signer`() throws {
        let signer = try KeyPair.generate(.account)
        var export = Export.stream(try SubjectPattern("str"))
        export.tokenRequired = true
        for way in ["expiry", "revocation", "signer"] {
            let exporter = try world.account("E") { [export] in
                $0.exports = [export]
                $0.signingKeys = [.plain(signer.publicKey)]
            }
            let importer = try KeyPair.generate(.account)
            var activation = ActivationClaims(importer: importer.publicKey, subject: export.subject, kind: .stream)
            activation.issuerAccount = exporter.publicKey
            activation.common.expires = way == "expiry" ? time(10) : nil
            let token = try TokenSigner(signer).sign(activation, at: world.host.now).text
            var claims = AccountClaims(subject: importer.publicKey, name: "I")
            claims.imports = [Import(subject: export.subject, account: exporter.publicKey, kind: .stream, token: token)]
            try world.set(claims)
            let (source, listener) = (try world.client(of: exporter), try world.client(of: importer))
            listener.say("SUB str 1\r\n")
            source.say("PUB str 0\r\n\r\n")
            #expect(try listener.messages() == ["str 1 "], "\(way)")
            switch way {
            case "expiry": world.host.advance(by: .seconds(10))
            case "revocation":
                let now = time(0)
                try world.edit(exporter) { $0.exports[0].revocations.revoke(importer.publicKey, at: now) }
            default: try world.edit(exporter) { $0.signingKeys = [] }
            }
            source.say("PUB str 0\r\n\r\n")
            #expect(try listener.messages() == [] && !listener.isClosed && !source.isClosed, "\(way)")
        }
    }

    @Test func `an update that does not hold ends the account, and one that holds brings it back`() throws {
        let account = try world.account("A")
        let client = try world.client(of: account)
        let stranger = try KeyPair.generate(.operator)
        let forged = try TokenSigner(stranger).sign(
            AccountClaims(subject: account.publicKey, name: "A"), at: world.host.now
        ).text
        world.give(forged, for: account.publicKey)
        #expect(client.isClosed)
        try world.edit(account) { $0.description = "again" }
        _ = try world.client(of: account)
    }
}

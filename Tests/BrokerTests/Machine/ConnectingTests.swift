import NKeys
import Subjects
import Testing
import Trust

@testable import Broker

/// Who is let in. Whatever rule stands against a client, it hears the same, and operators hear the rule.
@Suite struct ConnectingTests {
    private static let violation = "-ERR 'Authorization Violation'\r\n"

    /// A world, and a user who is to be turned away.
    struct Case: CustomTestStringConvertible, Sendable {
        let rule: Rule
        let what: String
        let make: @Sendable (MachineWorld) throws -> MachineWorld.User
        var options = ""
        var address = "127.0.0.1"
        var signature: String?
        var settings: @Sendable (inout BrokerSettings) -> Void = { _ in }
        var testDescription: String { "\(rule.rawValue): \(what)" }
    }

    private static func plain(_ world: MachineWorld) throws -> MachineWorld.User {
        try world.user(of: try world.account("A"))
    }

    private static func edited(
        _ edit: @escaping @Sendable (inout UserClaims) throws -> Void
    ) -> @Sendable (MachineWorld) throws -> MachineWorld.User {
        { try $0.user(of: try $0.account("A"), edit) }
    }

    private static func scoped(
        template: @escaping @Sendable (inout UserScope) -> Void = { _ in },
        edit: @escaping @Sendable (inout UserClaims) throws -> Void = { _ in }
    ) -> @Sendable (MachineWorld) throws -> MachineWorld.User {
        { world in
            let signer = try KeyPair.generate(.account)
            var scope = UserScope(key: signer.publicKey)
            template(&scope)
            let account = try world.account("A") { [scope] in $0.signingKeys = [.scoped(scope)] }
            return try world.user(of: account, signedBy: signer) {
                $0.limits = UserLimits()
                try edit(&$0)
            }
        }
    }

    private static func time(_ seconds: Int64) -> UnixTime { UnixTime(2_000_000_000 + seconds) ?? .zero }

    static let cases: [Case] = [
        Case(rule: .tokenSegments, what: "garbage") { MachineWorld.User(keys: try plain($0).keys, token: "x") },
        Case(rule: .tokenSignature, what: "a changed signature") { world in
            let user = try plain(world)
            var text = Array(user.token.utf8)
            text[text.count - 10] = text[text.count - 10] == 0x41 ? 0x42 : 0x41
            return MachineWorld.User(keys: user.keys, token: String(decoding: text, as: UTF8.self))
        },
        Case(rule: .tokenType, what: "an account's token") { world in
            let account = try world.account("A")
            return MachineWorld.User(keys: account, token: world.host.tokens[account.publicKey] ?? "")
        },
        Case(rule: .tokenExpired, what: "a user whose time is over") { world in
            let user = try world.user(of: try world.account("A")) { $0.common.expires = time(10) }
            world.host.advance(by: .seconds(10))
            return user
        },
        Case(
            rule: .tokenNotBefore, what: "a user whose time has not come",
            make: edited { $0.common.notBefore = time(9) }),
        Case(rule: .accountSigner, what: "an account of another operator") { world in
            let (account, stranger) = (try KeyPair.generate(.account), try KeyPair.generate(.operator))
            let claims = AccountClaims(subject: account.publicKey, name: "A")
            world.host.tokens[account.publicKey] = try TokenSigner(stranger).sign(claims, at: world.host.now).text
            return try world.user(of: account)
        },
        Case(rule: .accountUnknown, what: "an account that nobody knows") { world in
            try world.user(of: try KeyPair.generate(.account))
        },
        Case(rule: .accountMismatch, what: "another account's token in its place") { world in
            let (account, other) = (try KeyPair.generate(.account), try world.account("B"))
            world.host.tokens[account.publicKey] = world.host.tokens[other.publicKey]
            return try world.user(of: account)
        },
        Case(
            rule: .accountPinned, what: "an account that is not among the pinned", make: plain,
            settings: { $0.trust.pinnedAccounts = [] }),
        Case(rule: .tokenExpired, what: "an account whose time is over") { world in
            let account = try world.account("A") { $0.common.expires = time(5) }
            let user = try world.user(of: account)
            world.host.advance(by: .seconds(5))
            return user
        },
        Case(rule: .userSigner, what: "a key that is not the account's") { world in
            try world.user(of: try world.account("A"), signedBy: try KeyPair.generate(.account))
        },
        Case(rule: .accountMismatch, what: "a signing key that names no account") { world in
            let signer = try KeyPair.generate(.account)
            let account = try world.account("A") { $0.signingKeys = [.plain(signer.publicKey)] }
            // It is looked for under the signer's key.
            world.host.tokens[signer.publicKey] = world.host.tokens[account.publicKey]
            return try world.user(of: account, signedBy: signer) { $0.issuerAccount = nil }
        },
        Case(
            rule: .userScope, what: "permissions beside a role's",
            make: scoped(edit: { try $0.permissions = PermissionClaims(publish: ["a"]) })),
        Case(
            rule: .template, what: "a template that does not expand",
            make: scoped(template: { $0.permissions.publishDeny = ["a.{{tag(t)}}"] })),
        Case(
            rule: .templateValue, what: "a name that is a wildcard",
            make: scoped(template: { $0.permissions.subscribeAllow = ["u.{{name()}}"] }, edit: { $0.common.name = "*" })
        ),
        Case(rule: .userRevoked, what: "a revoked key") { world in
            let account = try world.account("A")
            let user = try world.user(of: account)
            try world.edit(account) { $0.revocations.revoke(user.keys.publicKey, at: world.host.now) }
            return user
        },
        Case(rule: .userRevoked, what: "everybody revoked") { world in
            let account = try world.account("A")
            try world.edit(account) { $0.revocations.revoke(nil, at: world.host.now) }
            return try world.user(of: account)
        },
        Case(rule: .userProof, what: "no signature", make: plain, signature: ""),
        Case(rule: .userProof, what: "a signature that is none", make: plain, signature: "AAAA"),
        Case(rule: .userProof, what: "a signature by another key") { world in
            MachineWorld.User(keys: try KeyPair.generate(.user), token: try plain(world).token)
        },
        Case(rule: .userBearer, what: "a bearer where none may be") { world in
            try world.user(of: try world.account("A") { $0.limits.disallowsBearer = true }) { $0.limits.bearer = true }
        },
        Case(
            rule: .userSource, what: "another network",
            make: edited { $0.limits.sources = [Network("10.0.0.0/8")].compactMap { $0 } }
        ),
        Case(
            rule: .userSource, what: "no address",
            make: edited { $0.limits.sources = [Network("10.0.0.0/8")].compactMap { $0 } },
            address: "client.example"),
        Case(
            rule: .userHours, what: "another hour",
            // 2033-05-18 03:33:20 UTC.
            make: edited { $0.limits.times = [TimeWindow(start: "04:00:00", end: "05:00:00")].compactMap { $0 } }),
        Case(
            rule: .userConnection, what: "another kind of connection",
            make: edited { $0.limits.connectionTypes = ["WEBSOCKET"] }),
        Case(rule: .userProxy, what: "no proxy", make: edited { $0.limits.proxyRequired = true }),
        Case(rule: .userAudience, what: "another audience", make: edited { $0.common.audience = "elsewhere" }),
        Case(rule: .userScope, what: "an account asked for", make: plain, options: #""account":"A","#),
        Case(rule: .userScope, what: "a new account asked for", make: plain, options: #""new_account":true,"#),
    ]

    @Test(arguments: cases) func `a client is turned away without a word of why, and operators hear the rule`(
        _ item: Case
    ) throws {
        let world = try MachineWorld(item.settings)
        let user = try item.make(world)
        let client = world.open(from: item.address)
        _ = (client.hear(), world.host.takeRefusals())
        client.say(try client.connectText(as: user, options: item.options, signature: item.signature) + "PING\r\n")
        #expect(client.hear() == Self.violation && client.isClosed)
        let refusals = world.host.takeRefusals()
        #expect(refusals.count == 1 && refusals.first?.contains(item.rule) == true, "\(refusals)")
        #expect(world.core.sessions.isEmpty && world.core.waiting.isEmpty)
        #expect(world.core.spaces.values.allSatisfy { $0.sessions.isEmpty })
    }

    @Test func `a client without a token is turned away by the proof that it does not bring`() throws {
        let world = try MachineWorld()
        let client = world.open()
        _ = client.hear()
        client.say("CONNECT {}\r\n")
        #expect(client.hear() == Self.violation && client.isClosed)
        #expect(world.host.takeRefusals() == [[.userProof]])
    }

    @Test(arguments: [
        "PING\r\n", "PONG\r\n", "SUB > 1\r\n", "UNSUB 1\r\n", "PUB a 0\r\n\r\n", "HPUB a 0 0\r\n\r\n", "+OK\r\n",
        "INFO {}\r\n", "-ERR 'x'\r\n",
    ])
    func `any other verb before CONNECT goes the same way`(_ text: String) throws {
        let world = try MachineWorld()
        let client = world.open()
        _ = client.hear()
        client.say(text)
        #expect(client.hear() == Self.violation && client.isClosed)
        #expect(world.host.takeRefusals() == [[.userProof]])
    }

    @Test(arguments: [
        "CONNECT\r\n", "CONNECT x\r\n", "CONNECT {\"jwt\":1}\r\n", "CONNECT {\"jwt\":\"a\",\"jwt\":\"b\"}\r\n",
    ])
    func `a CONNECT that cannot be read ends the connection without a word`(_ text: String) throws {
        let world = try MachineWorld()
        let client = world.open()
        _ = client.hear()
        client.say(text)
        #expect(client.hear() == "" && client.isClosed)
    }

    @Test func `a client is told where it is, once, after its first PING`() throws {
        let world = try MachineWorld()
        let account = try world.account("A") { $0.limits.payload = 77 }
        let client = world.open()
        let info = client.hear()
        #expect(info.hasPrefix("INFO {") && info.hasSuffix("} \r\n") && info.contains("\"nonce\":"))
        client.say(try client.connectText(as: try world.user(of: account)))
        #expect(client.hear() == "")
        client.say("PING\r\nPING\r\n")
        let answer = client.hear()
        #expect(answer.hasPrefix("PONG\r\nINFO {") && answer.hasSuffix("} \r\nPONG\r\n"))
        #expect(answer.contains("\"connect_info\":true") && answer.contains("\"max_payload\":77"))
        #expect(answer.contains(account.publicKey.text) && !answer.contains("nonce"))
    }

    @Test func `options that do not go together end the connection with their words`() throws {
        for (options, text) in [
            (#""protocol":2,"#, "invalid client protocol"), (#""protocol":-1,"#, "invalid client protocol"),
            (#""headers":false,"no_responders":true,"#, "no responders requires headers support"),
        ] {
            let world = try MachineWorld()
            let user = try world.user(of: try world.account("A"))
            let client = world.open()
            _ = client.hear()
            let sent = try client.connectText(as: user, options: options)
                .replacing("\"protocol\":1,\"headers\":true,\"no_responders\":true,", with: options).replacing(
                    options + options, with: options)
            client.say(sent)
            #expect(client.hear() == "-ERR '\(text)'\r\n" && client.isClosed)
        }
    }

    @Test func `a client that does not say who it is has its time`() throws {
        let world = try MachineWorld()
        let client = world.open()
        _ = client.hear()
        world.host.advance(by: .milliseconds(1999))
        #expect(!client.isClosed && client.hear() == "")
        client.say("CON")
        world.host.advance(by: .milliseconds(1))
        #expect(client.isClosed && client.hear() == "-ERR 'Authentication Timeout'\r\n")
    }

    @Test func `a client whose account is not told of in time is turned away, and nothing of it is kept`() throws {
        let world = try MachineWorld()
        world.host.answersLoads = false
        let keys = try KeyPair.generate(.account)
        let client = world.open()
        _ = (client.hear(), world.host.takeRefusals())
        client.say(try client.connectText(as: try world.user(of: keys)))
        #expect(client.hear() == "" && !client.isClosed)
        world.host.advance(by: .seconds(2))
        #expect(client.hear() == Self.violation && client.isClosed)
        #expect(world.host.takeRefusals() == [[.accountUnknown]])
        #expect(world.core.waiting.isEmpty && world.core.needs[keys.publicKey] == nil)
        world.core.loaded(keys.publicKey, nil)
        #expect(world.core.needs[keys.publicKey] == nil && world.core.sessions.isEmpty)
    }

    @Test func `an account is asked for once, however many wait for it`() throws {
        let world = try MachineWorld()
        let account = try KeyPair.generate(.account)
        let claims = AccountClaims(subject: account.publicKey, name: "A")
        world.host.tokens[account.publicKey] = try TokenSigner(world.operatorKeys).sign(claims, at: world.host.now).text
        world.host.answersLoads = false
        let clients = (0..<20).map { _ in world.open() }
        for client in clients {
            client.say(try client.connectText(as: try world.user(of: account)) + "PING\r\n")
            _ = client.hear()
        }
        #expect(world.host.loads.filter { $0 == account.publicKey }.count == 1)
        clients[0].leave()
        world.core.loaded(account.publicKey, world.host.tokens[account.publicKey])
        world.host.run()
        for client in clients.dropFirst() { #expect(client.hear().hasPrefix("PONG\r\nINFO")) }
        #expect(world.core.needs[account.publicKey] == 19)
        for client in clients { client.leave() }
        #expect(world.core.needs[account.publicKey] == nil && world.core.waiting.isEmpty)
    }

    @Test func `connections are counted for the account and for the broker`() throws {
        let world = try MachineWorld { $0.limits.connections = 3 }
        let account = try world.account("A") { $0.limits.connections = 1 }
        let first = try world.client(of: account)
        let second = world.open()
        _ = second.hear()
        second.say(try second.connectText(as: try world.user(of: account)))
        #expect(second.hear() == "-ERR 'maximum account active connections exceeded'\r\n" && second.isClosed)
        let others = (0..<2).map { _ in world.open() }
        let last = world.open()
        #expect(last.hear().hasSuffix(" \r\n-ERR 'maximum connections exceeded'\r\n") && last.isClosed)
        #expect(!first.isClosed && !others[0].isClosed)
        first.leave()
        let again = world.open()
        try again.connect(as: try world.user(of: account))
    }

    @Test func `a second CONNECT begins anew in another account, and leaves nothing behind`() throws {
        let world = try MachineWorld()
        let (one, other) = (try world.account("A"), try world.account("B"))
        let client = try world.client(of: one)
        client.say("SUB > 1\r\n")
        client.say(try client.connectText(as: try world.user(of: other)) + "PING\r\n")
        #expect(client.hear().hasPrefix("PONG\r\n"))
        #expect(world.core.spaces[one.publicKey]?.subscriptionCount == 0)
        #expect(world.core.spaces[one.publicKey]?.sessions.isEmpty == true && world.core.needs[one.publicKey] == nil)
        #expect(client.session.subscriptions.isEmpty)
        let publisher = try world.client(of: one)
        publisher.say("PUB a 0\r\n\r\n")
        #expect(client.hear() == "")
        client.say(try client.connectText(as: try world.user(of: other), signature: "AAAA"))
        #expect(client.hear() == Self.violation && client.isClosed)
    }

    @Test func `however often a client says who it is, it has one alarm`() throws {
        let world = try MachineWorld { $0.times.pingInterval = .seconds(10) }
        let account = try world.account("A")
        let user = try world.user(of: account)
        let client = try world.client(of: account)
        for _ in 0..<100 { client.say(try client.connectText(as: user)) }
        client.say("PING\r\n")
        _ = client.hear()
        // The first PING comes about two seconds after CONNECT, the next ten seconds later.
        world.host.advance(by: .seconds(3))
        #expect(client.hear() == "PING\r\n")
        client.say("PONG\r\n")
        world.host.advance(by: .seconds(10))
        #expect(client.hear() == "PING\r\n" && !client.isClosed)
        #expect(world.core.alarms.count < 10)
    }

    @Test func `connections that come and go leave no alarm behind`() throws {
        let world = try MachineWorld()
        let account = try world.account("A") { $0.common.expires = Self.time(1_000_000) }
        let user = try world.user(of: account)
        func round() throws {
            for _ in 0..<50 {
                let client = world.open()
                try client.connect(as: user)
                client.leave()
            }
            world.host.advance(by: .seconds(240))
        }
        try round()
        let (alarms, spaces) = (world.core.alarms.count, world.core.spaces.count)
        for _ in 0..<5 { try round() }
        #expect(world.core.alarms.count <= alarms && world.core.spaces.count == spaces)
        #expect(alarms < 10)
    }
}

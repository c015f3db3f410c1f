import NATSWire
import NKeys
import Subjects
import Testing
import Trust

@testable import Broker

/// Authorization services: every way in which one may answer, and that nothing which holds for other users does not
/// hold for those whom it returns.
@Suite struct CalloutTests {
    private static let violation = "-ERR 'Authorization Violation'\r\n"

    @Test(arguments: [CalloutWorld.Sealing.inTheClear, .sealed])
    func `a service puts a client into an account`(_ sealing: CalloutWorld.Sealing) throws {
        let callout = try CalloutWorld(sealing)
        let (client, asked) = try callout.ask(options: #""user":"me","pass":"secret","name":"n","#)
        let question = try #require(asked)
        let claims = question.claims
        #expect(claims.common.issuer == callout.world.core.identity.key.publicKey)
        #expect(claims.common.audience == "nats-authorization-request" && claims.common.expires != nil)
        #expect(claims.connectOptions.user == "me" && claims.connectOptions.password == "secret")
        #expect(claims.clientDetails.host == "127.0.0.1" && claims.clientDetails.user == "me")
        #expect(question.headers.isEmpty == (sealing == .inTheClear))
        #expect(client.hear() == "")
        let response = try callout.response(to: question, try callout.user(for: question))
        callout.answer(question, sealing == .sealed ? try callout.seal(response) : response)
        #expect(client.hear().hasPrefix("PONG\r\nINFO"))
        #expect(client.session.space?.key == callout.target.publicKey && client.session.assignedName == "derived")
        #expect(callout.world.core.spaces[callout.account.publicKey]?.awaited.isEmpty == true)
    }

    /// A response that is to be refused, and by what.
    struct Bad: CustomTestStringConvertible, Sendable {
        let what: String
        let rule: Rule
        var sealing = CalloutWorld.Sealing.inTheClear
        let make: @Sendable (CalloutWorld, CalloutWorld.Question) throws -> [UInt8]
        var testDescription: String { what }
    }

    private static func response(
        _ edit: @escaping @Sendable (inout AuthorizationResponseClaims, CalloutWorld) throws -> Void = { _, _ in },
        signedBy signer: @escaping @Sendable (CalloutWorld) throws -> KeyPair? = { _ in nil }
    ) -> @Sendable (CalloutWorld, CalloutWorld.Question) throws -> [UInt8] {
        { callout, question in
            var fault: (any Error)?
            let response = try callout.response(
                to: question, try callout.user(for: question), signedBy: try signer(callout)
            ) {
                do { try edit(&$0, callout) } catch { fault = error }
            }
            if let fault { throw fault }
            return response
        }
    }

    private static func returned(
        _ edit: @escaping @Sendable (inout UserClaims) throws -> Void = { _ in },
        of account: @escaping @Sendable (CalloutWorld) throws -> KeyPair? = { _ in nil },
        signedBy signer: @escaping @Sendable (CalloutWorld) throws -> KeyPair? = { _ in nil }
    ) -> @Sendable (CalloutWorld, CalloutWorld.Question) throws -> [UInt8] {
        { callout, question in
            let user = try callout.user(
                for: question, of: try account(callout), signedBy: try signer(callout), edit)
            return try callout.response(to: question, user)
        }
    }

    private static func sealed(
        _ make: @escaping @Sendable (CalloutWorld, CalloutWorld.Question) throws -> [UInt8]
    ) -> @Sendable (CalloutWorld, CalloutWorld.Question) throws -> [UInt8] {
        { try $0.seal(try make($0, $1)) }
    }

    static let bad: [Bad] = [
        Bad(what: "a stranger signs", rule: .userSigner, make: response(signedBy: { _ in try .generate(.account) })),
        Bad(what: "the target signs", rule: .userSigner, make: response(signedBy: { $0.target })),
        Bad(
            what: "a stranger signs for the account", rule: .userSigner,
            make: response({ $0.issuerAccount = $1.account.publicKey }, signedBy: { _ in try .generate(.account) })),
        Bad(
            what: "a stranger signs, sealed", rule: .userSigner, sealing: .sealed,
            make: sealed(response(signedBy: { _ in try .generate(.account) }))),
        Bad(
            what: "the target signs for the account, sealed", rule: .userSigner, sealing: .sealed,
            make: sealed(response({ $0.issuerAccount = $1.account.publicKey }, signedBy: { $0.target }))),
        Bad(
            what: "another account is named", rule: .userSigner,
            make: response { $0.issuerAccount = $1.target.publicKey }),
        Bad(
            what: "another account is named, sealed", rule: .userSigner, sealing: .sealed,
            make: sealed(response { $0.issuerAccount = $1.target.publicKey })),
        Bad(what: "in the clear where it was asked sealed", rule: .userProof, sealing: .sealed, make: response()),
        Bad(what: "sealed by another key", rule: .userProof, sealing: .sealed) { callout, question in
            let response = try callout.response(to: question, try callout.user(for: question))
            return try KeyPair.generate(.curve).seal(response, to: callout.world.core.identity.sealing.publicKey)
        },
        Bad(
            what: "for another server", rule: .userAudience,
            make: response { claims, _ in claims.common.audience = try KeyPair.generate(.server).publicKey.text }),
        Bad(
            what: "for another client", rule: .userProof,
            make: response { claims, _ in claims.common.subject = try KeyPair.generate(.user).publicKey }),
        Bad(what: "nothing", rule: .tokenSegments) { _, _ in [] },
        Bad(what: "garbage", rule: .tokenSegments) { _, _ in Array("hello".utf8) },
        Bad(what: "a user alone", rule: .tokenType) { Array(try $0.user(for: $1).utf8) },
        Bad(what: "an error", rule: .userProof) { callout, question in
            try callout.response(to: question, "") { $0.error = "no\r\n-ERR 'x'" }
        },
        Bad(
            what: "a user for another key", rule: .userProof,
            make: returned { $0.common.subject = try KeyPair.generate(.user).publicKey }),
        Bad(
            what: "an account that the service may not use", rule: .userScope,
            make: returned(of: { try $0.world.account("X") })),
        Bad(
            what: "an account that nobody knows", rule: .accountUnknown,
            make: returned(of: { _ in try .generate(.account) })),
        Bad(
            what: "a user whom a stranger signs", rule: .userSigner,
            make: returned(signedBy: { _ in try .generate(.account) })),
        Bad(
            what: "a source that it does not come from", rule: .userSource,
            make: returned { $0.limits.sources = [Network("10.0.0.0/8")].compactMap { $0 } }),
        Bad(
            what: "another kind of connection", rule: .userConnection,
            make: returned { $0.limits.connectionTypes = ["WEBSOCKET"] }),
        Bad(
            what: "other hours", rule: .userHours,
            make: returned { $0.limits.times = [TimeWindow(start: "04:00:00", end: "05:00:00")].compactMap { $0 } }),
        Bad(
            what: "a proxy that it did not come through", rule: .userProxy,
            make: returned { $0.limits.proxyRequired = true }),
        Bad(
            what: "a time that has not come", rule: .tokenNotBefore,
            make: returned { $0.common.notBefore = UnixTime(2_000_000_100) }),
        Bad(what: "an account that has revoked everybody", rule: .userRevoked) { callout, question in
            let now = callout.world.host.now
            try callout.world.edit(callout.target) { $0.revocations.revoke(nil, at: now) }
            return try callout.response(to: question, try callout.user(for: question))
        },
        Bad(what: "a bearer where none may be", rule: .userBearer) { callout, question in
            try callout.world.edit(callout.target) { $0.limits.disallowsBearer = true }
            return try callout.response(to: question, try callout.user(for: question) { $0.limits.bearer = true })
        },
    ]

    @Test(arguments: bad) func `an answer that does not hold turns the client away`(_ item: Bad) throws {
        let callout = try CalloutWorld(item.sealing)
        let (client, asked) = try callout.ask()
        let question = try #require(asked)
        let answer = try item.make(callout, question)
        _ = callout.world.host.takeRefusals()
        callout.answer(question, answer)
        #expect(client.hear() == Self.violation && client.isClosed)
        let refusals = callout.world.host.takeRefusals()
        #expect(refusals.count == 1 && refusals.first?.contains(item.rule) == true, "\(refusals)")
        #expect(callout.world.core.waiting.isEmpty && !callout.service.isClosed)
    }

    @Test func `signing keys of the account answer for it, scoped ones do not`() throws {
        let scoped = try KeyPair.generate(.account)
        let callout = try CalloutWorld { $0.signingKeys.append(.scoped(UserScope(key: scoped.publicKey))) }
        for (signer, named, isGood) in [
            (callout.signer, true, true), (callout.signer, false, true), (scoped, true, false),
        ] {
            let (client, asked) = try callout.ask()
            let question = try #require(asked)
            let response = try callout.response(to: question, try callout.user(for: question), signedBy: signer) {
                $0.issuerAccount = named ? callout.account.publicKey : nil
            }
            callout.answer(question, response)
            #expect(client.hear().hasPrefix(isGood ? "PONG" : Self.violation))
        }
    }

    @Test func `the limits of the returned user hold, and the account's connections are counted`() throws {
        let callout = try CalloutWorld()
        try callout.world.edit(callout.target) { $0.limits.connections = 1 }
        for turn in 0..<2 {
            let (client, asked) = try callout.ask()
            let question = try #require(asked)
            let end = callout.world.host.now.advanced(by: 30)
            let user = try callout.user(for: question) {
                ($0.limits.subscriptions, $0.limits.payload, $0.common.expires) = (1, 3, end)
                $0.permissions = try PermissionClaims(publish: ["a"], subscribe: ["a", "b"])
            }
            callout.answer(question, try callout.response(to: question, user))
            if turn == 1 {
                #expect(client.hear() == "-ERR 'maximum account active connections exceeded'\r\n" && client.isClosed)
                continue
            }
            #expect(client.hear().contains("\"max_payload\":3"))
            client.say("SUB a 1\r\nSUB b 2\r\nPUB c 0\r\n\r\nPUB a 3\r\nabc\r\n")
            #expect(
                client.hear() == """
                    -ERR 'maximum subscriptions exceeded'\r\n-ERR 'Permissions Violation for Publish to "c"'\r\n\
                    MSG a 1 3\r\nabc\r\n
                    """)
            callout.world.host.advance(by: .seconds(30))
            #expect(client.isClosed && client.hear().hasSuffix("-ERR 'User Authentication Expired'\r\n"))
            let other = callout.world.open()
            try other.connect(as: try callout.world.user(of: callout.target))
        }
    }

    @Test func `without an answer a client is turned away in time, and a late answer says nothing`() throws {
        let callout = try CalloutWorld()
        let (client, asked) = try callout.ask()
        let question = try #require(asked)
        callout.world.host.advance(by: .milliseconds(1_999))
        #expect(client.hear() == "" && !client.isClosed)
        let response = try callout.response(to: question, try callout.user(for: question))
        callout.world.host.advance(by: .milliseconds(1))
        #expect(client.hear() == Self.violation && client.isClosed)
        callout.answer(question, response)
        #expect(client.hear() == "" && callout.world.core.sessions.count == 1)
        callout.world.host.advance(by: .seconds(5))
        #expect(callout.world.core.spaces[callout.account.publicKey]?.awaited.isEmpty == true)
    }

    @Test func `where no service listens a client is turned away`() throws {
        let callout = try CalloutWorld()
        callout.service.say("UNSUB 1\r\n")
        let (client, question) = try callout.ask()
        callout.world.host.advance(by: .seconds(2))
        #expect(question == nil && client.hear() == Self.violation && client.isClosed)
    }

    @Test func `only the key in a token that was judged is exempt, whatever else a client says`() throws {
        let callout = try CalloutWorld()
        let key = callout.serviceUser.keys.publicKey.text
        for options in ["\"nkey\":\"\(key)\",", "\"user\":\"\(key)\",", "\"name\":\"\(key)\","] {
            let (client, question) = try callout.ask(options: options)
            #expect(question != nil && client.hear() == "" && client.session.phase == .judging)
        }
        // Its own users are asked about too, unless they are of the service; the service is not, whatever it says.
        let (client, question) = try callout.ask { _ in }
        #expect(question != nil && client.session.phase == .judging)
        let again = callout.world.open()
        try again.connect(as: callout.serviceUser, options: #""user":"somebody","nkey":"x","#)
    }

    @Test func `a user of the service that does not prove its key is turned away`() throws {
        let callout = try CalloutWorld()
        let client = callout.world.open()
        _ = client.hear()
        client.say(try client.connectText(as: callout.serviceUser, signature: "AAAA"))
        #expect(client.hear() == Self.violation)
        #expect(try callout.question()?.reply == nil)
    }

    @Test func `nobody but the broker asks the service, also after the broker has asked`() throws {
        let callout = try CalloutWorld()
        let (client, asked) = try callout.ask()
        let question = try #require(asked)
        let user = try callout.user(for: question, of: callout.account)
        callout.answer(question, try callout.response(to: question, user))
        #expect(client.hear().hasPrefix("PONG") && client.session.space?.key == callout.account.publicKey)
        for forger in [client, callout.service] {
            forger.say("PUB $SYS.REQ.USER.AUTH 3\r\nhi!\r\n")
            #expect(forger.hear() == "-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'\r\n")
        }
        #expect(try callout.service.messages() == [])
    }

    @Test func `an account without a service any more does not ask`() throws {
        let callout = try CalloutWorld()
        try callout.world.edit(callout.account) { $0.authorization = nil }
        let (client, question) = try callout.ask()
        #expect(question == nil && client.hear().hasPrefix("PONG"))
    }
}

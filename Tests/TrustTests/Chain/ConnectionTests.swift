import NKeys
import Testing

@testable import Trust

/// What is asked of a connection.
@Suite struct ConnectionTests {
    let world = ChainWorld()

    @Test func `the signature of the nonce has two spellings, each with one form`() throws {
        let signature = try world.user.sign(world.nonce)
        let raw = String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self)
        let standard = raw.map { $0 == "-" ? "+" : $0 == "_" ? "/" : String($0) }.joined() + "=="
        func fault(_ text: String?) -> Detail? {
            NonceSignature.fault(in: text, by: world.user.publicKey, over: world.nonce)
        }
        #expect(fault(raw) == nil)
        #expect(fault(standard) == nil)
        #expect(fault(nil) == .proofMissing)
        #expect(fault("") == .proofMissing)
        for text in [
            raw + "\n", " " + raw, raw + "=", standard + "\n", "\(raw)====", String(repeating: "A", count: 9000),
        ] {
            #expect(fault(text) == .proofEncoding, "\(text.count) characters")
        }
        if raw.contains(where: { "-_".contains($0) }) {
            #expect(fault(raw + "==") == .proofEncoding)
            #expect(fault(String(standard.dropLast(2))) == .proofEncoding)
        }
        #expect(fault("AAAA") == .signatureLength(bytes: 3))
        #expect(NonceSignature.fault(in: raw, by: world.user.publicKey, over: world.nonce + [0]) == .proofInvalid)
        #expect(NonceSignature.fault(in: raw, by: world.account.publicKey, over: world.nonce) == .proofInvalid)
    }

    @Test func `no character of the signature may be another`() throws {
        let raw = Base64URL.encode(try world.user.sign(world.nonce).rawBytes)
        for index in raw.indices {
            for character in Array("Aa0-_+/=. \n".utf8) where character != raw[index] {
                var changed = raw
                changed[index] = character
                let text = String(decoding: changed, as: UTF8.self)
                #expect(NonceSignature.fault(in: text, by: world.user.publicKey, over: world.nonce) != nil)
            }
        }
    }

    @Test func `a connection's kind is one of those named, whatever the case of the letters`() throws {
        for allowed in ConnectionContext.Kind.allCases {
            for kind in ConnectionContext.Kind.allCases {
                for name in [allowed.rawValue, allowed.rawValue.lowercased()] {
                    let user = try world.userToken(#""allowed_connection_types":["\#(name)","PIGEON"]"#)
                    let verdict = try world.login(user, connection: world.connection(kind))
                    #expect(verdict.isAccepted == (kind == allowed), "\(kind) where \(name) is allowed")
                }
            }
        }
        let unknown = try world.login(world.userToken(#""allowed_connection_types":["PIGEON"]"#))
        #expect(unknown.failures.map(\.rule).contains(.userConnection))
        #expect(try world.login(world.userToken(#""allowed_connection_types":[]"#)).isAccepted)
    }

    @Test func `an address that is not known is in no network`() throws {
        let user = try world.userToken(#""src":["192.0.2.0/24","2001:db8::/32"]"#)
        let hosts = [
            ("192.0.2.255", true), ("192.0.3.0", false), ("::ffff:192.0.2.1", true), ("2001:db8::1", true),
            ("2001:db9::1", false), ("", false), ("localhost", false), ("192.0.2.1 ", false), ("192.0.2.01", false),
            ("fe80::1%eth0", false),
        ]
        for (host, isInside) in hosts {
            let verdict = try world.login(user, connection: world.connection(host: host))
            #expect(verdict.codes == (isInside ? [] : ["C-user-source at src"]), "\(host)")
            #expect(try world.login(connection: world.connection(host: host)).isAccepted, "\(host) without networks")
        }
    }

    @Test func `a proxy is required where the user or its role says so`() throws {
        let user = try world.userToken(#""proxy_required":true"#)
        #expect(try world.login(user).codes == ["C-user-proxy at proxy_required"])
        #expect(try world.login(user, connection: world.connection(proxy: .trusted)).isAccepted)
        let role = try world.accountToken(template: #""proxy_required":true"#)
        #expect(
            try world.login(world.scopedUserToken(), account: role).codes
                == ["C-user-proxy at signing_keys[1].template.proxy_required"])
    }

    @Test func `an account admits connections below its limit, leaf nodes by a limit of their own`() throws {
        let account = try world.accountToken(limits: #""conn":2,"leaf":1"#)
        func codes(_ kind: ConnectionContext.Kind, _ connections: Int, _ leafs: Int) throws -> [String] {
            let usage = ConnectionContext.Usage(connections: connections, leafConnections: leafs)
            return try world.login(account: account, connection: world.connection(kind, usage: usage)).codes
        }
        #expect(try codes(.standard, 1, 9) == [])
        #expect(try codes(.mqtt, 2, 0) == ["C-account-limit at account.limits.conn"])
        #expect(try codes(.leafNode, 9, 0) == [])
        #expect(try codes(.leafNodeOverWebSocket, 0, 1) == ["C-account-limit at account.limits.leaf"])
        let none = try world.accountToken(limits: "")
        #expect(try world.login(account: none).codes == ["C-account-limit at account.limits.conn"])
        #expect(try world.login(account: none, connection: world.connection(usage: nil)).isAccepted)
    }

    @Test func `the limits are the smaller of the user's and the account's, and a role's absent ones are none`() throws
    {
        let account = try world.accountToken(limits: #""conn":-1,"subs":5,"payload":-1,"data":-1"#)
        let own = try #require(
            try world.login(world.userToken(limits: #""subs":7,"payload":100"#), account: account).proof)
        #expect(own.limits.subscriptions == 5)
        #expect(own.limits.payload == 100)
        #expect(own.limits.data == 0)
        #expect(own.limits.admitsSubscription(holding: 4) && !own.limits.admitsSubscription(holding: 5))
        #expect(own.limits.admitsPayload(bytes: 100) && !own.limits.admitsPayload(bytes: 101))
        let role = try #require(try world.login(world.scopedUserToken(), account: account).proof)
        #expect(role.limits.subscriptions == 5)
        #expect(role.limits.payload == nil)
        #expect(role.limits.admitsPayload(bytes: .max))
    }

    @Test func `a user is connected until its token expires or its window ends, whichever is first`() throws {
        // 1_800_000_000 is 08:00:00 in UTC.
        let window = #""times":[{"start":"07:00:00","end":"08:30:00"},{"start":"06:00:00","end":"08:20:00"}]"#
        #expect(try world.login(world.userToken(window)).proof?.expires == ChainWorld.moment(1_800_001_800))
        let expiring = try world.userToken(claims: ["exp": "1800000060"], window)
        #expect(try world.login(expiring).proof?.expires == ChainWorld.moment(1_800_000_060))
        #expect(try world.login().proof?.expires == nil)
    }
}

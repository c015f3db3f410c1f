import Foundation
import NKeys
import RealServers
import Testing

/// `credence callout` in operator mode, in front of the real server and of our broker.
@Suite(.serialized, .onOwnThread) struct CalloutTests {
    private static let violation = "-ERR 'Authorization Violation'"

    @Test(arguments: [false, true], [CalloutWorld.Sealing.sealed, .unsealed])
    func `a client with a token comes to its role's account, with its permissions and no others`(
        onBroker: Bool, sealing: CalloutWorld.Sealing
    ) throws {
        let world = try CalloutWorld(sealing, onBroker: onBroker)
        let service = try CalloutProcess(world.configure())
        let member = try world.login(world.teamToken())
        #expect(member.answer == "PONG", "\(service.log.text)")
        let identity = try member.identity()
        #expect(identity["account"] as? String == world.app.publicKey.text)
        if !onBroker { #expect(identity["user"] as? String == "alice") }
        #expect(try member.mayPublish("team.blue.x"))
        #expect(try !member.mayPublish("team.red.x"))
        #expect(try !member.mayPublish("orders.new"))
        #expect(try member.maySubscribe("team.blue.>"))
        #expect(try !member.maySubscribe("team.>"))
        // As a password too, and by another algorithm of the issuer's.
        let reader = try world.login(world.teamToken(["groups": ["others", "readers"]], by: "RS256"), as: "pass")
        #expect(reader.answer == "PONG", "\(service.log.text)")
        #expect(try reader.maySubscribe("orders.>"))
        #expect(try !reader.maySubscribe(">"))
        #expect(try !reader.mayPublish("orders.new"))
        #expect(service.says("role=reader"))
        #expect(service.says("account=\(world.app.publicKey)", times: 2))
    }

    @Test func `the client of the field comes in with its token`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure())
        let outcomes = try RealClient.log(
            in: [
                .init(creds: world.folder.path("sentinel.creds"), subject: "team.blue.x", token: world.teamToken()),
                .init(creds: world.folder.path("sentinel.creds"), subject: "team.blue.x", token: "no token"),
                .init(creds: world.folder.path("sentinel.creds"), subject: "team.blue.x"),
                .init(creds: world.folder.path("glass.creds"), subject: "glass.x"),
            ], to: world.server.url)
        #expect(outcomes.map(\.connected) == [true, false, false, true], "\(outcomes) \(service.log.text)")
        #expect(outcomes.map(\.received) == ["a message", nil, nil, "a message"])
        #expect(outcomes[1].error?.contains("Authorization Violation") == true)
    }

    @Test func `who is refused hears nothing but that, and the service's log says why`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure())
        let now = Int(Date().timeIntervalSince1970)
        let good = try world.teamToken()
        // The last character but one: the last one has bits that say nothing.
        let place = good.index(good.endIndex, offsetBy: -8)
        let tampered = good.replacingCharacters(in: place...place, with: good[place] == "A" ? "B" : "A")
        let cases: [(String?, String)] = [
            (try world.teamToken(["exp": now - 100, "iat": now - 200]), "F-expired"),
            (try world.teamToken(["iat": now - 7200]), "F-age"),
            (try world.teamToken(["nbf": now + 1000]), "F-not-before"),
            (try world.teamToken(["aud": "another"]), "F-audience"),
            (try world.teamToken(["iss": "https://evil.example.com"]), "F-issuer"),
            (tampered, "F-signature"),
            (try world.provider.mint(claims: ["groups": ["teams"], "team": "blue"], header: ["typ": "JWT"]), "F-type"),
            (try world.teamToken(["groups": ["nobody"]]), "X-role"),
            (try world.teamToken(["team": NSNull()]), "X-role"),
            (try world.teamToken(["team": "*"]), "C-template-value"),
            (try world.teamToken(["team": "blue.>"]), "C-template-value"),
            ("not a token", "F-form"), (nil, "Q-credential"),
        ]
        for (index, (token, code)) in cases.enumerated() {
            let client = try world.login(token)
            #expect(client.answer == Self.violation, "\(code)")
            let said = service.log.wait { text -> String? in
                let lines = text.split(separator: "\n").filter { $0.contains(": refused") }
                return lines.count > index ? String(lines[index]) : nil
            }
            #expect(said?.contains(code) == true, "\(code): \(said ?? "nothing")")
            if let token { #expect(!service.log.text.contains(token.suffix(20))) }
        }
        // The server was told that, and no more.
        #expect(soon { world.server.log.contains("not authorised") })
        #expect(!world.server.log.contains("F-expired") && !world.server.log.contains("X-role"))
    }

    @Test func `the server is told why where that is switched on`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure(callout: ["reasons": "told"]), ["--log-format", "json"])
        #expect(try world.login(world.teamToken(["aud": "another"])).answer == Self.violation)
        #expect(service.says("\"rules\":\"F-audience\""))
        #expect(soon { world.server.log.contains("F-audience") })
    }

    @Test(arguments: [false, true])
    func `while an issuer is down or slow its clients are refused in time, and who breaks the glass comes in`(
        onBroker: Bool
    ) throws {
        let world = try CalloutWorld(onBroker: onBroker)
        let token = try world.teamToken()
        try world.provider.behave("jwks", "silent")
        let service = try CalloutProcess(world.configure(issuer: ["refetch_interval": 1], callout: ["time_limit": 300]))
        #expect(try world.login(token).answer == Self.violation)
        #expect(service.says("rules=Q-time"), "\(service.log.text)")
        #expect(try world.breakGlass().isIn)
        world.provider.stop()
        #expect(try world.login(token).answer == Self.violation)
        #expect(try world.breakGlass().isIn)
        #expect(service.says(": refused", times: 2))
        // It was the service that refused, and not the server that gave up.
        #expect(!world.server.log.contains("Authentication Timeout"))
    }

    @Test func `keys that an issuer rolls over are taken without a restart`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure(issuer: ["refetch_interval": 1]))
        let old = try world.teamToken()
        #expect(try world.login(old).isIn, "\(service.log.text)")
        try world.provider.rotate(keepingOld: true)
        // A fetch a second is allowed, and whoever asks in between is refused. The limit is a guard against hanging.
        let limit = Date() + 120
        var isIn = false
        while !isIn, Date() < limit { isIn = try world.login(world.teamToken()).isIn }
        #expect(isIn, "\(service.log.text)")
        #expect(try world.login(old).isIn)
    }

    @Test func `a token that is meant for one use is taken once`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure(issuer: ["use": "once"]))
        let token = try world.teamToken()
        #expect(try world.login(token).isIn, "\(service.log.text)")
        #expect(try world.login(token).answer == Self.violation)
        #expect(service.says("rules=F-replay"))
        #expect(try world.login(world.teamToken()).isIn)
    }

    @Test func `a service that was killed lets nobody in, and one that is started again does`() throws {
        let world = try CalloutWorld(patience: 6)
        let configuration = try world.configure()
        let token = try world.teamToken()
        let first = try CalloutProcess(configuration)
        let client = try world.login(token)
        #expect(client.isIn)
        try first.end(SIGKILL)
        #expect(try world.login(token).answer.hasPrefix("-ERR 'Auth"))
        #expect(try world.breakGlass().isIn)
        #expect(try client.mayPublish("team.blue.x"))
        let second = try CalloutProcess(configuration)
        #expect(try world.login(token).isIn, "\(second.log.text)")
    }

    @Test func `at SIGTERM it ends in order, and at SIGHUP it reads its configuration again`() throws {
        let world = try CalloutWorld()
        let configuration = try world.configure()
        let service = try CalloutProcess(configuration)
        #expect(try world.login(world.teamToken()).isIn)
        try world.configure(issuer: ["audiences": ["elsewhere"]])
        service.signal(SIGHUP)
        #expect(service.says("the configuration was read again"))
        #expect(try world.login(world.teamToken()).answer == Self.violation)
        #expect(service.says("rules=F-audience"))
        try world.folder.write("{", to: "identity.json")
        service.signal(SIGHUP)
        #expect(service.says("the configuration is not taken over"))
        #expect(try world.login(world.teamToken(["aud": "elsewhere"])).isIn, "\(service.log.text)")
        try service.end(SIGTERM)
        #expect(service.log.text.contains("draining") && service.log.text.contains(": ended"))
    }

    @Test func `several services share the questions, each of which is answered once`() throws {
        let world = try CalloutWorld()
        let configuration = try world.configure(issuer: ["use": "once"], callout: ["queue": "callout"])
        let services = [try CalloutProcess(configuration), try CalloutProcess(configuration)]
        for _ in 0..<12 { #expect(try world.login(world.teamToken()).isIn) }
        // What a service writes about a client comes after the client is in.
        func answered() -> [Int] { services.map { $0.log.text.components(separatedBy: ": granted").count - 1 } }
        #expect(soon { answered().reduce(0, +) >= 12 })
        #expect(answered().reduce(0, +) == 12, "\(answered())")
    }

    @Test func `what is not sealed is not answered where there is a key, unless that is told`() throws {
        // The server seals nothing for this account, and the service expects it.
        let world = try CalloutWorld(.unsealed, patience: 6)
        var service = try CalloutProcess(world.configure(callout: ["xkey": "curve.nk"]))
        #expect(try world.login(world.teamToken()).answer.hasPrefix("-ERR 'Auth"))
        #expect(service.says("rules=Q-request"))
        #expect(service.says("not answered"))
        service = try CalloutProcess(world.configure(callout: ["xkey": "curve.nk", "unsealed": "accepted"]))
        #expect(try world.login(world.teamToken()).isIn, "\(service.log.text)")
    }

    @Test func `a server that is not among those that are known is not answered`() throws {
        let world = try CalloutWorld(patience: 3)
        let other = try KeyPair.generate(.server).publicKey.text
        let service = try CalloutProcess(world.configure(callout: ["servers": [other]]))
        #expect(try world.login(world.teamToken()).answer.hasPrefix("-ERR 'Auth"))
        #expect(service.says("the server is none of those that are answered"))
    }

    @Test func `an account that changes its keys in the folder is read again at once`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure())
        #expect(try world.login(world.teamToken()).isIn)
        try FileManager.default.removeItem(atPath: world.folder.path("jwt/\(world.app.publicKey).jwt"))
        #expect(try world.login(world.teamToken()).answer == Self.violation)
        #expect(service.says("rules=X-unavailable"))
    }

    @Test func `the check reads everything, and says what is wrong with its place`() throws {
        let world = try CalloutWorld()
        let configuration = try world.configure()
        let good = try Program.credence(["callout", "-c", configuration, "--check"])
        #expect(good.status == 0, "\(good.errors)")
        try world.configure(callout: ["time_limit": 5, "xkye": "x"])
        let bad = try Program.credence(["callout", "-c", configuration, "--check"])
        #expect(bad.status == 65)
        #expect(bad.errors.contains("callout.time_limit") && bad.errors.contains("callout.xkye"), "\(bad.errors)")
        try world.configure()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: world.folder.path("plain.nk"))
        let open = try Program.credence(["callout", "-c", configuration, "--check"])
        #expect(open.status == 65 && open.errors.contains("can be read by others"), "\(open.errors)")
    }
}

/// Whether something becomes so: what a process has said takes a moment to arrive. The limit is a guard against hanging.
private func soon(_ isSo: () -> Bool) -> Bool {
    for _ in 0..<1200 where !isSo() { usleep(50_000) }
    return isSo()
}

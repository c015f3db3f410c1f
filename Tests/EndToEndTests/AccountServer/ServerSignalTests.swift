import Dispatch
import Foundation
import NKeys
import RealServers
import Testing

/// Uploads at once, signals in the middle of them, and files that are read again.
@Suite(.onOwnThread) struct ServerSignalTests {
    private static let start = 1_700_000_000

    @Test(arguments: ["sqlite", "folder"])
    func `of two uploads of one account in the same second one is stored and the other is a conflict`(
        store: String
    ) throws {
        let world = try ServedWorld()
        let server = try AccountServerProcess(world.arguments(store: store) + ["--log-level", "notice"])
        let port = try server.port
        for round in 0..<20 {
            let account = try KeyPair.generate(.account).publicKey.text
            let tokens = try ["one", "two"].map { name in
                try world.token(of: account, issuedAt: Self.start) { $0.payload["name"] = name }
            }
            // Both connections stand, and all but the last byte is sent, before either upload is whole.
            let callers = try tokens.map { token in
                let caller = try HTTPCaller(port: port)
                try caller.send(
                    HTTPCaller.head("POST", "/jwt/v1/accounts/\(account)", length: token.utf8.count)
                        + String(token.dropLast()))
                return (caller, String(token.suffix(1)))
            }
            for (caller, rest) in round % 2 == 0 ? callers : callers.reversed() { try caller.send(rest) }
            let replies = try callers.map { try $0.0.reply() }
            #expect(replies.map(\.status).sorted() == [200, 409], "round \(round)")
            let winner = try #require(replies.firstIndex { $0.status == 200 })
            #expect(replies[1 - winner].rules == ["U-stale"], "round \(round)")
            #expect(try server.token(of: account) == tokens[winner], "round \(round)")
            // The same again is no conflict.
            #expect(try server.upload(tokens[winner]).status == 200)
        }
    }

    @Test(arguments: ["sqlite", "folder"])
    func `a server that is told to end answers the upload that has begun, keeps it, and exits with 0`(
        store: String
    ) throws {
        let world = try ServedWorld()
        let server = try AccountServerProcess(world.arguments(store: store))
        let account = try KeyPair.generate(.account).publicKey.text
        let token = try world.token(of: account, issuedAt: Self.start)
        let caller = try HTTPCaller(port: server.port)
        let half = token.index(token.startIndex, offsetBy: token.count / 2)
        // The server says `100 Continue` when it has begun to read the upload: then it is in flight for certain.
        try caller.send(
            HTTPCaller.head(
                "POST", "/jwt/v1/accounts/\(account)", headers: ["Expect": "100-continue"], length: token.utf8.count))
        #expect(try caller.nextReply().status == 100)
        try caller.send(String(token[..<half]))
        let watcher = try HTTPCaller(port: server.port)
        #expect(try watcher.ask("GET", "/readyz").status == 200)
        server.signal(SIGTERM)
        // It says that it is ending, or ends the connection that has no request.
        while (try? watcher.ask("GET", "/readyz").status) == 200 {}
        try caller.send(String(token[half...]))
        #expect(try caller.reply().status == 200)
        #expect(try server.waitUntilEnd() == 0)
        #expect(try AccountServerProcess(world.arguments(store: store)).token(of: account) == token)
    }

    @Test func `connections that come while a server ends do not keep it from ending in order`() throws {
        let world = try ServedWorld()
        for round in 0..<15 {
            let server = try AccountServerProcess(world.arguments(data: "data-\(round)"))
            let port = try server.port
            let begun = DispatchSemaphore(value: 0)
            let group = DispatchGroup()
            for _ in 0..<4 {
                group.enter()
                Thread.detachNewThread {
                    // A connection each, one after the other, until none is taken any more.
                    while (try? HTTPCaller(port: port).ask("GET", "/healthz")) != nil { begun.signal() }
                    group.leave()
                }
            }
            for _ in 0..<8 { begun.wait() }
            server.signal(SIGTERM)
            #expect(try server.waitUntilEnd() == 0, "round \(round): \(server.log.text.prefix(2_000))")
            group.wait()
        }
    }

    @Test func `a hang-up has the certificate and the credentials read again`() throws {
        let world = try ServedWorld()
        let (first, second) = (try Self.secret(), try Self.secret())
        try Self.writeCredentials(of: first, in: world)
        try Self.makeCertificate("one", in: world)
        let server = try AccountServerProcess(
            world.arguments() + [
                "--credentials", world.data("credentials.json"), "--restrict", "upload",
                "--tls-cert", world.data("tls.pem"), "--tls-key", world.data("tls.key"),
            ])
        let token = try world.token(of: KeyPair.generate(.account).publicKey.text, issuedAt: Self.start)
        #expect(try Self.certificateName(of: server) == "one")
        #expect(try Self.upload(token, with: first, to: server, in: world) == "200")
        #expect(try Self.upload(token, with: second, to: server, in: world) == "401")
        try Self.writeCredentials(of: second, in: world)
        try Self.makeCertificate("two", in: world)
        server.signal(SIGHUP)
        _ = server.log.wait { $0.contains("the certificate was read again") ? true : nil }
        _ = server.log.wait { $0.contains("the credentials were read again") ? true : nil }
        #expect(try Self.certificateName(of: server) == "two")
        #expect(try Self.upload(token, with: first, to: server, in: world) == "401")
        #expect(try Self.upload(token, with: second, to: server, in: world) == "200")
        // What cannot be used changes nothing.
        try world.deployment.folder.write("{", to: "credentials.json")
        server.signal(SIGHUP)
        _ = server.log.wait { $0.contains("the credentials stay as they were") ? true : nil }
        #expect(try Self.upload(token, with: second, to: server, in: world) == "200")
        #expect(!server.log.text.contains(first) && !server.log.text.contains(second))
    }

    // MARK: -

    private static func secret() throws -> String { try KeyPair.generate(.user).publicKey.text }

    private static func writeCredentials(of secret: String, in world: ServedWorld) throws {
        let hash = try Program.onPath("sha256sum", [], input: secret).output.prefix(64)
        let text = #"{"credentials": [{"name": "ci", "bearer_sha256": "\#(hash)", "allows": ["upload"]}]}"#
        try world.deployment.folder.write(text, to: "credentials.json")
    }

    private static func makeCertificate(_ name: String, in world: ServedWorld) throws {
        let run = try Program.onPath(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", world.data("tls.key"),
                "-out", world.data("tls.pem"),
            ])
        guard run.status == 0 else { throw Fault("no certificate can be made: \(run.errors)") }
    }

    private static func certificateName(of server: AccountServerProcess) throws -> String {
        let shown = try Program.onPath("openssl", ["s_client", "-connect", "127.0.0.1:\(server.port)"])
        return shown.output.firstMatch(of: /subject=CN ?= ?(\w+)/).map { String($0.1) } ?? shown.errors
    }

    /// The status that an upload over TLS is answered with; the server has to show the certificate that lies there.
    private static func upload(
        _ token: String, with secret: String, to server: AccountServerProcess, in world: ServedWorld
    ) throws -> String {
        let account = try TokenText(token).payload["sub"] as? String ?? ""
        let run = try Program.onPath(
            "curl",
            [
                "-s", "-o", "/dev/null", "-w", "%{http_code}", "--noproxy", "*", "--cacert", world.data("tls.pem"),
                "-H", "Authorization: Bearer \(secret)", "--data-binary", "@-",
                "https://127.0.0.1:\(server.port)/jwt/v1/accounts/\(account)",
            ], input: token)
        return run.output
    }
}

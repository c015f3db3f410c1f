import Foundation
import NKeys
import RealServers
import Testing
import Trust

@testable import AccountServer

/// TLS and client certificates, with certificates that openssl makes and a client that is openssl.
@Suite(.onOwnThread) struct TLSTests {
    /// A folder with certificates: `one` and `two` for servers, an authority `ca`, and clients `good` and `stranger`.
    private struct Certificates {
        let folder: String

        init() throws {
            folder = NSTemporaryDirectory() + "certificates-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in ["one", "two", "ca", "stranger"] {
                try run(
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", "/CN=\(name)", "-keyout", self[name, "key"], "-out", self[name, "pem"])
            }
            try run(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=good",
                "-keyout", self["good", "key"], "-out", self["good", "csr"])
            try run(
                "x509", "-req", "-in", self["good", "csr"], "-CA", self["ca", "pem"], "-CAkey", self["ca", "key"],
                "-CAcreateserial", "-days", "30", "-out", self["good", "pem"])
        }

        subscript(name: String, kind: String) -> String { "\(folder)/\(name).\(kind)" }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }

        @discardableResult
        func run(_ arguments: String...) throws -> Data { try TLSTests.openssl(arguments, input: "") }

        func copy(_ from: String, to: String) throws {
            for kind in ["key", "pem"] {
                try Data(contentsOf: URL(fileURLWithPath: self[from, kind]))
                    .write(to: URL(fileURLWithPath: self[to, kind]))
            }
        }

        func fingerprint(_ name: String) throws -> String {
            let der = try run("x509", "-in", self[name, "pem"], "-outform", "DER")
            return AccessTests.hex(SHA256.hash(Array(der)))
        }
    }

    private static func openssl(_ arguments: [String], input: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let (inPipe, outPipe) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (inPipe, outPipe, outPipe)
        try process.run()
        try? inPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        // A client that is told nothing more ends; one that waits for an answer must be let wait.
        let isClient = arguments.first == "s_client"
        if !isClient { try? inPipe.fileHandleForWriting.close() }
        let output = outPipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return output
    }

    /// What openssl shows of a connection that sends one request.
    private static func talk(_ server: TestServer, _ request: String, _ arguments: [String] = []) async throws -> String
    {
        let port = server.port
        return try await blocking {
            let all = ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"] + arguments
            return String(decoding: try openssl(all, input: request), as: UTF8.self)
        }
    }

    private static func get(_ path: String) -> String { RawClient.request("GET", path, ["Connection: close"]) }

    @Test func `a certificate is read again, and what cannot be used changes nothing`() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        try certificates.copy("one", to: "server")
        let files = TLSFiles(certificateChain: certificates["server", "pem"], privateKey: certificates["server", "key"])
        try await TestServer.run(.testing { $0.tls = files }) { server in
            let first = try await Self.talk(server, Self.get("/healthz"))
            #expect(first.contains("HTTP/1.1 200 OK"))
            #expect(first.contains("CN = one") || first.contains("CN=one"))
            try certificates.copy("two", to: "server")
            server.server.reload()
            let second = try await Self.talk(server, Self.get("/healthz"))
            #expect(second.contains("CN = two") || second.contains("CN=two"))
            for broken in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
                try Data(broken.utf8).write(to: URL(fileURLWithPath: certificates["server", "pem"]))
                server.server.reload()
            }
            // A certificate without its key.
            try Data(contentsOf: URL(fileURLWithPath: certificates["one", "pem"]))
                .write(to: URL(fileURLWithPath: certificates["server", "pem"]))
            server.server.reload()
            let third = try await Self.talk(server, Self.get("/healthz"))
            #expect(third.contains("CN = two") || third.contains("CN=two"))
            #expect(server.metric(#"credence_http_reloads_total{outcome="refused"}"#) == 4)
            #expect(server.metric(#"credence_http_reloads_total{outcome="changed"}"#) == 1)
            #expect(server.log.all.count { $0.hasPrefix("error the certificate stays as it was") } == 4)
        }
    }

    @Test func `a certificate that changes on the disk is noticed`() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        try certificates.copy("one", to: "server")
        let files = TLSFiles(certificateChain: certificates["server", "pem"], privateKey: certificates["server", "key"])
        try await TestServer.run(.testing { ($0.tls, $0.reloadInterval) = (files, 0.02) }) { server in
            try certificates.copy("two", to: "server")
            while true {
                let said = try await Self.talk(server, Self.get("/healthz"))
                if said.contains("CN = two") || said.contains("CN=two") { break }
            }
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"])
    func `versions of TLS before 1.2 are not spoken`(version: String) async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let files = TLSFiles(certificateChain: certificates["one", "pem"], privateKey: certificates["one", "key"])
        try await TestServer.run(.testing { $0.tls = files }) { server in
            let old = try await Self.talk(server, Self.get("/healthz"), [version, "-cipher", "ALL:@SECLEVEL=0"])
            #expect(!old.contains("HTTP/1.1 200"))
            let said1 = try await Self.talk(server, Self.get("/healthz"), ["-tls1_2"])
            #expect(said1.contains("HTTP/1.1 200"))
        }
    }

    @Test func `a client's certificate is a credential, and one of a stranger is none`() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let entry = #"{"name":"ops","certificate_sha256":"\#(try certificates.fingerprint("good"))","allows":["list"]}"#
        let file = try AccessTests.file(#"{"credentials":[\#(entry)]}"#)
        defer { try? FileManager.default.removeItem(atPath: file) }
        @Sendable func own(_ name: String) -> [String] {
            ["-cert", certificates[name, "pem"], "-key", certificates[name, "key"]]
        }
        var settings = HTTPSettings.testing { $0.access.audiences[.list] = .named }
        settings.tls = TLSFiles(
            certificateChain: certificates["one", "pem"], privateKey: certificates["one", "key"],
            clientCertificates: .asked(authorities: certificates["ca", "pem"]))
        try await TestServer.run(settings, credentials: file) { server in
            let said2 = try await Self.talk(server, Self.get("/jwt/v1/pack"), own("good"))
            #expect(said2.contains("HTTP/1.1 200"))
            let said3 = try await Self.talk(server, Self.get("/jwt/v1/pack"))
            #expect(said3.contains("HTTP/1.1 401"))
            let said4 = try await Self.talk(server, Self.get("/healthz"), own("stranger"))
            #expect(!said4.contains("HTTP/1.1 200"))
            #expect(server.log.all.contains { $0.contains("caller=ops@127.0.0.1") })
        }
        settings.tls?.clientCertificates = .required(authorities: certificates["ca", "pem"])
        try await TestServer.run(settings, credentials: file) { server in
            let said5 = try await Self.talk(server, Self.get("/healthz"), own("good"))
            #expect(said5.contains("HTTP/1.1 200"))
            let said6 = try await Self.talk(server, Self.get("/healthz"))
            #expect(!said6.contains("HTTP/1.1 200"))
        }
    }

    @Test func `a server does not begin with files that it cannot use`() throws {
        let settings = HTTPSettings.testing {
            $0.tls = TLSFiles(certificateChain: "/nowhere/a", privateKey: "/nowhere/b")
        }
        #expect(throws: AccountHTTPServer.StartFault.self) {
            try AccountHTTPServer(service: MemoryAccounts(), settings: settings)
        }
        #expect(throws: AccountHTTPServer.StartFault.self) {
            try AccountHTTPServer(service: MemoryAccounts(), credentials: "/nowhere/c")
        }
    }
}

import Foundation
import RealServers
import Testing

@testable import CredenceCLI

/// An account server on loopback that hands out a pack; it ends with this value.
private final class PackServer {
    let port: Int
    private let process = Process()
    private let input = Pipe()

    /// Returns when it listens: it says so by its port.
    init(pack: String, _ certificate: [String] = []) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent("pack_server.py").path, pack] + certificate
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "the server did not start")
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

@Suite("credence audit --url", .onOwnThread)
struct AuditURLTests {
    private let folder = TemporaryFolder()
    private let token: String

    init() throws {
        let pack = try Testdata.pack()
        token = String(pack.split(separator: "\n")[0].suffix(40))
        try folder.write(pack, to: "pack")
    }

    private func audit(_ url: String) throws -> AuditedCommand {
        let audit = try AuditedCommand("--url", url, "--operator", Testdata.corpOperator)
        #expect(!audit.run.errors.contains("eyJ") && !audit.run.errors.contains(token), "a token stands in an error")
        return audit
    }

    @Test("What a server hands out is audited as the file is")
    func served() throws {
        let server = try PackServer(pack: folder.path("pack"))
        let file = try AuditedCommand("--pack", folder.path("pack"), "--operator", Testdata.corpOperator)
        for path in ["", "/", "/jwt/v1/accounts/", "/jwt/v1/pack", "/sub", "/sub/jwt/v1/accounts/"] {
            let audit = try audit("http://127.0.0.1:\(server.port)\(path)")
            #expect(audit.found.map(\.text) == file.found.map(\.text), "\(path)")
            #expect(audit.found.contains { $0.file == "jwt/v1/pack" && $0.line == 1 })
        }
    }

    @Test("What is no pack is told by line, and what is no answer by its reason")
    func faults() throws {
        let server = try PackServer(pack: folder.path("pack"))
        let address = "http://127.0.0.1:\(server.port)"
        #expect(try audit(address + "/page").found.filter { $0.rule == "A-pack-line" }.map(\.line) == [1, 2])
        let expected: [String: (Int32, String)] = [
            "/none": (66, "`\(address)` has no pack"),
            "/moved": (74, "`\(address)` answers with a redirect (302), which is not followed"),
            "/denied": (74, "`\(address)` refuses to hand out its accounts (403)"),
            "/broken": (74, "`\(address)` answers with status 500"),
            "/short": (74, "`\(address)`: the server closed the connection before the end of its answer"),
        ]
        for (path, (status, text)) in expected {
            let run = try audit(address + path).run
            #expect(run.status == status, "\(path): \(run.errors)")
            #expect(run.errors.hasPrefix("error: \(text)\n"), "\(path): \(run.errors)")
            #expect(run.output == "")
        }
    }

    @Test("Nobody listening is told")
    func refused() throws {
        let port = try { try PackServer(pack: folder.path("pack")).port }()
        let run = try audit("http://127.0.0.1:\(port)").run
        #expect(run.status == 74)
        #expect(
            run.errors.hasPrefix("error: `http://127.0.0.1:\(port)`: the connection was refused\n"), "\(run.errors)")
    }

    @Test("A certificate that nobody vouches for is refused")
    func certificate() throws {
        let openSSL = Process()
        openSSL.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openSSL.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("key.pem"), "-out",
            folder.path("certificate.pem"),
        ]
        openSSL.standardError = FileHandle.nullDevice
        try openSSL.run()
        openSSL.waitUntilExit()
        #expect(openSSL.terminationStatus == 0)
        let files = [folder.path("certificate.pem"), folder.path("key.pem")]
        let server = try PackServer(pack: folder.path("pack"), files)
        let run = try audit("https://127.0.0.1:\(server.port)").run
        #expect(run.status == 74)
        #expect(run.errors.contains("the server's certificate is not one that is trusted"), "\(run.errors)")
    }

    @Test("An answer that is too large is refused while it is read")
    func tooLarge() async throws {
        let server = try PackServer(pack: folder.path("pack"))
        let address = try #require(PackAddress("http://127.0.0.1:\(server.port)"))
        let size = try Testdata.pack().utf8.count
        #expect(try await PackDownload(address: address, sizeLimit: size).bytes().count == size)
        await #expect(throws: CommandFailure.self) {
            try await PackDownload(address: address, sizeLimit: size - 1).bytes()
        }
    }
}

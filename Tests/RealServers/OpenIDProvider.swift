import Foundation
import Synchronization

/// An OpenID provider on the loopback, a process of its own, for as long as this value lives: discovery, key set, device
/// flow, tokens of any content, and as hostile as a test wants it (`Tests/IdentityTests/openid_provider.py` says what it
/// can do).
public final class OpenIDProvider: Sendable {
    private struct Pipes {
        let input: FileHandle
        let output: FileHandle
    }

    /// `iss` of its tokens, and where it is asked.
    public let issuer: String
    /// Where it listens.
    public let port: Int
    private let process: Process
    private let pipes: Mutex<Pipes>

    /// Starts a provider, and returns when it takes requests.
    ///
    /// - Parameters:
    ///   - path: what follows the port in `iss`; empty, or it begins with a slash.
    ///   - certificate: the certificate and key (PEM files) with which it speaks TLS; nil for http.
    public init(path: String = "", certificate: (chain: String, key: String)? = nil, port: Int = 0) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("IdentityTests/openid_provider.py").path
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", script, "--path", path, "--port", "\(port)"]
        if let certificate { process.arguments? += ["--cert", certificate.chain, "--key", certificate.key] }
        let process = process
        let (input, output) = try oneAtATime {
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            return (input, output)
        }
        let pipes = Pipes(input: input.fileHandleForWriting, output: output.fileHandleForReading)
        let line = Self.line(from: pipes.output)
        guard let port = line.firstMatch(of: /^listening ([0-9]+)$/).flatMap({ Int($0.1) }) else {
            throw ServerFault("the provider does not start (pip install joserfc): \(line)")
        }
        self.port = port
        issuer = "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)\(path)"
        self.pipes = Mutex(pipes)
    }

    /// Starts a provider without keeping a thread of the tests waiting.
    public static func started(
        path: String = "", certificate: (chain: String, key: String)? = nil
    ) async throws -> OpenIDProvider {
        try await withoutBlocking { try OpenIDProvider(path: path, certificate: certificate) }
    }

    deinit { stop() }

    /// Ends it. Its port is free afterwards.
    public func stop() {
        pipes.withLock { try? $0.input.close() }
        process.waitUntilExit()
    }

    /// Asks for something, and returns when it is done.
    @discardableResult
    public func ask(_ path: String, _ question: [String: Any] = [:]) throws -> [String: Any] {
        let question = try JSONSerialization.data(withJSONObject: question)
        let answer = try pipes.withLock { pipes in
            try pipes.input.write(contentsOf: Data(path.utf8) + [0x20] + question + [0x0A])
            return Self.line(from: pipes.output)
        }
        guard let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any] else {
            throw ServerFault("the provider answers \(answer) when asked for \(path)")
        }
        return object
    }

    /// A token. Claims and header are added to what is usual; `NSNull` takes a member out.
    public func mint(
        _ algorithm: String = "ES256", kid: String? = nil, claims: [String: Any] = [:], header: [String: Any] = [:]
    ) throws -> String {
        var question: [String: Any] = ["alg": algorithm, "claims": claims, "header": header]
        if let kid { question["kid"] = kid }
        guard let token = try ask("/mint", question)["token"] as? String else { throw ServerFault("no token") }
        return token
    }

    /// Makes new keys; the old ones stay in the set, or go.
    public func rotate(keepingOld: Bool) throws { try ask("/rotate", ["keep": keepingOld]) }

    /// Makes a document come in another way: `jwks`, `discovery`, `front`, `token`; `ok` is as it should be.
    public func behave(_ what: String, _ mode: String) throws { try ask("/behave", ["what": what, "mode": mode]) }

    /// How often a path was asked.
    public func requests(to path: String) throws -> Int { try ask("/counters")[path] as? Int ?? 0 }

    /// Waits for a device that is to be approved; its user code.
    public func awaitedUserCode() throws -> String {
        guard let code = try ask("/awaited")["user_code"] as? String else { throw ServerFault("no device asks") }
        return code
    }

    private static func line(from handle: FileHandle) -> String {
        var bytes = Data()
        while let byte = try? handle.read(upToCount: 1), let first = byte.first, first != 0x0A { bytes.append(first) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Does what blocks on a thread of its own. Tests share as many threads as there are cores: one that waits for a process
/// there keeps the others from their time limits.
@discardableResult
public func withoutBlocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

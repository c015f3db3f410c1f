import Foundation
import Identity
import NKeys
import SystemTimeZones
import Trust

@testable import CredenceCLI

/// A token endpoint on the loopback that answers as one of ours does, and keeps what it was asked. It judges proofs and
/// nothing else, so that clients can be tried by themselves.
final class TokenEndpoint: @unchecked Sendable {
    // Sendable because all that changes is behind the lock.
    private let lock = NSCondition()
    private var seen: [ExchangeForm] = []
    private var waiting: [(status: Int, body: String)] = []
    private var proofs: [String] = []
    /// After how many seconds users are renewed; nil for long ones.
    private var renewal: Int64?
    let account: KeyPair
    private var server: LoopbackHTTP?

    init() throws {
        account = try KeyPair.generate(.account)
        server = try LoopbackHTTP { [weak self] in self?.answer($0, $1, $2) ?? (503, "{}") }
    }

    deinit { server?.stop() }

    var url: String { "http://127.0.0.1:\(server?.port ?? 0)" }

    /// The forms that came, in their order.
    var forms: [ExchangeForm] { locked { seen } }

    /// What stood against the proofs that came.
    var proofFaults: [String] { locked { proofs } }

    /// Issues users that are renewed so many seconds later, which is when two thirds of their time are over. The last third
    /// is a minute, so that none ends on a machine that stands still for a while.
    func setRenewal(after seconds: Int64) { locked { renewal = seconds } }

    /// Answers the next exchanges so, one after the other, before it issues again; how many came until now.
    func refuse(_ answers: (Int, String)...) -> Int {
        locked {
            waiting += answers
            return seen.count
        }
    }

    /// Waits until so many exchanges were asked for. The limit is a guard against hanging.
    func awaits(_ count: Int) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let limit = Date(timeIntervalSinceNow: 60)
        while seen.count < count {
            if !lock.wait(until: limit) { return false }
        }
        return true
    }

    private func locked<R>(_ body: () -> R) -> R {
        lock.lock()
        defer {
            lock.broadcast()
            lock.unlock()
        }
        return body()
    }

    private func answer(_ method: String, _ path: String, _ body: [UInt8]) -> (Int, String) {
        switch (method, path) {
        case ("GET", "/.well-known/credence-audiences"):
            return (200, #"{"audiences":[{"name":"billing","description":"","keys":[]},{"name":"orders"}]}"#)
        case ("POST", "/oauth2/token"): return locked { exchanged(body) }
        default: return (404, "{}")
        }
    }

    private func exchanged(_ body: [UInt8]) -> (Int, String) {
        guard let form = try? ExchangeForm(body) else { return (400, #"{"error":"invalid_request"}"#) }
        seen.append(form)
        if !waiting.isEmpty { return waiting.removeFirst() }
        do {
            let audience = try AudienceName(form["audience"] ?? "")
            let verdict = ExchangeProof.judge(
                form["credence_proof"] ?? "", for: form["subject_token"] ?? "", audience: audience,
                names: [try AudienceName(url)], verifier: TokenVerifier(zones: SystemZones()), at: WallClock.now())
            guard let proof = verdict.proof else {
                proofs += verdict.failures.map(\.code)
                return (400, #"{"error":"invalid_request","failures":[{"rule":"X-proof","at":"","message":"no"}]}"#)
            }
            var claims = UserClaims(subject: proof.key, name: "somebody")
            claims.common.audience = audience.text
            let now = WallClock.now()
            let life = form["credence_lifetime"].flatMap(Int64.init) ?? renewal.map { $0 + 60 } ?? 600
            claims.common.expires = now.advanced(by: life)
            let token = try TokenSigner(account).sign(claims, at: now.advanced(by: renewal.map { $0 - 120 } ?? 0)).text
            return (
                200,
                #"{"access_token":"\#(token)","issued_token_type":"urn:ietf:params:oauth:token-type:jwt","token_type":"N_A"}"#
            )
        } catch {
            return (500, "{}")
        }
    }
}

/// A server of HTTP/1.1 for one request a connection, on a free port of the loopback.
final class LoopbackHTTP: Sendable {
    let port: Int
    private let listener: Int32

    init(_ answer: @escaping @Sendable (_ method: String, _ path: String, _ body: [UInt8]) -> (Int, String)) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw CommandFailure(.inputOutput, "no free port") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else {
                    // Here, where nobody waits for it any more: its number may be another's from now on.
                    close(listener)
                    return
                }
                Thread.detachNewThread { Self.serve(client, answer) }
            }
        }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ client: Int32, _ answer: (String, String, [UInt8]) -> (Int, String)) {
        defer { close(client) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let blank = Array("\r\n\r\n".utf8)
        while true {
            if let head = bytes.firstRange(of: blank) {
                let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let length =
                    lines.first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if bytes.count - head.upperBound >= length {
                    let words = lines[0].split(separator: " ").map(String.init)
                    let (status, body) = answer(words[0], words[1], Array(bytes[head.upperBound...]))
                    let text =
                        "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                        + (status == 302 ? "Location: /oauth2/elsewhere\r\n" : "") + "Connection: close\r\n\r\n\(body)"
                    _ = Array(text.utf8).withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    return
                }
            }
            let got = recv(client, &buffer, buffer.count, 0)
            guard got > 0 else { return }
            bytes += buffer[..<got]
        }
    }
}

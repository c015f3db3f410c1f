import Foundation
import Glibc
import NKeys
import Trust

/// `credence broker` as a process of its own, with an operator and one account, and clients that must not notice what
/// others do to it.
final class AttackedBroker {
    let port: Int
    let creds: CredentialsFile
    private let process: ServedProcess
    private let folder: TemporaryFolder
    /// Asks, and a service that answers, in the same account.
    private let asker: RawClient
    private let service: RawClient
    private var asked = 0

    /// - Parameters:
    ///   - extra: lines of the configuration.
    ///   - authenticationTime: the seconds that a client has to say who it is.
    init(_ extra: String = "", authenticationTime: Int = 60) throws {
        let (root, system, account) = (
            try KeyPair.generate(.operator), try KeyPair.generate(.account), try KeyPair.generate(.account)
        )
        let now = UnixTime(Int64(time(nil))) ?? .zero
        var claims = OperatorClaims(subject: root.publicKey, name: "OP")
        claims.systemAccount = system.publicKey
        let signer = TokenSigner(root)
        let `operator` = try signer.sign(claims, at: now).text
        let systemToken = try signer.sign(AccountClaims.system(subject: system.publicKey), at: now).text
        let accountToken = try signer.sign(AccountClaims(subject: account.publicKey, name: "A"), at: now).text
        creds = try Self.user(of: account, at: now)
        folder = try TemporaryFolder()
        try folder.write(
            """
            listen: "127.0.0.1:-1"
            operator: \(`operator`)
            system_account: \(system.publicKey.text)
            resolver: MEMORY
            resolver_preload: {
              \(system.publicKey.text): \(systemToken)
              \(account.publicKey.text): \(accountToken)
            }
            authorization { timeout: \(authenticationTime) }
            \(extra)
            """, to: "broker.conf")
        process = try ServedProcess([Program.credence, "broker", "-c", folder.path("broker.conf")])
        port = try process.port()
        (asker, service) = (try RawClient(port: port), try RawClient(port: port))
        try asker.connect(creds)
        try service.connect(creds)
        asker.send("SUB answers.* 1\r\n")
        service.send("SUB questions 1\r\nPING\r\n")
        guard service.read(to: "PONG\r\n") != nil else { throw Fault("the service cannot listen") }
    }

    var pid: Int32 { process.pid }
    private var log: ProcessLog { process.log }

    private static func user(of account: KeyPair, at now: UnixTime) throws -> CredentialsFile {
        let keys = try KeyPair.generate(.user)
        let claims = UserClaims(
            common: CommonClaims(issuer: account.publicKey, subject: keys.publicKey, name: "user"))
        let token = try TokenSigner(account).sign(claims, at: now).text
        return try CredentialsFile(parsing: try CredentialsFile.render(token: Array(token.utf8), seed: keys.seed))
    }

    /// A connection that has said nothing.
    func open() throws -> RawClient { try RawClient(port: port) }

    /// A client that is let in.
    func client() throws -> RawClient {
        let client = try open()
        try client.connect(creds)
        return client
    }

    /// Whether a request of somebody else is answered now, by exactly what was asked.
    func serves() -> Bool {
        asked += 1
        let text = "request-\(asked)"
        guard asker.send("PUB questions answers.\(asked) \(text.utf8.count)\r\n\(text)\r\n"),
            service.read(to: "MSG questions 1 answers.\(asked) \(text.utf8.count)\r\n\(text)\r\n") != nil,
            service.send("PUB answers.\(asked) \(text.utf8.count)\r\n\(text)\r\n"),
            let answer = asker.read(to: "\(text)\r\n")
        else { return false }
        return answer == "MSG answers.\(asked) 1 \(text.utf8.count)\r\n\(text)\r\n" || answer.hasPrefix("PING\r\n")
    }

    /// Whether the broker says a text, now or within a while.
    func says(_ text: String) -> Bool { process.says(text) }

    /// Whether the broker's log holds a text.
    func logged(_ text: String) -> Bool { log.text.contains(text) }

    /// The memory that the process holds, in bytes.
    func memory() throws -> Int { try status(/VmRSS:\s+([0-9]+) kB/) }

    /// The most that the process has held since `forgetPeak`.
    func peak() throws -> Int { try status(/VmHWM:\s+([0-9]+) kB/) }

    /// From now on, `peak` is what is held now.
    func forgetPeak() throws {
        try "5".write(toFile: "/proc/\(pid)/clear_refs", atomically: false, encoding: .utf8)
    }

    private func status(_ line: Regex<(Substring, Substring)>) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let found = text.firstMatch(of: line), let kilobytes = Int(found.1) else {
            throw Fault("the broker is gone: \(log.text.suffix(2000))")
        }
        return kilobytes * 1024
    }
}

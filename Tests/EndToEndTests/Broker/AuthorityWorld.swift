import AccountServer
import Broker
import Foundation
import Logging
import NKeys
import RealServers
import SystemTimeZones
import Trust

@testable import CredenceCLI

/// A deployment, and authorities over its accounts as a broker's configuration describes them.
struct AuthorityWorld {
    let served: ServedWorld
    /// The account `A`.
    let account: PublicKey
    /// The account `SYS`.
    let system: PublicKey
    /// The second at which it was signed.
    let signed: Int

    init() throws {
        served = try ServedWorld()
        let payload = try TokenText(served.deployment.accountToken("A")).payload
        guard let key = payload["sub"] as? String, let time = payload["iat"] as? Int else {
            throw Fault("the account has no key or time")
        }
        (account, signed) = (try PublicKey(key, role: .account), time)
        let system = try TokenText(served.deployment.accountToken("SYS")).payload["sub"] as? String
        self.system = try PublicKey(system ?? "", role: .account)
    }

    var folder: TemporaryFolder { served.deployment.folder }
    var token: String { get throws { try served.deployment.accountToken("A") } }

    /// Another version of the account, issued so many seconds after the first.
    func version(_ seconds: Int, of key: PublicKey? = nil, _ change: (inout TokenText) -> Void = { _ in }) throws
        -> String
    {
        try served.token(of: (key ?? account).text, issuedAt: signed + seconds, change)
    }

    /// The configuration with this resolver; `preload` of the account `A`.
    func configuration(_ resolver: String, preload token: String? = nil, key: PublicKey? = nil) throws
        -> BrokerConfiguration
    {
        var text = "operator: \(try served.deployment.operatorToken())\nresolver \(resolver)\n"
        var preloaded = token.map { "\(key ?? account): \($0)\n" } ?? ""
        // Who does not know the system account does not start.
        if resolver == "MEMORY" { preloaded += "\(system): \(try served.deployment.accountToken("SYS"))\n" }
        if !preloaded.isEmpty { text += "resolver_preload {\n\(preloaded)}\n" }
        let path = folder.path("broker.conf")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try BrokerFiles.configuration(path, verifier: TokenVerifier(zones: SystemZones()))
    }

    /// An authority on this resolver.
    func open(_ resolver: String, preload token: String? = nil) async throws -> any ConfiguredAuthority {
        try await Self.open(configuration(resolver, preload: token))
    }

    static func open(_ configuration: BrokerConfiguration) async throws -> any ConfiguredAuthority {
        let logger = Logger(label: "authority") { _ in SwiftLogNoOpLogHandler() }
        return try await BrokerAuthority(configuration: configuration, logger: logger).open()
    }

    /// A token that asks for the deletion of an account, signed by the operator.
    func deletion(of key: PublicKey? = nil, at seconds: Int = 1) throws -> String {
        var text = try TokenText(served.deployment.operatorToken())
        let keys = served.operatorKeys.publicKey.text
        text.payload = [
            "sub": keys, "iss": keys, "iat": signed + seconds, "jti": "deletion-\(seconds)",
            "nats": ["type": "generic", "version": 2, "accounts": [(key ?? account).text]],
        ]
        return try text.signed(by: served.operatorKeys)
    }
}

extension ClaimsAnswer {
    /// The answer in a word: what is said of an acceptance, the codes of a refusal.
    var word: String {
        switch self {
        case .accepted(let message, _): message
        case .refused(let refusal, _): refusal.failures.map(\.rule.code).joined(separator: " ")
        case .failed(let why): "failed: \(why)"
        }
    }
}

extension ConfiguredAuthority {
    func push(_ token: String, for key: PublicKey? = nil) async -> String {
        await update(Array(token.utf8), for: key, by: "UTEST").word
    }

    func delete(_ request: String) async -> String { await delete(Array(request.utf8), by: "UTEST").word }
}

extension AsyncStream<Broker.AccountChange> {
    /// The next so many changes, as `KEY TOKEN` or `KEY -`.
    func next(_ count: Int) async -> [String] {
        var seen: [String] = []
        for await change in self {
            switch change {
            case .token(let token, let key): seen.append("\(key) \(token)")
            case .deleted(let key): seen.append("\(key) -")
            }
            if seen.count == count { break }
        }
        return seen
    }
}

import Foundation
import NATSClient
import NKeys
import RealServers

/// An operator, its system account, and accounts whose tokens are written here by hand.
struct DistributionWorld: Sendable {
    let operatorKeys: KeyPair
    let system: KeyPair
    let operatorToken: String
    let systemToken: String

    init() throws {
        (operatorKeys, system) = (try .generate(.operator), try .generate(.account))
        operatorToken = try Self.token(
            of: operatorKeys.publicKey, "OP", by: operatorKeys,
            ["type": "operator", "version": 2, "system_account": system.publicKey.text])
        systemToken = try Self.token(
            of: system.publicKey, "SYS", by: operatorKeys, ["type": "account", "version": 2, "limits": Self.limits])
    }

    private static var limits: [String: Any] {
        [
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1,
        ]
    }

    /// An account's token.
    ///
    /// - Parameters:
    ///   - signingKeys: keys that may sign its users beside its own.
    ///   - revoked: users that are revoked, as of now.
    ///   - age: how long ago it was issued, in seconds.
    ///   - expires: seconds from now.
    func account(
        _ keys: KeyPair, signingKeys: [KeyPair] = [], revoked: [PublicKey] = [], age: Int = 0, expires: Int? = nil,
        by signer: KeyPair? = nil
    ) throws -> String {
        var claims: [String: Any] = ["type": "account", "version": 2, "limits": Self.limits]
        if !signingKeys.isEmpty { claims["signing_keys"] = signingKeys.map(\.publicKey.text) }
        if !revoked.isEmpty {
            let now = Int(Date().timeIntervalSince1970)
            claims["revocations"] = Dictionary(uniqueKeysWithValues: revoked.map { ($0.text, now) })
        }
        return try Self.token(of: keys.publicKey, "APP", by: signer ?? operatorKeys, claims, age: age, expires: expires)
    }

    /// What the operator signs to delete accounts.
    func deletion(of accounts: [KeyPair], by signer: KeyPair? = nil) throws -> String {
        let signer = signer ?? operatorKeys
        return try Self.token(
            of: signer.publicKey, "delete", by: signer,
            ["type": "generic", "version": 2, "accounts": accounts.map(\.publicKey.text)])
    }

    /// Creds of a new user of an account.
    func user(
        of account: KeyPair, signedBy signer: KeyPair? = nil, keys: KeyPair? = nil
    ) throws -> CredentialsFile {
        let keys = try keys ?? KeyPair.generate(.user)
        var claims: [String: Any] = [
            "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": [:], "sub": [:],
        ]
        if signer != nil { claims["issuer_account"] = account.publicKey.text }
        // Before the second in which it may be revoked.
        let token = try Self.token(of: keys.publicKey, "user", by: signer ?? account, claims, age: 10)
        return try CredentialsFile(parsing: try CredentialsFile.render(token: Array(token.utf8), seed: keys.seed))
    }

    /// Settings of a connection to these servers.
    func connection(_ servers: [ServerProcess], as creds: CredentialsFile) throws -> ConnectionSettings {
        var settings = ConnectionSettings(servers: try servers.map { try ServerAddress($0.url) })
        settings.credentials = .fixed(creds)
        settings.connectTimeout = .seconds(60)
        return settings
    }

    private static func token(
        of subject: PublicKey, _ name: String, by signer: KeyPair, _ claims: [String: Any], age: Int = 0,
        expires: Int? = nil
    ) throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        var payload: [String: Any] = [
            "jti": UUID().uuidString, "iat": now - age, "iss": signer.publicKey.text, "sub": subject.text,
            "name": name, "nats": claims,
        ]
        if let expires { payload["exp"] = now + expires }
        let header = try JSONSerialization.data(withJSONObject: ["typ": "JWT", "alg": "ed25519-nkey"])
        let body = try JSONSerialization.data(withJSONObject: payload)
        let text = "\(base64(header)).\(base64(body))"
        return "\(text).\(base64(Data(try signer.sign(Array(text.utf8)).rawBytes)))"
    }

    private static func base64(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// Real servers with one kind of resolver.
final class ResolverCluster: Sendable {
    enum Resolver: Sendable {
        case memory(preloaded: [String: String])
        /// - Parameter interval: how often a server compares with the others, in seconds.
        case full(deletes: Bool, interval: Int)
        case cache
    }

    let servers: [ServerProcess]
    let folder: ScratchFolder

    init(_ world: DistributionWorld, _ resolver: Resolver, count: Int = 1) throws {
        folder = try ScratchFolder()
        let ports = try freePorts(count * 2)
        let routes = ports[count...].map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
        var servers: [ServerProcess] = []
        for index in 0..<count {
            var preloaded = [world.system.publicKey.text: world.systemToken]
            var text = """
                server_name: n\(index)
                operator: \(world.operatorToken)
                system_account: \(world.system.publicKey.text)

                """
            switch resolver {
            case .memory(let more):
                preloaded.merge(more) { $1 }
                text += "resolver: MEMORY\n"
            case .full(let deletes, let interval):
                text += "resolver { type: full, dir: \"\(folder.path("accounts\(index)"))\", "
                text += "allow_delete: \(deletes), interval: \"\(interval)s\" }\n"
            case .cache:
                text += "resolver { type: cache, dir: \"\(folder.path("accounts\(index)"))\" }\n"
            }
            let list = preloaded.map { "  \($0.key): \($0.value)\n" }.joined()
            text += "resolver_preload {\n\(list)}\nauthorization { timeout: 60 }\n"
            if count > 1 {
                text += "cluster { name: c, listen: \"127.0.0.1:\(ports[count + index])\", routes: [\(routes)] }\n"
            }
            let file = try folder.write(text, to: "server\(index).conf")
            servers.append(try ServerProcess(configuration: file, port: ports[index]))
        }
        self.servers = servers
    }

    /// What a server stores of an account; nil for nothing.
    func stored(_ account: KeyPair, at index: Int) -> String? {
        try? String(contentsOfFile: folder.path("accounts\(index)/\(account.publicKey).jwt"), encoding: .utf8)
    }
}

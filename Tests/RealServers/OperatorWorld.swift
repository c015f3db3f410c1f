import Foundation
import NKeys

/// An operator with a system account and an account `APP`, made afresh, and what a server needs to know of them.
///
/// Tokens are written here by hand and not by the module that is meant to judge them.
public struct OperatorWorld: Sendable {
    /// The keys of the operator.
    public let operatorKeys: KeyPair
    /// The keys of the system account.
    public let system: KeyPair
    /// The keys of the account `APP`.
    public let app: KeyPair
    private let tokens: (operator: String, system: String, app: String)

    /// Makes keys and tokens.
    public init() throws {
        (operatorKeys, system, app) = (try .generate(.operator), try .generate(.account), try .generate(.account))
        let limits: [String: Any] = [
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1,
        ]
        let stores: [String: Any] = ["mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1]
        tokens.operator = try Self.token(
            of: operatorKeys.publicKey, "OP", by: operatorKeys,
            ["type": "operator", "version": 2, "system_account": system.publicKey.text])
        tokens.system = try Self.token(
            of: system.publicKey, "SYS", by: operatorKeys, ["type": "account", "version": 2, "limits": limits])
        tokens.app = try Self.token(
            of: app.publicKey, "APP", by: operatorKeys,
            ["type": "account", "version": 2, "limits": limits.merging(stores) { $1 }])
    }

    /// The part of a server's configuration that is about trust.
    public var configuration: String {
        """
        operator: \(tokens.operator)
        system_account: \(system.publicKey.text)
        resolver: MEMORY
        resolver_preload: {
          \(system.publicKey.text): \(tokens.system)
          \(app.publicKey.text): \(tokens.app)
        }
        """
    }

    /// A whole configuration of a server that gives its clients a minute to say who they are, and not two seconds: a machine
    /// that has much else to do may need more.
    public var serverConfiguration: String { "\(configuration)\nauthorization { timeout: 60 }\n" }

    /// Creds of a new user of an account.
    ///
    /// - Parameter permissions: members `pub` and `sub` as a token has them.
    public func user(
        of account: KeyPair? = nil, _ permissions: [String: [String: [String]]] = [:], signedBy signer: KeyPair? = nil,
        expires: Int? = nil
    ) throws -> CredentialsFile {
        let (keys, account) = (try KeyPair.generate(.user), account ?? app)
        var claims: [String: Any] = [
            "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": [:], "sub": [:],
        ]
        for (name, lists) in permissions { claims[name] = lists }
        let token = try Self.token(of: keys.publicKey, "user", by: signer ?? account, claims, expires: expires)
        return try CredentialsFile(parsing: try CredentialsFile.render(token: Array(token.utf8), seed: keys.seed))
    }

    private static func token(
        of subject: PublicKey, _ name: String, by signer: KeyPair, _ claims: [String: Any], expires: Int? = nil
    ) throws -> String {
        var payload: [String: Any] = [
            "jti": UUID().uuidString, "iat": Int(Date().timeIntervalSince1970), "iss": signer.publicKey.text,
            "sub": subject.text, "name": name, "nats": claims,
        ]
        if let expires { payload["exp"] = expires }
        let header = try JSONSerialization.data(withJSONObject: ["typ": "JWT", "alg": "ed25519-nkey"])
        let body = try JSONSerialization.data(withJSONObject: payload)
        let text = "\(base64(header)).\(base64(body))"
        return "\(text).\(base64(Data(try signer.sign(Array(text.utf8)).rawBytes)))"
    }

    private static func base64(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

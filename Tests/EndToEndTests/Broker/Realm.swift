import Foundation
import NKeys

/// An operator with its system account, and what a server is told of them: one for each group of conversations.
final class Realm: Sendable {
    let operatorKeys: KeyPair
    let signingKeys: KeyPair
    let system: KeyPair
    private let operatorToken: String
    let systemToken: String

    init(strict: Bool = false) throws {
        (operatorKeys, signingKeys, system) = (
            try .generate(.operator), try .generate(.operator), try .generate(.account)
        )
        var claims: [String: Any] = [
            "system_account": system.publicKey.text, "signing_keys": [signingKeys.publicKey.text],
        ]
        if strict { claims["strict_signing_key_usage"] = true }
        operatorToken = try Cast.token(
            about: operatorKeys.publicKey.text, named: "OP", type: "operator", claims, Cast.Claims(), by: operatorKeys)
        let limits: [String: Any] = [
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1,
        ]
        systemToken = try Cast.token(
            about: system.publicKey.text, named: "SYS", type: "account", ["limits": limits], Cast.Claims(),
            by: strict ? signingKeys : operatorKeys)
    }

    /// A server's configuration with these accounts in memory.
    func configuration(preloading accounts: [(account: String, token: String)], _ more: String = "") -> String {
        """
        operator: \(operatorToken)
        system_account: \(system.publicKey.text)
        resolver: MEMORY
        resolver_preload: {
          \(system.publicKey.text): \(systemToken)
        \(accounts.map { "  \($0.account): \($0.token)" }.joined(separator: "\n"))
        }
        \(more)

        """
    }

    /// A server's configuration that keeps accounts in a folder.
    func configuration(folder: String, _ more: String = "") -> String {
        """
        operator: \(operatorToken)
        system_account: \(system.publicKey.text)
        resolver: { type: full, dir: "\(folder)", allow_delete: true }
        resolver_preload: { \(system.publicKey.text): \(systemToken) }
        \(more)

        """
    }
}

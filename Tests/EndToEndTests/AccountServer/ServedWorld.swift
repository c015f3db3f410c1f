import Foundation
import NKeys

/// A deployment whose accounts are to be served, and versions of accounts signed by its operator.
struct ServedWorld {
    let deployment: Deployment
    let operatorKeys: KeyPair
    let versions: AccountVersions

    init() throws {
        deployment = try Deployment()
        try deployment.addAccount("A")
        operatorKeys = try deployment.keys(ofSubjectOf: deployment.operatorToken())
        versions = AccountVersions(operatorKeys: operatorKeys, template: try deployment.accountToken("A"))
    }

    /// The file with the operator's token.
    var operatorFile: String { deployment.folder.path("OP/OP.jwt") }

    /// A folder that may become a server's data.
    func data(_ name: String = "data") -> String { deployment.folder.path(name) }

    /// The arguments of a server.
    func arguments(store: String = "sqlite", data: String = "data") -> [String] {
        ["--operator", operatorFile, "--data", self.data(data), "--store", store]
    }

    /// Writes a seed into a file of the world; where it is.
    func write(_ seed: Seed, to name: String) throws -> String {
        try seed.withUnsafeText { try Data($0).write(to: URL(fileURLWithPath: data(name))) }
        return data(name)
    }

    /// A version of an account, issued then (`AccountVersions`).
    func token(of account: String, issuedAt: Int, _ change: (inout TokenText) -> Void = { _ in }) throws -> String {
        try versions.token(of: account, issuedAt: issuedAt, change)
    }
}

/// Versions of accounts, signed by a deployment's operator. Each is like the deployment's account `A` but for what is
/// said of it.
struct AccountVersions: Sendable {
    let operatorKeys: KeyPair
    let template: String

    func token(of account: String, issuedAt: Int, _ change: (inout TokenText) -> Void = { _ in }) throws -> String {
        var text = try TokenText(template)
        text.payload["sub"] = account
        text.payload["iat"] = issuedAt
        text.payload["jti"] = "version-\(issuedAt)"
        change(&text)
        return try text.signed(by: operatorKeys)
    }
}

import Foundation
import Testing

/// A store with keys to rotate: a strict operator `OP`, an account `A` with a plain signing key and users, and an account
/// `B` that imports a private export of it.
struct RotatedStore {
    let folder = TemporaryFolder()

    init(users: Int = 1) throws {
        try succeeds("add", "operator", "-n", "OP", "--sys", "--require-signing-keys")
        for account in ["A", "B"] { try succeeds("add", "account", "-n", account) }
        for user in 1...users { try succeeds("add", "user", "-a", "A", "-n", "user\(user)") }
        try succeeds("add", "export", "-a", "A", "--subject", "private.>", "--private")
        try succeeds(
            "generate", "activation", "-a", "A", "--subject", "private.>", "--target-account", "B", "-o",
            folder.path("activation.jwt"))
        try succeeds("add", "import", "-a", "B", "--token", folder.path("activation.jwt"))
    }

    /// A store of others.
    init(copying body: (TemporaryFolder) throws -> Void) throws { try body(folder) }

    func run(_ arguments: String...) throws -> CommandRun {
        try Binary.start(arguments + ["-H", folder.path]).wait()
    }

    func succeeds(_ arguments: String..., location: SourceLocation = #_sourceLocation) throws {
        let run = try Binary.start(arguments + ["-H", folder.path]).wait()
        try #require(run.status == 0, "\(arguments): \(run.errors)", sourceLocation: location)
    }

    /// What a token of the store says, by its path.
    func claims(_ path: String) throws -> StoredClaims { try StoredClaims(folder.text(path)) }

    var `operator`: StoredClaims { get throws { try claims("OP/OP.jwt") } }
    func account(_ name: String) throws -> StoredClaims { try claims("OP/accounts/\(name)/\(name).jwt") }
    func user(_ name: String, of account: String = "A") throws -> StoredClaims {
        try claims("OP/accounts/\(account)/users/\(name).jwt")
    }

    /// The token in a file of creds.
    func creds(_ name: String, of account: String = "A") throws -> StoredClaims {
        let lines = try folder.text("creds/OP/\(account)/\(name).creds").split(separator: "\n")
        return try StoredClaims(String(lines[1]))
    }

    /// Whether `credence validate` says that everything holds.
    func holds(_ location: SourceLocation = #_sourceLocation) throws {
        let run = try self.run("validate")
        #expect(run.status == 0, "\(run.output)\(run.errors)", sourceLocation: location)
    }
}

/// The payload of a token, unjudged.
struct StoredClaims {
    let payload: [String: Any]

    init(_ token: String) throws {
        let parts = token.split(separator: ".")
        try #require(parts.count == 3)
        var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        let bytes = try #require(Data(base64Encoded: String(text)))
        payload = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    }

    var nats: [String: Any] { payload["nats"] as? [String: Any] ?? [:] }
    var issuer: String { payload["iss"] as? String ?? "" }
    var issued: Int { payload["iat"] as? Int ?? 0 }
    /// Signing keys: plain ones as text, those of roles by their key.
    var signingKeys: [String] {
        (nats["signing_keys"] as? [Any] ?? []).compactMap {
            ($0 as? String) ?? ($0 as? [String: Any])?["key"] as? String
        }
    }
    /// The role of a key.
    func scope(_ key: String) -> [String: Any]? {
        (nats["signing_keys"] as? [Any] ?? []).compactMap { $0 as? [String: Any] }.first { $0["key"] as? String == key }
    }
    /// The token of an import.
    func activation(_ index: Int) throws -> StoredClaims {
        let imports = nats["imports"] as? [[String: Any]] ?? []
        return try StoredClaims(#require(imports[index]["token"] as? String))
    }
    /// All that it says but who signed when.
    var content: NSDictionary {
        var rest = payload
        for name in ["iss", "iat", "jti"] { rest[name] = nil }
        return rest as NSDictionary
    }
}

import Foundation
import NKeys
import Testing
import Trust

/// A store with the accounts E, which exports, and I and O, which may import; made by the command line in a folder of
/// its own.
struct Exchange {
    let folder = TemporaryFolder()

    init(operatorFlags: [String] = []) throws {
        try yes(["add", "operator", "-n", "OP"] + operatorFlags)
        for name in ["E", "I", "O"] { try yes(["add", "account", "-n", name]) }
    }

    /// Runs a command on the store.
    func run(_ arguments: [String], input: [UInt8] = []) throws -> CommandRun {
        try Binary.start(arguments + ["-H", folder.path], input: input).wait()
    }

    /// Runs a command that must say yes.
    @discardableResult
    func yes(_ arguments: [String], _ location: SourceLocation = #_sourceLocation) throws -> CommandRun {
        let run = try run(arguments)
        #expect(run.status == 0, "\(arguments.joined(separator: " ")): \(run.errors)", sourceLocation: location)
        return run
    }

    /// Runs a command that rules must refuse, and that must leave every account as it is; the codes.
    func refusal(
        _ arguments: [String], _ location: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let before = try ["E", "I", "O"].map(token)
        let text = try run(arguments)
        #expect(text.status == 1, "\(arguments.joined(separator: " ")): \(text.errors)", sourceLocation: location)
        #expect(text.output.isEmpty && text.errors.contains("\nhint: "), sourceLocation: location)
        let run = try run(arguments + ["--json"])
        #expect(run.status == 1 && run.errors.isEmpty, sourceLocation: location)
        let json = try run.json(location)
        #expect(json["accepted"] as? Bool == false, sourceLocation: location)
        let failures = try #require(json["failures"] as? [[String: String]], sourceLocation: location)
        for failure in failures {
            #expect(Set(failure.keys) == ["rule", "at", "message"], sourceLocation: location)
            #expect(text.errors.contains("\(failure["rule"] ?? "?") at"), sourceLocation: location)
        }
        #expect(try ["E", "I", "O"].map(token) == before, "an account was changed", sourceLocation: location)
        return failures.compactMap { $0["rule"] }
    }

    func token(_ account: String) throws -> String { try folder.text("OP/accounts/\(account)/\(account).jwt") }

    /// The member `nats` of an account's token.
    func nats(_ account: String) throws -> [String: Any] {
        let file = folder.path("OP/accounts/\(account)/\(account).jwt")
        let run = try Binary.run("describe", "jwt", "--raw", "--json", "-f", file)
        #expect(run.status == 0, "\(run.errors)")
        let claims = try #require(try run.json()["claims"] as? [String: Any])
        return try #require(claims["nats"] as? [String: Any])
    }

    func exports(_ account: String = "E") throws -> [[String: Any]] {
        try nats(account)["exports"] as? [[String: Any]] ?? []
    }

    func imports(_ account: String = "I") throws -> [[String: Any]] {
        try nats(account)["imports"] as? [[String: Any]] ?? []
    }

    func key(_ account: String) throws -> PublicKey {
        let accounts = try run(["list", "accounts", "--json"]).json()["accounts"] as? [[String: Any]]
        let entry = try #require(accounts?.first { $0["name"] as? String == account })
        return try PublicKey(try #require(entry["subject"] as? String))
    }

    /// The key pair in the keystore, for tokens that the command line would not sign.
    func pair(_ key: PublicKey) throws -> KeyPair {
        let file = "keys/\(key.text.prefix(1))/\(key.text.dropFirst().prefix(2))/\(key.text).nk"
        let text = Array(try folder.text(file).utf8)
        let bytes = SecretBytes(capacity: text.count) { buffer in
            buffer.copyBytes(from: text)
            return text.count
        }
        return try KeyPair(Seed(parsing: try #require(bytes)))
    }

    /// Makes an activation of E; the path of its file.
    func activation(_ subject: String, for target: String = "I", _ flags: String...) throws -> String {
        let file = folder.path("\(UUID().uuidString).jwt")
        try yes(["generate", "activation", "-a", "E", "-s", subject, "-t", target, "-o", file] + flags)
        return file
    }

    /// How the imports of an account stand: whether each is in force, and the rules against it.
    func standing(_ account: String = "I") throws -> [(inForce: Bool, rules: [String])] {
        let run = try run(["describe", "account", account, "--json"])
        let imports = try #require(try run.json()["imports"] as? [[String: Any]])
        let validate = try self.run(["validate", "--json"]).json()["accounts"] as? [[String: Any]]
        let same = try #require(validate?.first { $0["name"] as? String == account }?["imports"] as? [[String: Any]])
        #expect((imports as NSArray).isEqual(to: same), "describe and validate differ")
        return imports.map { item in
            let failures = item["failures"] as? [[String: String]] ?? []
            return (item["accepted"] as? Bool == true, failures.compactMap { $0["rule"] })
        }
    }
}

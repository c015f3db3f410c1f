import Foundation
import NKeys
import Trust

/// A suite in a folder, as a reader of its own sees it: what a journal must hold after a run.
struct ReplayedSuite {
    struct Expectation: Decodable {
        let rules: [String]
        let possible: [String]?
    }

    struct Request: Decodable {
        let method: String
        let path: String
        let body: String
        let size: Int?
    }

    struct Account: Decodable {
        let key: String
        let token: String
    }

    struct World: Decodable {
        let id: String
        let rules: [String]
        let possible: [String]?
        let compatible: Expectation?
        let `operator`: Int?
        let importer: Account
    }

    struct Upload: Decodable {
        let id: String
        let rules: [String]
        let covers: [String]
        let `operator`: Int?
        let attack: Request
    }

    private struct File: Decodable {
        let worlds: [World]
        let uploads: [Upload]
    }

    /// What a refused attack leaves in the journal.
    struct Refusal {
        let id: String
        /// Nil where the path is not that of accounts.
        let account: String?
        let token: String
        let rules: Set<String>
        let possible: Set<String>
    }

    let folder: TemporaryFolder
    let worlds: [World]
    let uploads: [Upload]

    /// Makes a suite of its own.
    init(_ options: [String]) throws {
        folder = try TemporaryFolder()
        try Program.credenceSucceeds(["replay", "generate", folder.path("suite")] + options)
        let file = try JSONDecoder().decode(File.self, from: Data(folder.text("suite/suite.json").utf8))
        (worlds, uploads) = (file.worlds, file.uploads)
    }

    func path(_ name: String) -> String { folder.path("suite/\(name)") }

    /// The refusals by a server under an operator of the suite.
    func refusals(by operatorIndex: Int, policy: String) -> [Refusal] {
        let ofWorlds = worlds.filter { $0.operator ?? 0 == operatorIndex }.compactMap { world -> Refusal? in
            let relaxed = policy == "compatible" ? world.compatible : nil
            let rules = relaxed?.rules ?? world.rules
            guard !rules.isEmpty else { return nil }
            let possible = relaxed == nil ? world.possible : relaxed?.possible
            return Refusal(
                id: world.id, account: world.importer.key, token: world.importer.token,
                rules: Set(rules + ["U-binding"]), possible: Set(possible ?? []))
        }
        let ofUploads = uploads.filter { $0.operator ?? 0 == operatorIndex && !$0.rules.isEmpty }.map { upload in
            let root = "/jwt/v1/accounts/"
            let request = upload.attack
            let name = request.path.hasPrefix(root) ? String(request.path.dropFirst(root.count)) : nil
            // Where the path is no account's, or the body too large, nothing is read of the token.
            let isRead = name.map { (try? PublicKey($0, role: .account)) != nil } ?? true
            return Refusal(
                id: upload.id, account: name.map { String($0.prefix(64)) },
                token: isRead && request.size == nil ? request.body : "", rules: Set(upload.rules), possible: [])
        }
        return ofWorlds + ofUploads
    }
}

/// The journal of a server, entry by entry, each held to the one before it.
enum ReplayedJournal {
    static func entries(in folder: String) throws -> [JournalEntry] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jsonl") }
            .sorted()
        var reader = JournalReader()
        return try names.flatMap { name in
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            return try bytes.split(separator: 0x0a).map { line in
                try Array(line).withUnsafeBufferPointer { try reader.read($0) }
            }
        }
    }
}

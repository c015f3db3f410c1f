import Foundation
import Testing
import Trust

/// Tokens that came with the package, as data for tests.
enum TokenCorpus {
    struct Entry: Sendable, CustomTestStringConvertible {
        let name: String
        let token: [UInt8]
        var testDescription: String { name }
    }

    private static let folder: URL = {
        // Tests/TrustTests/TokenCorpus.swift is three below the root of the package.
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent("Testdata")
    }()

    /// The cases of a file of vectors that spell their token out and whose name begins so.
    static func vectors(_ file: String, prefix: String = "") throws -> [Entry] {
        let data = try Data(contentsOf: folder.appendingPathComponent("vectors/\(file)"))
        let top = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let cases = top?["cases"] as? [[String: Any]] ?? []
        return cases.compactMap { fields in
            guard let name = fields["id"] as? String, name.hasPrefix(prefix), let token = fields["token"] as? String,
                token.utf8.count > 0
            else { return nil }
            return Entry(name: name, token: Array(token.utf8))
        }
    }

    /// The tokens in the store that nsc wrote.
    static func nsc() throws -> [Entry] {
        let base = folder.appendingPathComponent("nsc/stores").path
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".jwt") }.sorted().map { name in
            let data = try Data(contentsOf: URL(fileURLWithPath: base + "/" + name))
            return Entry(name: name, token: Array(String(decoding: data, as: UTF8.self).trimmed.utf8))
        }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

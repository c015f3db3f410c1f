import Foundation

/// The files that came with the package.
enum Corpus {
    static let folder: String = {
        // Tests/NKeysTests/Corpus.swift is three below the root of the package.
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.path + "/Testdata"
    }()

    /// The contents of every file below this folder whose name ends so, with its path.
    static func files(in subfolder: String, suffix: String) throws -> [(path: String, bytes: [UInt8])] {
        let base = folder + "/" + subfolder
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
            (name, [UInt8](try Data(contentsOf: URL(fileURLWithPath: base + "/" + name))))
        }
    }

    /// Every text in `nkeys.json` that is offered as a key.
    static func keyTexts() throws -> [[UInt8]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/vectors/nkeys.json"))
        let top = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let cases = top?["cases"] as? [[String: Any]] ?? []
        return cases.flatMap { fields in
            ["text", "seed", "public", "private"].compactMap { (fields[$0] as? String).map { Array($0.utf8) } }
        }
    }
}

import Foundation
import NKeys
import Testing
import Trust

/// Tokens that the Go tools made, and the keys that signed them.
enum SigningCorpus {
    struct Token: CustomTestStringConvertible {
        /// The file, or the file and the case.
        let name: String
        let text: String
        var testDescription: String { name }

        /// The bytes of a segment.
        func segment(_ index: Int) -> [UInt8]? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            var base64 = String(parts[index]).replacing("-", with: "+").replacing("_", with: "/")
            while base64.count % 4 != 0 { base64 += "=" }
            return Data(base64Encoded: base64).map(Array.init)
        }
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Testdata").path

    /// Every token of the corpus that `nsc` made.
    static let tokens: [Token] = {
        var tokens: [Token] = []
        for path in files(under: "nsc") where path.hasSuffix(".jwt") {
            guard let text = try? String(contentsOfFile: "\(folder)/nsc/\(path)", encoding: .utf8) else { continue }
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("eyJ") {
                tokens.append(Token(name: path, text: String(line)))
            }
        }
        return tokens
    }()

    /// Every text in the vectors that looks like a token, with the name of its case.
    static func vectorTokens(_ file: String) -> [Token] {
        guard let data = FileManager.default.contents(atPath: "\(folder)/vectors/\(file)"),
            let top = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let cases = top["cases"] as? [[String: Any]]
        else { return [] }
        return cases.flatMap { item in
            texts(in: item).filter { $0.hasPrefix("eyJ") }.map { Token(name: item["id"] as? String ?? "", text: $0) }
        }
    }

    /// The key pairs of the corpus, by public key.
    static let keys: [String: KeyPair] = {
        var keys: [String: KeyPair] = [:]
        for path in files(under: "nsc/keys/keys") where path.hasSuffix(".nk") {
            guard let text = try? String(contentsOfFile: "\(folder)/nsc/keys/keys/\(path)", encoding: .utf8),
                let seed = try? Seed(text.trimmingCharacters(in: .whitespacesAndNewlines)),
                let pair = try? KeyPair(seed)
            else { continue }
            keys[pair.publicKey.text] = pair
        }
        return keys
    }()

    private static func files(under folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: "\(self.folder)/\(folder)")?.allObjects as? [String] ?? []).sorted()
    }

    private static func texts(in value: Any) -> [String] {
        switch value {
        case let text as String: [text]
        case let list as [Any]: list.flatMap(texts)
        case let object as [String: Any]: object.keys.sorted().flatMap { object[$0].map(texts) ?? [] }
        default: []
        }
    }
}

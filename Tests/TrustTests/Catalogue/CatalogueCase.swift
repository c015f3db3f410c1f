import Foundation
import Trust

/// One case of `Testdata/catalogue`: a small world, what is judged in it, and what must come out.
///
/// Testdata/README.md describes the format.
struct CatalogueCase: Decodable, Sendable {
    enum Judge: String, Decodable, Sendable {
        case token, `operator`, account, user, binding, upload
    }

    enum Side: String, Decodable, Sendable {
        case accept, reject
    }

    struct Failure: Decodable, Hashable, Sendable, CustomStringConvertible {
        let rule: String
        let at: String
        var description: String { "\(rule) at `\(at)`" }
    }

    struct Connection: Decodable, Sendable {
        struct Usage: Decodable, Sendable {
            let connections: Int?
            let leafConnections: Int?
        }

        let host: String
        let type: String
        let nonce: String
        let signature: String?
        let proxy: String?
        let usage: Usage?
    }

    struct Dependent: Decodable, Hashable, Sendable {
        let account: String
        let `import`: Int
        let change: String
    }

    struct Options: Decodable, Sendable {
        let unknownExporters: String?
        let brokenDependents: String?
    }

    struct Choices: Decodable, Sendable {
        let base: String?
        let maximumTokenSize: Int?
        let maximumLifetime: [String: Int64]?
        let audiences: [String]?
    }

    let id: String
    let rule: String
    let about: String
    let judge: Judge
    let expected: Side
    let failures: [Failure]?
    let type: String?
    let token: String?
    let key: String?
    let anchors: [String]?
    let accounts: [String: String]?
    let pinned: [String]?
    let connection: Connection?
    let policy: Choices?
    let importer: String?
    let index: Int?
    let path: String?
    let deleted: Int64?
    let access: String?
    let options: Options?
    let dependents: [Dependent]?
}

/// A file of cases, and the moment at which they are judged.
struct CatalogueFile: Decodable {
    let now: Int64
    let cases: [CatalogueCase]

    static let names = ["token.json", "chain.json", "binding.json", "upload.json"]

    /// Every case with its moment, in the order of the files.
    static func all() throws -> [(CatalogueCase, UnixTime)] {
        // Tests/TrustTests/Catalogue/CatalogueCase.swift is four below the root.
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try names.flatMap { name in
            let path = root.appendingPathComponent("Testdata/catalogue/\(name)")
            let file = try decoder.decode(CatalogueFile.self, from: Data(contentsOf: path))
            guard let now = UnixTime(file.now) else { throw CatalogueFault("`now` is negative") }
            return file.cases.map { ($0, now) }
        }
    }
}

/// A case that is not in the documented format.
struct CatalogueFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

import FolderStores
import Foundation
import NKeys
import SystemTimeZones
import Trust

/// What `nsc` made, and what the real server did with it; Testdata/nsc/README.md describes both.
enum Corpus {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let folder = "\(root)/Testdata/nsc"

    static func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
    }

    static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// The token in a file, bare or decorated.
    static func token(_ path: String) throws -> String {
        String(decoding: try DecoratedToken(parsing: bytes(path)).token, as: UTF8.self)
    }

    /// The creds in a file.
    static func creds(_ path: String) throws -> CredentialsFile {
        try bytes(path).withUnsafeBytes { try CredentialsFile(parsing: $0) }
    }

    /// The creds of a user as `ACCOUNT/USER`.
    static func creds(of user: String, under operator: String) throws -> CredentialsFile {
        try creds("keys/creds/\(`operator`)/\(user).creds")
    }

    /// The files below a folder whose names end so, in order.
    static func files(under path: String, ending: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(path)").filter { $0.hasSuffix(ending) }
            .sorted().map { "\(path)/\($0)" }
    }

    static func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(path)") }
}

/// A file of the corpus that is not as its README says.
struct CorpusFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Verdict {
    /// The codes of the failed rules, each once.
    var codes: [String] { Array(Set(failures.map(\.rule))).sorted().map(\.code) }
}

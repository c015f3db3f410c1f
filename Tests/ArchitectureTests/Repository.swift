import Foundation

/// The package's own files, read where it was built.
enum Repository {
    /// Tests/ArchitectureTests/Repository.swift is three below the root.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Paths of the files below `folder`, relative to the root and sorted. What a build leaves behind is not there.
    static func files(below folder: String = "") -> [String] {
        let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
        guard let paths = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var found: [String] = []
        while let path = paths.nextObject() as? String {
            let first = path.prefix { $0 != "/" }
            if folder.isEmpty, first == ".git" || first.hasPrefix(".build") || first == "Package.resolved" {
                paths.skipDescendants()
            } else if paths.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                found.append(folder.isEmpty ? path : "\(folder)/\(path)")
            }
        }
        return found.sorted()
    }

    /// Swift sources below `folder`.
    static func sources(below folder: String) throws -> [SourceFile] {
        try files(below: folder).filter { $0.hasSuffix(".swift") }.map { SourceFile(path: $0, text: try text(of: $0)) }
    }

    /// Every source of the package's modules, read once.
    static let moduleSources = Result { try sources(below: "Sources") }

    /// The text of a file; bytes that are no UTF-8 are replaced.
    static func text(of path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
    }

    /// What stands at the top, hidden files included.
    static func top() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }
}

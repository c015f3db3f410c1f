import Foundation
import Testing

/// The shape of the repository: what stands at the top, how long files are, what no file may say.
@Suite struct ShapeTests {
    @Test func `at the top stands what belongs there and nothing else`() throws {
        #expect(Shape.strangers(atTop: try Repository.top()) == [])
    }

    @Test func `no source is too long, and no exception is stale`() throws {
        let sources = try Repository.moduleSources.get() + Repository.sources(below: "Tests")
        #expect(Shape.lengthFaults(in: sources, exceptions: Shape.longFiles) == [])
    }

    @Test func `nothing names a path of the machine that it was written on`() throws {
        for path in Repository.files() {
            let found = Shape.machinePaths(in: try Repository.text(of: path), at: path)
            #expect(found == [])
        }
    }

    @Test func `a stranger at the top, a long file, a stale exception and a path are found`() {
        #expect(Shape.strangers(atTop: ["Sources", ".git", "Makefile", "scripts"]) == ["Makefile", "scripts"])
        let long = SourceFile(path: "Sources/A.swift", text: String(repeating: "\n", count: 401))
        let short = SourceFile(path: "Sources/B.swift", text: String(repeating: "\n", count: 400))
        #expect(Shape.lengthFaults(in: [long, short], exceptions: [:]).count == 1)
        #expect(Shape.lengthFaults(in: [long, short], exceptions: ["Sources/A.swift": "a reason"]) == [])
        #expect(Shape.lengthFaults(in: [short], exceptions: ["Sources/B.swift": "a reason"]).count == 1)
        #expect(Shape.lengthFaults(in: [long], exceptions: ["Sources/A.swift": ""]).count == 1)
        let home = "see " + "/ho" + "me/someone/notes"
        #expect(Shape.machinePaths(in: home, at: "Docs/A.md").count == 1)
        let temporary = "\"" + "/t" + "mp/x\""
        #expect(Shape.machinePaths(in: temporary, at: "Sources/A.swift").count == 1)
        #expect(Shape.machinePaths(in: temporary, at: "Tests/A.swift") == [])
        #expect(Shape.machinePaths(in: "swift-" + "packages", at: "Tests/A.swift").count == 1)
    }
}

enum Shape {
    static let longest = 400

    /// Sources that may be longer, each with the reason why it is not split.
    static let longFiles: [String: String] = [:]

    static func strangers(atTop names: [String]) -> [String] {
        let known: Set<String> = ["Package.swift", "README.md", "LICENSE", "Sources", "Tests", "Testdata", "Docs"]
        // The package manager writes what it resolved beside the manifest.
        return names.filter { !known.contains($0) && !$0.hasPrefix(".") && $0 != "Package.resolved" }
    }

    static func lengthFaults(in sources: [SourceFile], exceptions: [String: String]) -> [String] {
        let long = sources.filter { $0.lineCount > longest }
        let unexcused = long.filter { exceptions[$0.path, default: ""].isEmpty }
            .map { "\($0.path) has \($0.lineCount) lines" }
        let stale = Set(exceptions.keys).subtracting(long.map(\.path)).sorted()
        return unexcused + stale.map { "\($0) is not too long any more" }
    }

    /// Paths that stand for one machine only.
    static func machinePaths(in text: String, at path: String) -> [String] {
        // Written in two halves, so that this file passes its own check. Tests name temporary folders, and homes that
        // nobody has.
        var barred = ["/wo" + "rk/", "swift-" + "packages"]
        if !path.hasPrefix("Tests/") { barred += ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/t" + "mp/"] }
        let bytes = Data(text.utf8)
        return barred.filter { bytes.range(of: Data($0.utf8)) != nil }.map { "\(path) names \($0)" }
    }
}

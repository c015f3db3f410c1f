import Testing

/// The module graph, and the order of the folders inside `Trust`. Docs/Architecture.md draws both.
@Suite struct LayeringTests {
    private let sources: [SourceFile]
    private let manifest: Manifest

    init() throws {
        sources = try Repository.moduleSources.get()
        manifest = Manifest(try Repository.text(of: "Package.swift"))
    }

    @Test func `every module imports only what the table allows`() {
        #expect(Layering.importFaults(in: sources, modules: ModuleTable.modules) == [])
        #expect(sources.count > 50, "the sources were not found")
    }

    @Test func `the table allows nothing that is not needed, and the core nothing from a package`() {
        #expect(Layering.tableFaults(for: sources, modules: ModuleTable.modules) == [])
        #expect(Layering.cycles(in: ModuleTable.modules) == [])
    }

    @Test func `the manifest and the table agree`() {
        let packages = Set(ModuleTable.packages.keys)
        let partsOfTests = Set(ModuleTable.partsOfTests.keys)
        let faults = Layering.manifestFaults(
            manifest, modules: ModuleTable.modules, packages: packages, partsOfTests: partsOfTests)
        #expect(faults == [])
        #expect(Layering.undeclaredImports(in: sources, manifest: manifest) == [])
        #expect(!manifest.usesUnsafeFlags, "a package that uses them cannot be depended upon")
        #expect(manifest.targets.count > 10, "the targets were not found")
    }

    @Test func `a file of Trust names no type of a later folder`() {
        let trust = sources.filter { $0.module == "Trust" }
        #expect(Layering.folderFaults(in: trust, order: ModuleTable.trustFolders) == [])
        #expect(trust.contains { $0.folder == "Claims" && $0.offeredNames.contains("VerifiedToken") })
    }

    @Test func `no type bears the name of a module`() {
        let modules = Set(manifest.targets.map(\.name))
        #expect(Layering.typesNamedAsModules(in: sources, modules: modules) == [])
    }

    @Test func `no two paths differ by case alone`() {
        #expect(Layering.pathsThatDifferByCase(in: Repository.files()) == [])
    }
}

/// Each check is shown a fault: one that finds nothing there would find nothing anywhere.
@Suite struct PlantedViolations {
    private let below = ModuleTable.Module(name: "Below", own: [], outside: [:])
    private let above = ModuleTable.Module(name: "Above", own: ["Below"], outside: ["Glibc": "files"])

    @Test(arguments: [
        "import Above", "@testable import Above", "public import Above", "import struct Above.Thing",
        "  @_exported import Above", "import Foundation", "let text = \"a /* b\"\nimport Above",
    ])
    func `an import upwards or outwards is found`(text: String) {
        let source = SourceFile(path: "Sources/Below/File.swift", text: text)
        #expect(Layering.importFaults(in: [source], modules: [below, above]).count == 1)
    }

    @Test(arguments: ["// import Above", "/* \n/* */ import Above\n*/", "let text = \"\"\"\nimport Above\n\"\"\""])
    func `an import in a comment or a text is none`(text: String) {
        let source = SourceFile(path: "Sources/Below/File.swift", text: text)
        #expect(Layering.importFaults(in: [source], modules: [below, above]) == [])
    }

    @Test func `an unknown module, a stale line, an unreasoned line and Foundation in the core are found`() {
        let stranger = SourceFile(path: "Sources/Stranger/File.swift", text: "")
        #expect(Layering.importFaults(in: [stranger], modules: [below, above]).count == 1)
        #expect(Layering.tableFaults(for: [], modules: [above]).count == 1)
        let unreasoned = ModuleTable.Module(name: "Below", own: [], outside: ["Glibc": ""])
        let uses = SourceFile(path: "Sources/Below/File.swift", text: "import Glibc")
        #expect(Layering.tableFaults(for: [uses], modules: [unreasoned]).count == 1)
        let core = ModuleTable.Module(name: "Trust", own: [], outside: ["Foundation": "text"])
        let text = SourceFile(path: "Sources/Trust/File.swift", text: "import Foundation")
        #expect(Layering.tableFaults(for: [text], modules: [core]).count == 1)
        let circle = ModuleTable.Module(name: "Below", own: ["Above"], outside: [:])
        #expect(Layering.cycles(in: [circle, above]) == ["Above", "Below"])
    }

    @Test func `a dependency that the table does not allow, or the target does not declare, is found`() {
        let manifest = Manifest(
            """
            dependencies: [
                .package(url: "https://example.com/some/package-a.git", from: "1.0.0")
            ],
            targets: [
                .systemLibrary(name: "CStranger", pkgConfig: "stranger"),
                .target(name: "Below", dependencies: ["Above", .product(name: "Thing", package: "package-a")]),
                .target(name: "Above"),
                .testTarget(name: "BelowTests", dependencies: ["Below", "Above"]),
            ]
            """)
        #expect(manifest.targets.map(\.name) == ["CStranger", "Below", "Above", "BelowTests"])
        let faults = Layering.manifestFaults(manifest, modules: [below, above], packages: [])
        #expect(
            faults == [
                "the package package-a stands in only one of manifest and table",
                "the system library CStranger is not in the table",
                "the target Below depends on Above, which the table does not allow",
                "the target Below depends on Thing, which the table does not allow",
            ])
        let source = SourceFile(path: "Sources/Above/File.swift", text: "import Below\nimport Thing\nimport Swift")
        #expect(Layering.undeclaredImports(in: [source], manifest: manifest).count == 2)
    }

    @Test func `a part of tests that a module depends on, that stands among the modules or is gone, is found`() {
        let manifest = Manifest(
            """
            targets: [
                .target(name: "Below", dependencies: ["Part"]),
                .target(name: "Part", path: "Tests/Part"),
                .target(name: "Stray"),
            ]
            """)
        let faults = Layering.manifestFaults(
            manifest, modules: [below], packages: [], partsOfTests: ["Part", "Stray", "Gone"])
        #expect(
            faults == [
                "the target Below depends on Part, which is for tests", "the target Stray does not stand below Tests",
                "the part of tests Gone is no target",
            ])
    }

    @Test func `a name of a later folder is found, in code only`() {
        let order = ["Early", "Late"]
        let late = SourceFile(
            path: "Sources/Trust/Late/Proof.swift",
            text: "public struct Proof { struct Part {} }\nprivate struct Hidden {}\nextension Proof { enum Kind {} }")
        func faults(_ text: String) -> Int {
            let early = SourceFile(path: "Sources/Trust/Early/File.swift", text: text)
            return Layering.folderFaults(in: [early, late], order: order).count
        }
        #expect(faults("func check() -> Proof? { nil }") == 1)
        #expect(faults("let text = \"\\(Proof.self)\"") == 1)
        #expect(faults("let list: [Proof] = []") == 1)
        #expect(faults("/// Makes a `Proof`.\nlet text = \"Proof\"") == 0)
        #expect(faults("let part = Other.Proof.self") == 0)
        #expect(faults("struct Hidden {}\nstruct Part {}\nlet kind: Kind?") == 0)
        #expect(Layering.folderFaults(in: [late], order: ["Early"]).count == 1)
    }

    @Test func `a type named as a module, and paths that differ by case, are found`() {
        let source = SourceFile(path: "Sources/Below/File.swift", text: "public enum Below {}\n// enum Above {}")
        #expect(Layering.typesNamedAsModules(in: [source], modules: ["Below", "Above"]).count == 1)
        #expect(Layering.pathsThatDifferByCase(in: ["Docs/a.md", "docs/b.md", "Sources/a.swift"]) == ["Docs and docs"])
    }
}

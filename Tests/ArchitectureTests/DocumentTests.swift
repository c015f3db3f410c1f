import Testing

/// Documents say what is so: what they name is there, and what they tell to run is run.
@Suite struct DocumentTests {
    @Test func `every file and folder that a document names is there`() throws {
        let top = Set(try Repository.top())
        let documents = Repository.files(below: "Docs").filter { $0.hasSuffix(".md") } + ["README.md"]
        #expect(documents.count > 10, "the documents were not found")
        for path in documents {
            let text = try Repository.text(of: path)
            #expect(Documents.missingPaths(in: text, at: path, top: top, exists: Repository.exists) == [])
        }
    }

    @Test func `the architecture names every module and every folder of Trust`() throws {
        let text = try Repository.text(of: "Docs/Architecture.md")
        for module in ModuleTable.modules { #expect(text.contains("`Sources/\(module.name)`")) }
        #expect(text.contains(ModuleTable.trustFolders.joined(separator: " -> ")))
    }

    @Test func `every command of the README is run`() throws {
        let (readme, script) = (try Repository.text(of: "README.md"), try Repository.text(of: ".ci/run"))
        #expect(Documents.commandBlocks(in: readme).map(\.name) == ["validate", "tests", "broker", "serve", "walk"])
        #expect(Documents.blocksNotRun(in: readme, by: script) == [])
        let unnamed = readme.matches(of: /(?m)^```(?!sh \w+$|$)/)
        #expect(unnamed.isEmpty, "a block of the README has no name, so that nothing runs it")
    }

    @Test func `the README's first command judges a store, and its second passes the tests`() throws {
        let blocks = Documents.commandBlocks(in: try Repository.text(of: "README.md"))
        #expect(blocks.first?.commands.contains("credence validate --store Testdata/nsc/stores/CORP") == true)
        #expect(blocks.dropFirst().first?.commands.contains("swift test") == true)
    }

    @Test func `what the checklist of tokens rests on is there`() throws {
        let text = try Repository.text(of: "Docs/TokenChecklist.md")
        let files = Repository.files(below: "Tests") + Repository.files(below: "Sources")
        let sources = try files.filter { $0.hasSuffix(".swift") }.map(Repository.text(of:)).joined()
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("| ") }.count > 40)
        #expect(Documents.unkept(in: text, sources: sources) == [])
        let planted = "| 1 | a | `Q-gone`, `F-alg`; test `nobody tests this` |"
        #expect(Documents.unkept(in: planted, sources: "case a = \"F-alg\"") == ["Q-gone", "nobody tests this"])
    }

    @Test func `each row of the divergences is whole, and no two have one id`() throws {
        let rows = Documents.rows(ofTable: "id", in: try Repository.text(of: "Docs/Divergences.md"))
        #expect(rows.count > 30)
        for row in rows { #expect(row.count == 5 && row.allSatisfy { !$0.isEmpty }, "\(row.first ?? "")") }
        #expect(Set(rows.compactMap(\.first)).count == rows.count)
    }

    @Test func `the vectors that contradict the rules are those that the divergences list`() throws {
        let rows = Documents.rows(ofTable: "id", in: try Repository.text(of: "Docs/Divergences.md")).compactMap(\.first)
        let listed = rows.filter { $0.hasPrefix("vector-") }.map { String($0.dropFirst("vector-".count)) }
        let source = try Repository.text(of: "Tests/VectorsTests/VectorContradictions.swift")
        let known = source.matches(of: /"([\w-]+)": Row\(/).map { String($0.output.1) }
        #expect(Set(listed) == Set(known))
        #expect(!known.isEmpty)
    }

    @Test func `a path that is not there, a block that is not run and an unwhole row are found`() {
        let text = "see `Sources/Gone` and `Sources/There` and [this](Gone.md), not `a/b` or `vectors`"
        let missing = Documents.missingPaths(in: text, at: "Docs/A.md", top: ["Sources"]) { $0 == "Sources/There" }
        #expect(missing.count == 2)
        let readme = "```sh one\na\n```\ntext\n```sh two\nb\nc\n```\n```sh\nd\n```\n"
        #expect(Documents.commandBlocks(in: readme).map(\.commands) == ["a\n", "b\nc\n", "d\n"])
        #expect(Documents.blocksNotRun(in: readme, by: "run_readme one\nrun_readme two\nsteps=(one)") == ["two", ""])
        let table = "| id | what |\n|---|---|\n| a | b c |\n| d |\n\n| e | f |"
        #expect(Documents.rows(ofTable: "id", in: table) == [["a", "b c"], ["d"]])
    }
}

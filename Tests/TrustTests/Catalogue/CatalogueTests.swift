import Foundation
import Testing

@testable import Trust

/// Every rule is written down once, listed once, raised, and shown by an accepting and a refusing vector.
@Suite struct Catalogue {
    static let cases = Result { try CatalogueFile.all() }

    @Test func `each vector is judged as it says, by rule and place and in order`() throws {
        let cases = try Self.cases.get()
        #expect(cases.count > 60, "the vectors were not found")
        for (vector, now) in cases {
            let failures = try CatalogueRunner(vector: vector, now: now).failures()
            #expect(failures == vector.failures ?? [], "\(vector.id): \(vector.about)")
        }
    }

    @Test func `every rule that is raised has an accepting and a refusing vector`() throws {
        let cases = try Self.cases.get().map(\.0)
        #expect(RuleCatalogue.vectorFaults(cases, notRaised: RuleCatalogue.notRaised) == [])
        #expect(RuleCatalogue.notRaised.values.allSatisfy { $0.count > 20 }, "a reason is missing")
    }

    @Test func `nothing raises a rule that is listed as not raised`() throws {
        let names = RuleCatalogue.names(inEnum: try text("Sources/Trust/Verdict/Rule.swift"))
        #expect(Set(names.values) == Set(Rule.allCases))
        var raised: Set<Rule> = []
        for path in try sources() { raised.formUnion(RuleCatalogue.raised(in: try text(path), names: names)) }
        #expect(raised.intersection(RuleCatalogue.notRaised.keys) == [])
        #expect(raised.count > 25, "the sources were not found")
    }

    @Test func `the document lists the rules of the enum in its order`() throws {
        let document = try text("Docs/TrustRules.md")
        #expect(RuleCatalogue.codes(inDocument: document) == Rule.allCases.map(\.code))
        #expect(RuleCatalogue.strangers(inDocument: document) == [])
    }

    @Test func `the rules that the compatible policy relaxes are those marked in the document`() throws {
        let marked = try text("Docs/TrustRules.md").matches(of: /(?m)^\| `([TCBU]-[a-z0-9-]+)` \(c\) \|/)
        #expect(marked.map { String($0.output.1) } == ["T-legacy", "C-template-value", "B-subject"])
        var policy = Policy.compatible
        #expect(policy != .strict)
        policy.legacyTokens = .refused
        policy.templateValues = .oneToken
        policy.subjectBinding = .exact
        #expect(policy == .strict)
    }

    @Test func `a missing vector, a foreign code, a rule out of order and a raised rule are found`() throws {
        let cases = try Self.cases.get().map(\.0)
        func faults(_ cases: [CatalogueCase], _ notRaised: [Rule: String] = RuleCatalogue.notRaised) -> Int {
            RuleCatalogue.vectorFaults(cases, notRaised: notRaised).count
        }
        #expect(faults(Array(cases.dropFirst())) == 1)
        #expect(faults(cases + [cases[0]]) == 1)
        #expect(faults(cases, [:]) == 2 * RuleCatalogue.notRaised.count)
        #expect(faults(cases, RuleCatalogue.notRaised.merging([.tokenSize: "a reason"]) { $1 }) == 1)

        let document = "| `T-size` | a |\n| `B-subject` (c) | b |\ntext of C-operator\n| `B-cycles` | c |"
        #expect(RuleCatalogue.codes(inDocument: document) == ["T-size", "B-subject", "B-cycles"])
        #expect(RuleCatalogue.strangers(inDocument: document) == ["B-cycles"])

        let names = ["importCycle": Rule.importCycle]
        #expect(RuleCatalogue.raised(in: "judgement.fail(.importCycle, at: place)", names: names) == [.importCycle])
        #expect(RuleCatalogue.raised(in: "Finding(\n    .importCycle, at: place)", names: names) == [.importCycle])
        #expect(RuleCatalogue.raised(in: "couldNotJudge([.importCycle])", names: names) == [])
    }

    // MARK: Files

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
    }

    private func sources() throws -> [String] {
        let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent("Sources").path)
        return (paths?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }.map { "Sources/\($0)" }
    }

    private var root: URL {
        (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }
}

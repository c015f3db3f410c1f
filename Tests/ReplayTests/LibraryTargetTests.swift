import NKeys
import Replay
import Testing
import Trust

@Suite("The library under attack")
struct LibraryTargetTests {
    @Test(
        "nothing gets through, each attack is refused for what it is, and the good imports work",
        arguments: [
            SuitePolicy.strict, .compatible,
        ])
    func holds(_ policy: SuitePolicy) throws {
        let report = SuiteMaking.report(try SuiteMaking.suite(pairs: .leading), policy)
        #expect(report.holds, "\(report.text)")
        #expect(report.attacks > 2000 && report.controls == 16)
        #expect(report.relaxed > 0 || policy == .strict)
    }

    @Test("an attack is refused by the rules that it breaks and by no others, but where a text has two readings")
    func exact() throws {
        let suite = try SuiteMaking.suite(pairs: .leading)
        let outcomes = LibraryTarget(policy: .strict).outcomes(of: suite, at: suite.at)
        let twoReadings: Set = ["text-line-break", "text-subject-twice", "text-subject-in-capitals"]
        for (world, outcome) in zip(suite.worlds, outcomes) where twoReadings.isDisjoint(with: world.mutations) {
            let expected: ReplayOutcome = world.isControl ? .accepted : .refused(rules: world.strict.rules)
            #expect(outcome == expected, "\(world.id)")
        }
    }

    /// Each with the change that must then get through.
    private static let relaxations: [(Rule, String)] = [
        (.activationImporter, "importer-other"), (.activationExporter, "exporter-claimed-by-other"),
        (.activationScopedSigner, "signer-scoped"), (.activationKind, "kind-of-token"),
        (.activationSubject, "subject-of-import"), (.accountPosition, "position-other"),
        (.activationAudience, "audience-other"), (.activationRevoked, "revocation-of-importer"),
        (.activationMissing, "text-absent"),
    ]

    @Test("where one rule is off, attacks get through", arguments: relaxations)
    func relaxed(_ rule: Rule, _ mutation: String) throws {
        var policy = Policy.strict
        policy.relaxed = [rule]
        let report = SuiteMaking.report(try SuiteMaking.suite(), rules: policy)
        #expect(!report.holds)
        #expect(report.through.contains { $0.trial.mutations == [mutation] }, "\(report.text)")
        // B-public-token stands for nothing by itself: it says that another rule held on a public export too.
        for entry in report.through {
            #expect(entry.trial.strict.rules.filter { $0 != "B-public-token" } == [rule.code], "\(entry.trial.id)")
        }
        #expect(report.unnamed.allSatisfy { $0.missing.contains(rule.code) })
    }

    @Test("a suite that is out of date shows as one whose good imports do not work")
    func outOfDate() throws {
        let suite = try SuiteMaking.suite(["stream"])
        let report = SuiteMaking.report(suite, at: suite.until)
        #expect(!report.holds && report.broken.count == 1 && report.through.isEmpty)
        #expect(SuiteMaking.report(suite, at: suite.until.advanced(by: -1)).holds)
    }

    @Test(
        "every attack on uploads is refused by its rules exactly, and what is good among them is taken",
        arguments: [SuitePolicy.strict, .compatible])
    func uploads(_ policy: SuitePolicy) throws {
        let suite = try SuiteMaking.suite(["stream"])
        let uploads = suite.uploads.filter(\.isJudgedByLibrary)
        let outcomes = LibraryTarget(policy: policy.rules).outcomes(of: uploads, in: suite, at: suite.at)
        let report = ReplayReport(uploads.map(\.trial), outcomes, target: "library", policy: policy, at: suite.at)
        #expect(report.holds && report.attacks > 80 && report.controls >= 4, "\(report.text)")
        // Several exports at once, circles and limits are attacked here and not by worlds.
        let broken = Set(uploads.flatMap(\.strict.rules))
        #expect(broken.isSuperset(of: ["B-export-choice", "B-cycle", "B-limits", "U-path", "U-signer", "U-stale"]))
    }

    @Test("where circles are allowed, those that close one get through")
    func circles() throws {
        var policy = Policy.strict
        policy.relaxed = [.importCycle]
        let suite = try SuiteMaking.suite(["stream"])
        let uploads = suite.uploads.filter(\.isJudgedByLibrary)
        let outcomes = LibraryTarget(policy: policy).outcomes(of: uploads, in: suite, at: suite.at)
        let report = ReplayReport(uploads.map(\.trial), outcomes, target: "library", policy: .strict, at: suite.at)
        let closing = uploads.filter { $0.strict.rules.contains("B-cycle") }.map(\.id)
        #expect(!report.holds && closing.count == 6 && report.through.map(\.trial.id) == closing, "\(report.text)")
    }

    @Test("for as long as a suite is good, no attack becomes one that is not", arguments: [3600, 86_399])
    func laterOn(_ seconds: Int64) throws {
        let suite = try SuiteMaking.suite()
        let report = SuiteMaking.report(suite, at: suite.at.advanced(by: seconds))
        #expect(report.holds, "\(report.text)")
    }
}

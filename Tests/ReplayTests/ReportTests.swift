import Replay
import Testing
import Trust

@Suite("A report of a run")
struct ReportTests {
    private let suite: ReplaySuite

    init() throws { suite = try SuiteMaking.suite(["stream"]) }

    private func report(_ outcome: (ReplaySuite.World) -> ReplayOutcome) -> ReplayReport {
        ReplayReport(suite, suite.worlds.map(outcome), target: "nobody", policy: .strict, at: nil)
    }

    @Test("a target that stops every attack and lets the good imports work holds")
    func good() {
        let report = report { $0.isControl ? .accepted : .stopped("nothing crosses") }
        #expect(report.holds && report.stopped == ["nothing crosses": suite.attacks.count])
    }

    @Test("a target that lets everything through is told so, attack by attack")
    func open() {
        let report = report { _ in .accepted }
        #expect(!report.holds && report.through.count == suite.attacks.count)
        for world in suite.attacks { #expect(report.text.contains("through: \(world.id): breaks ")) }
    }

    @Test("a target that stops the good imports too proves nothing")
    func closed() {
        let report = report { _ in .stopped("nothing crosses") }
        #expect(!report.holds && report.through.isEmpty && report.broken.map(\.trial.id) == ["stream/good"])
        #expect(report.text.contains("proves nothing"))
    }

    @Test("what was not tried did not hold, nor what has no outcome")
    func notTried() {
        let failed = report { $0.isControl ? .accepted : .notTried("the server closed the connection") }
        #expect(!failed.holds && failed.notTried.count == suite.attacks.count)
        let short = ReplayReport(suite, [.accepted], target: "nobody", policy: .strict, at: nil)
        #expect(!short.holds && short.notTried.count == suite.attacks.count)
        let none = ReplayReport(suite, [], target: "nobody", policy: .strict, at: nil)
        #expect(!none.holds && none.notTried.count == suite.worlds.count)
    }

    @Test("a refusal that does not name what is broken is told")
    func unnamed() throws {
        let report = report { $0.isControl ? .accepted : .refused(rules: ["B-importer"]) }
        #expect(!report.holds)
        #expect(!report.unnamed.contains { $0.entry.trial.mutations == ["importer-other"] })
        let scoped = try #require(report.unnamed.first { $0.entry.trial.mutations == ["signer-scoped"] })
        #expect(scoped.missing == ["B-scoped-signer"])
    }

    @Test("a refusal by rules that are not broken, one that changes something, and two answers in one are told")
    func otherFaults() {
        let beside = report { $0.isControl ? .accepted : .refused(rules: $0.strict.rules + ["U-stale"]) }
        #expect(!beside.holds && beside.unexpected.count == suite.attacks.count && beside.unnamed.isEmpty)
        #expect(beside.unexpected.allSatisfy { $0.beside == ["U-stale"] })
        let exact = report { $0.isControl ? .accepted : .refused(rules: $0.strict.rules + $0.strict.possible) }
        #expect(exact.holds, "\(exact.text)")
        let changed = report { $0.isControl ? .accepted : .changed }
        #expect(!changed.holds && changed.through.count == suite.attacks.count)
        let torn = report { $0.isControl ? .accepted : .inconsistent("one thing, and another in a dry run") }
        #expect(!torn.holds && torn.inconsistent.count == suite.attacks.count && torn.through.isEmpty)
    }

    @Test("the JSON is one object with every list")
    func json() throws {
        let json = try JSONValue(parsing: Array(report { _ in .accepted }.json.utf8))
        #expect(
            Set(try #require(json.members).keys) == [
                "holds", "target", "policy", "attacks", "controls", "relaxed", "elsewhere", "stopped", "through",
                "unnamed", "unexpected", "inconsistent", "broken", "not_tried",
            ])
        #expect(json["holds"] == .boolean(false))
        #expect(json["through"]?.elements?.count == suite.attacks.count)
    }
}

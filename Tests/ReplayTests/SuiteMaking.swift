import NKeys
import Replay
import Trust

/// Small suites for tests, the same each time.
enum SuiteMaking {
    static let at: Int64 = 1_795_212_780

    static func suite(
        _ bases: [String]? = nil, pairs: SuiteGenerator.Pairs = .none, label: String = "replay tests"
    ) throws -> ReplaySuite {
        let at = UnixTime(at) ?? .zero
        return try SuiteGenerator(keys: .labelled(label), at: at, bases: bases, pairs: pairs).suite().suite
    }

    /// A world with other tokens and claims where they are given.
    static func report(
        _ suite: ReplaySuite, _ policy: SuitePolicy = .strict, rules: Policy? = nil, at: UnixTime? = nil
    ) -> ReplayReport {
        let at = at ?? suite.at
        let outcomes = LibraryTarget(policy: rules ?? policy.rules).outcomes(of: suite, at: at)
        return ReplayReport(suite, outcomes, target: "library", policy: policy, at: at)
    }
}

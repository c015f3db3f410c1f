import Trust

/// What a run shows: which attacks got through, and whether the target can be believed at all.
public struct ReplayReport: Sendable {
    /// An attack or a good import, with what is to be said of it.
    public struct Entry: Sendable {
        /// What was tried.
        public let trial: ReplaySuite.Trial
        /// What became of it.
        public let outcome: ReplayOutcome
    }

    /// What the suite was run against, in a word or a URL.
    public let target: String
    /// The policy whose answers count.
    public let policy: SuitePolicy
    /// As of when, where the target was told; nil where it has a clock of its own.
    public let at: UnixTime?
    /// All attacks that were tried by that policy.
    public let attacks: Int
    /// All good imports.
    public let controls: Int
    /// Attacks that worked, or were refused and yet changed something.
    public let through: [Entry]
    /// Attacks that the target refused without naming every rule that they break, with the codes that are missing.
    public let unnamed: [(entry: Entry, missing: [String])]
    /// Attacks that the target refused by rules that they do not break, with the codes of those.
    public let unexpected: [(entry: Entry, beside: [String])]
    /// Attacks of which the target says two things that cannot be true together.
    public let inconsistent: [Entry]
    /// Attacks that this target cannot be tried with, such as those under another operator.
    public let elsewhere: Int
    /// Good imports that do not work: then refusals prove nothing.
    public let broken: [Entry]
    /// What could not be tried.
    public let notTried: [Entry]
    /// How many attacks were stopped, by how that showed.
    public let stopped: [String: Int]
    /// Worlds that are attacks by the strict policy and good by this one.
    public let relaxed: Int

    /// Holds outcomes, in the order of the suite's worlds, against what the suite expects.
    public init(_ suite: ReplaySuite, _ outcomes: [ReplayOutcome], target: String, policy: SuitePolicy, at: UnixTime?) {
        self.init(suite.worlds.map(\.trial), outcomes, target: target, policy: policy, at: at)
    }

    /// Holds outcomes, in the order of the trials, against what is expected of those.
    ///
    /// - Parameter elsewhere: how many attacks of the suite are not among the trials.
    public init(
        _ trials: [ReplaySuite.Trial], _ outcomes: [ReplayOutcome], target: String, policy: SuitePolicy, at: UnixTime?,
        elsewhere: Int = 0
    ) {
        self.elsewhere = elsewhere
        self.target = target
        self.policy = policy
        self.at = at
        let entries = zip(trials, outcomes).map(Entry.init)
        let attacks = entries.filter { $0.trial.expectation(policy).isRefused }
        let controls = entries.filter(\.trial.isControl)
        self.attacks = attacks.count
        self.controls = controls.count
        relaxed = entries.count { !$0.trial.isControl && !$0.trial.expectation(policy).isRefused }
        through = attacks.filter { $0.outcome == .accepted || $0.outcome == .changed }
        inconsistent = entries.filter { if case .inconsistent = $0.outcome { true } else { false } }
        stopped = attacks.reduce(into: [:]) { counts, entry in
            switch entry.outcome {
            case .refused: counts["refused by rules", default: 0] += 1
            case .stopped(let how): counts[how, default: 0] += 1
            case .accepted, .changed, .inconsistent, .notTried: break
            }
        }
        unnamed = attacks.compactMap { entry in
            guard case .refused(let rules) = entry.outcome else { return nil }
            let missing = entry.trial.expectation(policy).rules.filter { !rules.contains($0) }
            return missing.isEmpty ? nil : (entry, missing)
        }
        unexpected = attacks.compactMap { entry in
            guard case .refused(let rules) = entry.outcome else { return nil }
            let expected = entry.trial.expectation(policy)
            let beside = rules.filter { !expected.rules.contains($0) && !expected.possible.contains($0) }
            return beside.isEmpty ? nil : (entry, beside)
        }
        broken = controls.filter { entry in
            switch entry.outcome {
            case .accepted, .inconsistent, .notTried: false
            case .refused, .stopped, .changed: true
            }
        }
        // What was handed in too little was not tried.
        let lost = trials.dropFirst(outcomes.count).map { Entry(trial: $0, outcome: .notTried("no outcome")) }
        notTried = lost + entries.filter { if case .notTried = $0.outcome { true } else { false } }
    }

    /// Whether every good import works, every attack was tried, none got through, and each was refused for what it is,
    /// with one voice.
    public var holds: Bool {
        through.isEmpty && unnamed.isEmpty && unexpected.isEmpty && inconsistent.isEmpty && broken.isEmpty
            && notTried.isEmpty && attacks > 0 && controls > 0
    }
}

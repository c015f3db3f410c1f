import FolderStores
import NKeys
import Trust

/// What the rules say of one thing in a store: which failed, which warn.
struct Outcome: Sendable, Equatable {
    /// Every rule that failed, in the order of the catalogue.
    var failures: [Finding]
    /// Rules that the policy relaxes, and remarks.
    var warnings: [Finding]
    /// Whether it could be read and judged at all.
    var isJudged = true

    init(failures: [Finding] = [], warnings: [Finding] = []) {
        self.failures = failures
        self.warnings = warnings
    }

    init<Proof>(_ verdict: Verdict<Proof>) {
        self.init(failures: verdict.failures, warnings: verdict.warnings)
    }

    /// The outcome of a file that could not be read: not accepted, and no rule to name for it.
    static let unread: Outcome = {
        var outcome = Outcome()
        outcome.isJudged = false
        return outcome
    }()

    var isAccepted: Bool { isJudged && failures.isEmpty }
    var hasFindings: Bool { !isAccepted || !warnings.isEmpty }
}

/// The outcome of a whole store.
struct StoreReport: Sendable {
    /// An operator, an account or a user.
    struct Entity: Sendable {
        /// The key that it is; nil when the token does not say it readably.
        var subject: PublicKey?
        /// Its name: that of the token, or else of its file.
        var name: String
        var outcome: Outcome
    }

    /// An account, and what belongs to it.
    struct Account: Sendable {
        var entity: Entity
        var imports: [Import] = []
        var users: [Entity] = []

        /// Whether the account, its imports and its users are accepted.
        var isAccepted: Bool {
            entity.outcome.isAccepted && imports.allSatisfy(\.outcome.isAccepted)
                && users.allSatisfy(\.outcome.isAccepted)
        }
    }

    /// An import of an account.
    struct Import: Sendable {
        var name: String
        /// The subject on the exporter's side.
        var subject: String
        var kind: ExportKind
        var exporter: PublicKey
        /// The subject of the export that it is bound to; nil when there is none.
        var export: String?
        var outcome: Outcome
    }

    var `operator`: Entity
    var accounts: [Account] = []
    /// What of the store could not be read.
    var faults: [StoreFault] = []

    /// Whether everything listed is accepted, and everything could be read.
    var isAccepted: Bool {
        `operator`.outcome.isAccepted && faults.isEmpty && accounts.allSatisfy(\.isAccepted)
    }

    /// Yes, no, or that a part could not be read, which leaves the question open.
    var status: ExitStatus {
        if let fault = faults.first(where: { CommandFailure($0).status == .inputOutput }) ?? faults.first {
            return CommandFailure(fault).status
        }
        return isAccepted ? .yes : .no
    }
}

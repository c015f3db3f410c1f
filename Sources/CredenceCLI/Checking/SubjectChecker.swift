import Subjects
import Trust

/// Answers what one user may do, by its compiled permissions and its account's mappings; or that it may do nothing,
/// because it is refused.
struct SubjectChecker {
    /// What is known of the user.
    enum Standing {
        case accepted(CompiledPermissions, AccountClaims)
        /// The rules that stand against the user, its account or its operator.
        case refused([Finding])
    }

    let standing: Standing
    /// Remarks on the user, such as template entries that could not be expanded.
    let warnings: [Finding]
    private let cluster: String?

    /// A checker for the user of this verdict; what stands against the operator is named where the user is refused.
    init(
        _ verdict: Verdict<TrustedUser>, operator: StoreReport.Entity, cluster: String?
    ) throws(CommandFailure) {
        warnings = verdict.warnings
        self.cluster = cluster
        guard let user = verdict.proof else {
            let above = `operator`.outcome.failures.map { finding in
                let path = finding.place.path
                return finding.moved(to: path.isEmpty ? "operator" : Place("operator.\(path)"))
            }
            standing = .refused((above + verdict.failures).inCatalogueOrder())
            return
        }
        var sets = CompiledPermissionSets()
        do {
            standing = .accepted(try sets.permissions(user.permissions), user.account.claims)
        } catch {
            throw CommandFailure(.badInput, "the user's permissions: \(error)")
        }
    }

    /// Whether the user may do what is asked, and why.
    func answer(_ request: CheckRequest) -> CheckAnswer {
        guard case .accepted(let permissions, let account) = standing else {
            if case .refused(let failures) = standing { return CheckAnswer(request, refusal: failures) }
            return CheckAnswer(request, refusal: [])
        }
        switch request {
        case .publish(let subject):
            let decision = permissions.decide(publish: subject, in: account, cluster: cluster)
            var answer = CheckAnswer(request, isAllowed: decision.isAllowed, cause: decision.cause)
            answer.mapping = decision.mapping
            answer.destinations = decision.destinations
            return answer
        case .subscribe(let pattern, let queue):
            let rules = permissions.rules
            let decision = queue.map { rules.decide(subscribe: pattern, queue: $0) } ?? rules.decide(subscribe: pattern)
            var answer = CheckAnswer(
                request, isAllowed: decision.isAllowed, cause: permissions.cause(of: decision, in: .subscribe))
            if decision.isAllowed, rules.filtersDeliveries {
                answer.filters = permissions.effective.denials(under: pattern, queue: queue).map {
                    CheckAnswer.Filter(entry: $0.entry, place: $0.place)
                }
            }
            return answer
        }
    }
}

import Subjects

/// Whether a publish is allowed in an account, its mappings applied, and why.
public struct PublishDecision: Sendable {
    /// Where a mapped publish may go, and whether it may.
    public struct Destination: Sendable {
        /// The destination.
        public let destination: MappedPublish.Destination
        /// Whether the user may publish there.
        public let isAllowed: Bool
        /// Why; nil for messages that are lost, and for what is no valid subject.
        public let cause: PermissionCause?
    }

    /// Whether it is allowed.
    public let isAllowed: Bool
    /// What decided; nil where nothing was asked, because every message is lost on purpose.
    public let cause: PermissionCause?
    /// The account's mapping that applies; nil when none does.
    public let mapping: SubjectPattern?
    /// Where the mapping leads; empty without one.
    public let destinations: [Destination]
}

extension CompiledPermissions {
    /// Whether `subject` may be published on in an account with these mappings.
    ///
    /// A publish that is mapped is allowed when every subject that a message may go to is: which one it will be is
    /// chance, or the choice of who runs the cluster. What is lost on purpose counts for nothing.
    /// - Parameter cluster: see `AccountClaims.mapped`.
    public func decide(
        publish subject: Subject, in account: AccountClaims, cluster: String? = nil
    ) -> PublishDecision {
        guard let mapped = account.mapped(subject, cluster: cluster) else {
            let decision = rules.decide(publish: subject)
            return PublishDecision(
                isAllowed: decision.isAllowed, cause: cause(of: decision, in: .publish), mapping: nil, destinations: [])
        }
        let destinations = mapped.destinations.map { destination in
            switch destination.share.image {
            case .subject(let pattern):
                let (isAllowed, cause) = decide(publishAll: pattern)
                return PublishDecision.Destination(destination: destination, isAllowed: isAllowed, cause: cause)
            case .dropped: return PublishDecision.Destination(destination: destination, isAllowed: true, cause: nil)
            case .invalid: return PublishDecision.Destination(destination: destination, isAllowed: false, cause: nil)
            }
        }
        let decisive = destinations.first { !$0.isAllowed } ?? destinations.first { $0.cause != nil }
        return PublishDecision(
            isAllowed: decisive?.isAllowed ?? true, cause: decisive?.cause, mapping: mapped.source,
            destinations: destinations)
    }
}

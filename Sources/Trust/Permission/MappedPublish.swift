import Subjects

/// Where messages published on one subject may go under an account's mappings.
public struct MappedPublish: Hashable, Sendable {
    /// One destination.
    public struct Destination: Hashable, Sendable {
        /// What becomes of the messages, and of how many.
        public let share: MappingShare
        /// The cluster that it is for; nil for one that has no destinations of its own.
        public let cluster: String?
    }

    /// The mapping that applies.
    public let source: SubjectPattern
    /// All that may become of a message; never empty.
    public let destinations: [Destination]
}

extension AccountClaims {
    /// Where messages on `subject` may go: the first mapping that matches applies, its destinations and no further
    /// mapping (rules P). Nil when none does, and the subject stays as it is.
    ///
    /// - Parameter cluster: the cluster that the message is published in; nil for any, and then the destinations of
    ///   all clusters are given.
    public func mapped(_ subject: Subject, cluster: String? = nil) -> MappedPublish? {
        guard let mapping = mappings.first(where: { $0.source.matches(subject) }), let weighted = mapping.weighted
        else { return nil }
        let own = weighted.clusters
        var destinations: [MappedPublish.Destination] = []
        func add(_ name: String?) {
            for share in weighted.shares(of: subject, in: name ?? "") {
                destinations.append(MappedPublish.Destination(share: share, cluster: name))
            }
        }
        if let cluster {
            add(own.contains(cluster) ? cluster : nil)
        } else {
            add(nil)
            for name in own { add(name) }
        }
        return destinations.isEmpty ? nil : MappedPublish(source: mapping.source, destinations: destinations)
    }
}

extension AccountMapping {
    /// The mapping in its working form; nil when it is not valid, which refuses the account's token.
    public var weighted: WeightedMapping? {
        try? WeightedMapping(
            source: source,
            destinations: destinations.map {
                WeightedMapping.Destination(
                    subject: $0.subject, weight: UInt8(clamping: $0.weight), cluster: $0.cluster)
            })
    }
}

extension CompiledPermissions {
    /// Whether every subject that `pattern` stands for may be published on, as far as single entries can tell: one
    /// allow entry contains them all, and no deny entry holds any of them. For one subject that is `rules`' decision.
    ///
    /// Several allow entries that contain them only together are not tried; so a mapping with a random part may be
    /// judged more strictly than each of its messages.
    public func decide(publishAll pattern: SubjectPattern) -> (isAllowed: Bool, cause: PermissionCause) {
        if let subject = pattern.subject {
            let decision = rules.decide(publish: subject)
            return (decision.isAllowed, cause(of: decision, in: .publish))
        }
        return effective.decide(publishAll: pattern)
    }
}

import Subjects

/// What an account's own mappings make of the subjects that arrive in it.
///
/// Every destination counts, whatever its weight and cluster: each may be taken.
struct MappingStep: Sendable {
    /// The subjects afterwards.
    let pattern: SubjectPattern
    private let change: Change

    private enum Change {
        case nothing
        /// Exactly, and so back again.
        case renamed(SubjectTransform)
        /// Something of `pattern`, from something of these.
        case computed(from: SubjectPattern)
    }

    /// The subjects that become `pattern`, which is inside this step's: exactly, where the mapping can be turned round;
    /// otherwise all that the mapping applies to.
    func back(_ pattern: SubjectPattern) -> SubjectPattern? {
        switch change {
        case .nothing: pattern
        case .renamed(let renaming): renaming.reversed.apply(to: pattern)
        case .computed(let before): before
        }
    }

    /// What `arriving` becomes in an account with these mappings, of which the first that matches a subject applies to
    /// it.
    ///
    /// - Complexity: one comparison a destination.
    static func steps(of arriving: SubjectPattern, through mappings: [AccountMapping]) -> [MappingStep] {
        var steps: [MappingStep] = []
        var earlier: [SubjectPattern] = []
        for mapping in mappings {
            guard let part = mapping.source.intersection(arriving) else { continue }
            if earlier.contains(where: { $0.contains(part) }) { continue }
            earlier.append(mapping.source)
            var weights: [String: Int] = [:]
            for destination in mapping.destinations {
                weights[destination.cluster, default: 0] += destination.weight == 0 ? 100 : destination.weight
                steps.append(step(from: part, by: mapping, to: destination.subject))
            }
            let keepsItself = mapping.destinations.contains { $0.subject == mapping.source.text }
            let isWhole = !weights.isEmpty && weights.values.allSatisfy { $0 >= 100 } && weights[""] != nil
            if !isWhole, !keepsItself { steps.append(MappingStep(pattern: part, change: .nothing)) }
            if mapping.source.contains(arriving) { return steps }
        }
        steps.append(MappingStep(pattern: arriving, change: .nothing))
        return steps
    }

    private static func step(
        from part: SubjectPattern, by mapping: AccountMapping, to destination: String
    ) -> MappingStep {
        guard
            let transform = try? MappingTransform(from: mapping.source, to: destination, for: .accountMapping)
        else { return MappingStep(pattern: part, change: .nothing) }
        if let renaming = transform.renaming, let after = renaming.apply(to: part) {
            return MappingStep(pattern: after, change: .renamed(renaming))
        }
        return MappingStep(pattern: transform.image, change: .computed(from: part))
    }
}

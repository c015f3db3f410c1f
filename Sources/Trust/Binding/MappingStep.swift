import Subjects

/// One thing that an account's own mappings may make of the subjects that arrive in it: one destination of one mapping,
/// what the weights of one leave as it is, or what no mapping takes.
///
/// Every destination counts, whatever its weight and cluster: each may be taken.
struct MappingStep: Sendable {
    /// What it applies to: the subjects of a mapping that none before it takes.
    private let domain: FollowedSubjects
    private let change: Change

    private enum Change {
        case nothing
        /// Exactly, and so back again.
        case renamed(SubjectTransform)
        /// Something of these subjects, of which nothing more is known.
        case computed(SubjectPattern)
    }

    /// What is made of `arriving`; nil when it applies to none of them.
    func forward(_ arriving: FollowedSubjects) -> FollowedSubjects? {
        guard let part = domain.intersection(arriving) else { return nil }
        return switch change {
        case .nothing: part
        case .renamed(let renaming): part.renamed { renaming.apply(to: $0) }
        case .computed(let image): FollowedSubjects(image)
        }
    }

    /// What becomes one of `subjects`; nil when nothing does.
    func back(_ subjects: FollowedSubjects) -> FollowedSubjects? {
        switch change {
        case .nothing: return domain.intersection(subjects)
        case .renamed(let renaming):
            let back = renaming.reversed
            return subjects.intersection(renaming.localPattern)?.renamed { back.apply(to: $0) }
                .flatMap(domain.intersection)
        case .computed(let image): return subjects.intersection(image) == nil ? nil : domain
        }
    }

    /// The step of an account without mappings, or of messages that none apply to.
    static let none = MappingStep(domain: FollowedSubjects(.all), change: .nothing)

    /// The steps that may apply to `arriving` in an account with these mappings, of which the first that matches a
    /// subject applies to it.
    ///
    /// - Complexity: a comparison for each mapping, and for each one that applies, with those before it.
    static func steps(of arriving: SubjectPattern, through mappings: [AccountMapping]) -> [MappingStep] {
        if mappings.isEmpty { return [none] }
        let sources = mappings.map(\.source)
        var steps: [MappingStep] = []
        for (place, mapping) in mappings.enumerated() where mapping.source.overlaps(arriving) {
            guard let domain = FollowedSubjects(mapping.source, except: Array(sources[..<place])) else { continue }
            steps += self.steps(of: mapping, domain)
        }
        if let rest = FollowedSubjects(.all, except: sources) {
            steps.append(MappingStep(domain: rest, change: .nothing))
        }
        return steps
    }

    private static func steps(of mapping: AccountMapping, _ domain: FollowedSubjects) -> [MappingStep] {
        var weights: [String: Int] = [:]
        var steps: [MappingStep] = []
        for destination in mapping.destinations {
            weights[destination.cluster, default: 0] += destination.weight == 0 ? 100 : destination.weight
            steps.append(MappingStep(domain: domain, change: change(by: mapping, to: destination.subject)))
        }
        let keepsItself = mapping.destinations.contains { $0.subject == mapping.source.text }
        let isWhole = !weights.isEmpty && weights.values.allSatisfy { $0 >= 100 } && weights[""] != nil
        if !isWhole, !keepsItself { steps.append(MappingStep(domain: domain, change: .nothing)) }
        return steps
    }

    private static func change(by mapping: AccountMapping, to destination: String) -> Change {
        guard
            let transform = try? MappingTransform(from: mapping.source, to: destination, for: .accountMapping)
        else { return .nothing }
        return transform.renaming.map(Change.renamed) ?? .computed(transform.image)
    }
}

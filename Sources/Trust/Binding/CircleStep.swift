import Subjects

/// One step of a way: an import, and what a mapping of the exporter makes of what arrives.
struct CircleStep: Sendable {
    let way: FollowedImport
    let mapping: MappingStep

    /// What the importer's subjects become; nil when none of them takes this step.
    func forward(_ subjects: FollowedSubjects) -> FollowedSubjects? {
        subjects.intersection(way.renaming.local)?.renamed { way.renaming.outward($0) }.flatMap(mapping.forward)
    }

    /// The importer's subjects that become one of `subjects`; nil when none does.
    func back(_ subjects: FollowedSubjects) -> FollowedSubjects? {
        mapping.back(subjects)?.intersection(way.renaming.exported)?.renamed { way.renaming.inward($0) }
    }

    /// The steps that messages on `subjects`, which overlap the import's, may take through it.
    ///
    /// Mappings are of what is published, and a stream's messages come the other way: none apply to them.
    static func steps(
        through way: FollowedImport, _ subjects: FollowedSubjects, _ mappings: [AccountMapping]
    ) -> [CircleStep] {
        guard way.kind == .service, !mappings.isEmpty else { return [CircleStep(way: way, mapping: .none)] }
        guard let part = way.renaming.local.intersection(subjects.pattern), let arriving = way.renaming.outward(part)
        else { return [] }
        return MappingStep.steps(of: arriving, through: mappings).map { CircleStep(way: way, mapping: $0) }
    }
}

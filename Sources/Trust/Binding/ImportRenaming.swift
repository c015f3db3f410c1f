import Subjects

/// An import's subjects on both sides, and the way between them: what is local becomes what the exporter knows.
struct ImportRenaming: Hashable, Sendable {
    /// From the exporter's subjects to local ones.
    private let inward: SubjectTransform
    /// From local subjects to the exporter's.
    private let outward: SubjectTransform

    /// The subjects on the importer's side.
    var local: SubjectPattern { inward.localPattern }
    /// The subjects on the exporter's side.
    var exporter: SubjectPattern { inward.source }

    /// The renaming of an import; nil when its local subject is none (B-local-subject).
    init?(_ item: Import) {
        let inward: SubjectTransform?
        if let text = item.localSubject {
            inward = try? SubjectTransform(from: item.subject, localSubject: text)
        } else if let local = item.localPattern {
            inward = SubjectTransform(pairing: item.exporterSubject, with: local)
        } else {
            inward = nil
        }
        guard let inward else { return nil }
        self.inward = inward
        outward = inward.reversed
    }

    /// What the exporter knows local subjects as; nil when `pattern` is not inside `local`, or what it becomes is longer
    /// than a subject may be.
    func outward(_ pattern: SubjectPattern) -> SubjectPattern? { outward.apply(to: pattern) }

    /// What the exporter's subjects are known as here; nil as above.
    func inward(_ pattern: SubjectPattern) -> SubjectPattern? { inward.apply(to: pattern) }
}

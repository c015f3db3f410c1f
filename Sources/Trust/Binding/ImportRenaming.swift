import Subjects

/// An import's subjects on both sides, and the way between them: what is local becomes what the exporter knows.
struct ImportRenaming: Hashable, Sendable {
    /// From the exporter's subjects to local ones.
    private let transform: SubjectTransform
    /// From local subjects to the exporter's.
    private let reversed: SubjectTransform

    /// The subjects on the importer's side.
    var local: SubjectPattern { transform.localPattern }
    /// The subjects on the exporter's side.
    var exported: SubjectPattern { transform.source }

    /// The renaming of an import; nil when its local subject is none (B-local-subject).
    init?(_ item: Import) {
        let transform: SubjectTransform?
        if let text = item.localSubject {
            transform = try? SubjectTransform(from: item.subject, localSubject: text)
        } else if let local = item.localPattern {
            transform = SubjectTransform(pairing: item.exporterSubject, with: local)
        } else {
            transform = nil
        }
        guard let transform else { return nil }
        self.transform = transform
        reversed = transform.reversed
    }

    /// What the exporter knows a local subject as; nil when it is not inside `local`, or what it becomes is longer than a
    /// subject may be.
    func outward(_ subject: Subject) -> Subject? { reversed.apply(to: subject) }

    /// What an exporter's subject is known as here; nil as above.
    func inward(_ subject: Subject) -> Subject? { transform.apply(to: subject) }

    /// What the exporter knows local subjects as; nil when `pattern` is not inside `local`, or what it becomes is longer
    /// than a subject may be.
    func outward(_ pattern: SubjectPattern) -> SubjectPattern? {
        pattern == local ? exported : reversed.apply(to: pattern)
    }

    /// What the exporter's subjects are known as here; nil as above.
    func inward(_ pattern: SubjectPattern) -> SubjectPattern? {
        pattern == exported ? local : transform.apply(to: pattern)
    }
}

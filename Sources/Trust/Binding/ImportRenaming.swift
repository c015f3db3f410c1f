import Subjects

/// An import's subjects on both sides, and the way between them: what is local becomes what the exporter knows.
struct ImportRenaming: Hashable, Sendable {
    /// From the exporter's subjects to local ones.
    private let transform: SubjectTransform

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
    }

    /// What the exporter knows local subjects as; nil when `pattern` is not inside `local`, or what it becomes is longer
    /// than a subject may be.
    func outward(_ pattern: SubjectPattern) -> SubjectPattern? {
        pattern == local ? exported : transform.reversed.apply(to: pattern)
    }

    /// What the exporter's subjects are known as here; nil as above.
    func inward(_ pattern: SubjectPattern) -> SubjectPattern? {
        pattern == exported ? local : transform.apply(to: pattern)
    }
}

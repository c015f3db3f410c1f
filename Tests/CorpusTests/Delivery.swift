import NKeys
import Subjects
import Trust

/// What reaches whom by the bindings in force: plainly, import by import.
struct Delivery {
    let realm: Realm

    /// The subjects under which a message published in one account is received in another by a subscription there.
    func received(_ subject: Subject, from publisher: String, by subscriber: String, on pattern: SubjectPattern) throws
        -> [Subject]
    {
        let exporter = try realm.account(publisher).key
        return try realm.imports(of: realm.account(subscriber)).compactMap { item, verdict in
            guard verdict.isAccepted, item.kind == .stream, item.account == exporter else { return nil }
            guard let local = try renaming(item).apply(to: subject), pattern.matches(local) else { return nil }
            return local
        }
    }

    /// The subjects under which a responder's subscription sees a request of another account.
    func requested(_ subject: Subject, by requester: String, of responder: String, on pattern: SubjectPattern) throws
        -> [Subject]
    {
        let exporter = try realm.account(responder).key
        return try realm.imports(of: realm.account(requester)).compactMap { item, verdict in
            guard verdict.isAccepted, item.kind == .service, item.account == exporter else { return nil }
            guard let seen = try renaming(item).reversed.apply(to: subject), pattern.matches(seen) else { return nil }
            return seen
        }
    }

    /// The subjects that a message can have after the account's own mappings; the choice among weights is chance.
    func mapped(_ subject: Subject, in account: String, cluster: String) throws -> Set<Subject> {
        for mapping in try realm.account(account).claims.mappings where mapping.source.matches(subject) {
            let weighted = try WeightedMapping(
                source: mapping.source,
                destinations: mapping.destinations.map {
                    .init(subject: $0.subject, weight: UInt8(clamping: $0.weight), cluster: $0.cluster)
                })
            var generator = SystemRandomNumberGenerator()
            return Set(
                try weighted.effective(in: cluster).compactMap { destination, _ in
                    try MappingTransform(from: mapping.source, to: destination, for: .accountMapping)
                        .apply(to: subject, using: &generator)
                })
        }
        return [subject]
    }

    /// The renaming of an import, from the exporter's subjects to the local ones; the deprecated `to` included.
    private func renaming(_ item: Import) throws -> SubjectTransform {
        if let local = item.localSubject { return try SubjectTransform(from: item.subject, localSubject: local) }
        guard let to = item.to else { return SubjectTransform(identity: item.subject) }
        switch item.kind {
        case .stream: return try SubjectTransform(from: item.subject, localSubject: "\(to).\(item.subject)")
        case .service: return try SubjectTransform(from: to, localSubject: item.subject.text)
        }
    }
}

import NKeys

@testable import Trust

/// An import as a test writes it.
struct PlainImport {
    enum Kind: String, CaseIterable { case stream, service }

    /// The importer and the exporter by their places in the world.
    let importer: Int
    let exporter: Int
    let kind: Kind
    /// The exporter's subject, and the importer's with `*` or `$n`.
    let subject: String
    let local: String
    /// How the renaming is written down.
    var usesTo = false

    func json(_ keys: [PublicKey]) -> String {
        let head = "{\"type\":\"\(kind.rawValue)\",\"account\":\"\(keys[exporter])\",\"subject\":"
        if usesTo, kind == .service { return head + "\"\(local)\",\"to\":\"\(subject)\"}" }
        if usesTo { return head + "\"\(subject)\",\"to\":\"\(local.dropLast(subject.count + 1))\"}" }
        return head + "\"\(subject)\"" + (local == subject ? "}" : ",\"local_subject\":\"\(local)\"}")
    }
}

/// A mapping as a test writes it.
struct PlainMapping {
    let source: String
    /// Whole percents; fewer than 100 in all leave the rest as it is.
    let destinations: [(subject: String, weight: Int)]

    var json: String {
        let list = destinations.map { "{\"subject\":\"\($0.subject)\",\"weight\":\($0.weight)}" }
        return "\"\(source)\":[\(list.joined(separator: ","))]"
    }
}

/// An account as a test writes it: it exports everything to everyone.
struct PlainAccount {
    var issuedAt: Int64
    var imports: [PlainImport] = []
    var mappings: [PlainMapping] = []

    func claims(_ keys: [PublicKey]) -> String {
        """
        "exports":[{"subject":">","type":"stream"},{"subject":">","type":"service"}],\
        "imports":[\(imports.map { $0.json(keys) }.joined(separator: ","))],\
        "mappings":{\(mappings.map(\.json).joined(separator: ","))}
        """
    }
}

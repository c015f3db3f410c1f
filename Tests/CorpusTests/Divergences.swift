import Foundation
import Testing

/// Where our answer differs from what the real server did, with its reason in Docs/Divergences.md.
struct Divergence {
    /// The row of the document.
    let id: String
    /// The case, as the test that compares names it.
    let name: String
    let theirs: String
    let ours: String

    /// All of them. A difference that is not here fails, and so does a row without a difference.
    static let rows = [
        Divergence(
            id: "corpus-CORP/AUTHC/guest", name: "connect keys/creds/CORP/AUTHC/guest.creds", theirs: "refused",
            ours: "accepted"),
        Divergence(
            id: "corpus-CORP/DEVICES/cam.2", name: "connect keys/creds/CORP/DEVICES/cam.2.creds", theirs: "accepted",
            ours: "refused: C-template-value"),
        Divergence(
            id: "corpus-STRICT/READER/secret",
            name: "flow negative/STRICT-identity-activation-mem-resolver.conf VAULT/app vault.secret.a READER/app vs.>",
            theirs: "vs.a", ours: "nothing"),
    ]

    /// The identifiers of this corpus in the first column of the document's table.
    static func documented() throws -> [String] {
        let text = try String(contentsOfFile: "\(Corpus.root)/Docs/Divergences.md", encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count > 2 else { return nil }
            let id = cells[1].trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            return id.hasPrefix("corpus-") ? id : nil
        }
    }
}

/// Holds what was measured against what we say, case by case.
struct Comparison {
    private let kind: String
    private var differing: Set<String> = []
    private var seen: Set<String> = []

    init(_ kind: String) { self.kind = kind }

    mutating func compare(_ name: String, theirs: String, ours: String) {
        let name = "\(kind) \(name)"
        #expect(seen.insert(name).inserted, "\(name) stands twice in what was measured")
        guard theirs != ours else { return }
        differing.insert(name)
        let row = Divergence.rows.first { $0.name == name }
        #expect(row != nil, "\(name): the server \(theirs), we \(ours), and no divergence says why")
        guard let row else { return }
        #expect(row.theirs == theirs && row.ours == ours, "\(row.id): now the server \(theirs), we \(ours)")
    }

    /// No row of this kind is left over.
    func finish() {
        for row in Divergence.rows where row.name.hasPrefix("\(kind) ") {
            #expect(differing.contains(row.name), "\(row.id) is stale: there is no difference any more")
        }
    }
}

@Suite("Divergences")
struct DivergenceTests {
    @Test("every difference from the real server is a row of the document, and every row a difference")
    func documented() throws {
        let documented = try Divergence.documented()
        #expect(Set(documented).count == documented.count)
        #expect(Set(documented) == Set(Divergence.rows.map(\.id)))
    }
}

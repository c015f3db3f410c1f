import Subjects
import Trust

/// Exports of one kind whose subjects overlap: which of them decides about an import differs from server to server, and
/// a public one that covers a private one gives away what that withholds.
struct ExportOverlaps {
    /// How many pairs of exports of one account are compared. Exports are compared only when their first words can
    /// meet, so that an account of a hundred thousand of them stays far below, unless it was made to reach it.
    static let budget = 2_000_000

    private let account: AccountSurvey
    private let exports: [Export]
    private var compared = 0
    private(set) var findings: [AuditFinding] = []

    /// At most one finding of each rule for each export.
    static func findings(on account: AccountSurvey) -> [AuditFinding] {
        guard let exports = account.claims?.exports, exports.count > 1 else { return [] }
        var overlaps = ExportOverlaps(account: account, exports: exports)
        for kind in [ExportKind.stream, .service] where !overlaps.search(kind) {
            overlaps.add(
                .notCompared, "exports", "more than \(budget) pairs of its exports could overlap; the rest is unknown")
        }
        return overlaps.findings
    }

    private init(account: AccountSurvey, exports: [Export]) {
        self.account = account
        self.exports = exports
    }

    /// Compares the exports of a kind; false when the budget is used up.
    private mutating func search(_ kind: ExportKind) -> Bool {
        var byWord: [String: [Int]] = [:]
        var wild: [Int] = []
        var earlier: [Int] = []
        for index in exports.indices where exports[index].kind == kind {
            let word = exports[index].subject.token(at: 0) ?? ""
            let isWild = word == "*" || word == ">"
            // A wildcard in the first place meets all that came before it.
            guard compare(index, with: isWild ? earlier : (byWord[word] ?? []) + wild) else { return false }
            if isWild { wild.append(index) } else { byWord[word, default: []].append(index) }
            earlier.append(index)
        }
        return true
    }

    private mutating func compare(_ index: Int, with others: [Int]) -> Bool {
        var hasOverlap = false
        var hasCover = false
        for other in others {
            compared += 1
            guard compared <= Self.budget else { return false }
            let (left, right) = (exports[index], exports[other])
            guard !hasOverlap || !hasCover, left.subject.overlaps(right.subject) else { continue }
            if left.isPublic != right.isPublic {
                if !hasCover { addCover(left.isPublic ? index : other, left.isPublic ? other : index) }
                hasCover = true
            } else if !left.subject.contains(right.subject), !right.subject.contains(left.subject) {
                // One inside the other is refused by T-content.
                if !hasOverlap {
                    add(
                        .exportOverlap, Place("exports").element(index).member("subject"),
                        "`\(left.subject)` overlaps `\(right.subject)` of `exports[\(other)]`")
                }
                hasOverlap = true
            }
        }
        return true
    }

    private mutating func addCover(_ open: Int, _ closed: Int) {
        let (open, cover, hidden) = (open, exports[open].subject, exports[closed].subject)
        let what = cover.contains(hidden) ? "covers" : "covers a part of"
        add(
            .publicCoversPrivate, Place("exports").element(open).member("subject"),
            "the public `\(cover)` \(what) the private `\(hidden)` of `exports[\(closed)]`")
    }

    private mutating func add(_ rule: AuditRule, _ place: Place, _ message: String) {
        findings.append(AuditFinding(.audit(rule), of: account.subject, at: place, in: account.origin, message))
    }
}

extension Export {
    /// Whether any account may import it, whoever it is.
    var isPublic: Bool { !tokenRequired && accountTokenPosition == 0 }
}

import Audit
import Foundation
import Testing
import Trust

/// The codes: each once, in the document as in the source, and in the right order.
@Suite struct CatalogueTests {
    private static let document: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent("Docs/Audit.md"), encoding: .utf8)) ?? ""
    }()

    /// The rows of the document's tables that begin with a code: code, severity and the rest.
    private static let rows: [[String]] = document.split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 6, cells[1].hasPrefix("`A-") else { return nil }
        return Array(cells[1...4])
    }

    @Test func `the document lists every code of the audit with its severity, and no other`() {
        let listed = Self.rows.map { "\($0[0]) \($0[1])" }
        #expect(listed == AuditRule.allCases.map { "`\($0.code)` \($0.severity.rawValue)" })
        for row in Self.rows { #expect(row.allSatisfy { !$0.isEmpty }, "\(row[0])") }
    }

    @Test func `the document says of every rule how bad it is`() {
        for rule in Rule.allCases where !rule.code.hasPrefix("U-") {
            let severity = AuditCode.trust(rule).severity.rawValue
            let line = Self.document.split(separator: "\n").first { $0.hasPrefix("| \(severity) |") }
            #expect(line?.contains("`\(rule.code)`") == true, "\(rule.code) is \(severity)")
        }
    }

    @Test func `every code has a meaning and a hint of one line without a full stop`() {
        #expect(Set(AuditCode.all.map(\.code)).count == Rule.allCases.count + AuditRule.allCases.count)
        for code in AuditCode.all {
            for text in [code.meaning, code.hint] {
                #expect(text.count > 10 && !text.hasSuffix(".") && !text.contains("\n"), "\(code.code): \(text)")
                #expect(text.first?.isLowercase == true, "\(code.code): \(text)")
            }
        }
    }

    @Test func `the worst comes first`() {
        #expect(Severity.allCases == [.low, .medium, .high, .critical])
        #expect(Severity.allCases.sorted() == Severity.allCases)
        func finding(_ rule: AuditRule, name: String = "", place: String = "") -> AuditFinding {
            AuditFinding(
                .audit(rule), of: .init(name: name), at: Place(place), in: Origin(file: ""), "a message")
        }
        let ordered = [
            finding(.tokenReuse, name: "A"), finding(.tokenReuse, name: "B"), finding(.userDeleted),
            finding(.sharedInbox, place: "a"), finding(.sharedInbox, place: "b"), finding(.noExpiry),
        ]
        var generator = SystemRandomNumberGenerator()
        #expect(ordered.shuffled(using: &generator).sorted(by: AuditFinding.precedes) == ordered)
    }
}

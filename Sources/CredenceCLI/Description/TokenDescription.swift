import Trust

/// A judged token as JSON and as text.
struct TokenDescription {
    /// Whether tokens, seeds and passwords inside the claims are shown.
    enum Secrets { case masked, shown }

    private let report: TokenReport
    private let claims: String?
    private let outcome: Outcome

    /// A description with the verdict of the T rules, or of those that `outcome` comes from.
    init(_ report: TokenReport, secrets: Secrets, outcome: Outcome? = nil) {
        self.report = report
        self.outcome = outcome ?? Outcome(failures: report.failures, warnings: report.warnings)
        claims = secrets == .shown ? report.payload : report.payload.map(JSONMask.masked)
    }

    /// One JSON object on one line.
    var json: String {
        var writer = JSONWriter()
        writer.object { write(into: &$0, isAccepted: outcome.isAccepted) }
        return writer.text + "\n"
    }

    /// The members of that object; more may follow them.
    func write(into writer: inout JSONWriter, isAccepted: Bool) {
        writer.member("accepted", isAccepted)
        writer.member("kind", report.type?.name)
        writer.name("version")
        if let version = report.version { writer.integer(version.rawValue) } else { writer.null() }
        writer.text("header", report.header)
        writer.text("claims", claims)
        writer.findings("failures", outcome.failures)
        writer.findings("warnings", outcome.warnings)
    }

    /// Lines for people.
    var text: String {
        var lines = summary
        if let claims {
            lines.append("claims:")
            lines += JSONText.indented(claims).split(separator: "\n").map { "  \($0)" }
        }
        return lines.map { Printable.line($0) + "\n" }.joined()
    }

    /// The lines without the claims.
    var summary: [String] {
        var lines: [String] = []
        let type = report.type.map(\.name) ?? "unknown"
        let version = report.version.map { ", version \($0.rawValue)" } ?? ""
        lines.append("token:    \(type)\(version)")
        if let common = report.claims?.common {
            if !common.name.isEmpty { lines.append("name:     \(common.name)") }
            lines.append("subject:  \(common.subject.text)")
            lines.append("issuer:   \(common.issuer.text)")
            if !common.id.isEmpty { lines.append("id:       \(common.id)") }
            if let time = common.issuedAt { lines.append("issued:   \(time)") }
            if let time = common.notBefore { lines.append("from:     \(time)") }
            lines.append("expires:  \(common.expires.map { "\($0)" } ?? "never")")
        }
        lines.append("verdict:  \(outcome.isAccepted ? "accepted" : "refused")")
        for finding in outcome.failures { lines.append("  \(Printable.finding(finding))") }
        for finding in outcome.warnings { lines.append("  warning: \(Printable.finding(finding))") }
        if !report.notJudged.isEmpty {
            lines.append("  not judged: \(report.notJudged.map(\.code).joined(separator: ", "))")
        }
        return lines
    }
}

extension JSONWriter {
    /// A member that is JSON text already, or null.
    fileprivate mutating func text(_ name: String, _ json: String?) {
        self.name(name)
        if let json { unsafeValue(json.utf8) } else { null() }
    }
}

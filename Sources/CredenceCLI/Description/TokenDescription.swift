import Trust

/// A judged token as JSON and as text.
struct TokenDescription {
    /// Whether tokens, seeds and passwords inside the claims are shown.
    enum Secrets { case masked, shown }

    private let report: TokenReport
    private let claims: String?

    init(_ report: TokenReport, secrets: Secrets) {
        self.report = report
        claims = secrets == .shown ? report.payload : report.payload.map(JSONMask.masked)
    }

    /// One JSON object on one line.
    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.member("accepted", report.isAccepted)
            $0.member("kind", report.type?.name)
            $0.name("version")
            if let version = report.version { $0.integer(version.rawValue) } else { $0.null() }
            $0.text("header", report.header)
            $0.text("claims", claims)
            $0.findings("failures", report.failures)
            $0.findings("warnings", report.warnings)
        }
        return writer.text + "\n"
    }

    /// Lines for people.
    var text: String {
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
        lines.append("verdict:  \(report.isAccepted ? "accepted" : "refused")")
        for finding in report.failures { lines.append("  \(Printable.finding(finding))") }
        for finding in report.warnings { lines.append("  warning: \(Printable.finding(finding))") }
        if !report.notJudged.isEmpty {
            lines.append("  not judged: \(report.notJudged.map(\.code).joined(separator: ", "))")
        }
        if let claims {
            lines.append("claims:")
            lines += JSONText.indented(claims).split(separator: "\n").map { "  \($0)" }
        }
        return lines.map { Printable.line($0) + "\n" }.joined()
    }
}

extension JSONWriter {
    /// A member that is JSON text already, or null.
    fileprivate mutating func text(_ name: String, _ json: String?) {
        self.name(name)
        if let json { unsafeValue(json.utf8) } else { null() }
    }
}

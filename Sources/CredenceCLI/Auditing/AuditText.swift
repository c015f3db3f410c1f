import Audit

/// Writes what an audit found for people: two or three lines a finding, and a summary.
enum AuditText {
    static func write(_ report: AuditReport) throws(CommandFailure) {
        var text: [UInt8] = []
        func add(_ line: String) { text += Printable.line(Printable.withoutSecrets(line)).utf8 + [0x0A] }
        for finding in report.findings {
            add("\(finding.severity.rawValue) \(finding.code.code)\(whereabouts(of: finding)): \(finding.message)")
            add("  \(finding.hint)")
            if text.count > 1 << 16 {
                try StandardOutput.write(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        add(summary(of: report))
        try StandardOutput.write(text)
    }

    private static func whereabouts(of finding: AuditFinding) -> String {
        var text = ""
        switch (finding.subject.name, finding.subject.key) {
        case ("", nil): break
        case ("", let key?): text += " \(key.text)"
        case (let name, let key?) where name != key.text: text += " \(name) \(key.text)"
        case (let name, _): text += " \(name)"
        }
        if !finding.place.path.isEmpty { text += " at \(finding.place.path)" }
        if !finding.origin.file.isEmpty || finding.origin.line != nil {
            let line = finding.origin.line.map { ":\($0)" } ?? ""
            text += " (\(finding.origin.file.isEmpty ? "line" : finding.origin.file)\(line))"
        }
        return text
    }

    /// One line: how many findings of each severity, and in how much.
    static func summary(of report: AuditReport) -> String {
        let parts = Severity.allCases.reversed().compactMap { severity in
            let count = report.findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)"
        }
        let findings = parts.isEmpty ? "no findings" : "findings: \(parts.joined(separator: ", "))"
        return "\(findings); in \(plural(report.accounts, "account")), \(plural(report.imports, "import")), "
            + plural(report.users, "user")
    }

    private static func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

import Audit
import Trust

/// Writes what an audit found as one JSON object.
enum AuditJSON {
    static func write(_ report: AuditReport) throws(CommandFailure) {
        try StandardOutput.write("{\"findings\":[")
        try writeElements(report.findings) { writer, finding in
            writer.object {
                $0.member("severity", finding.severity.rawValue)
                $0.member("rule", finding.code.code)
                $0.member("account", account(of: finding))
                $0.member("at", Printable.withoutSecrets(finding.place.path))
                $0.member("message", Printable.withoutSecrets(finding.message))
                $0.member("hint", finding.hint)
                $0.member("name", Printable.withoutSecrets(finding.subject.name))
                $0.member("file", finding.origin.file.isEmpty ? nil : finding.origin.file)
                if let line = finding.origin.line { $0.member("line", line) }
            }
        }
        try StandardOutput.write("]}\n")
    }

    /// The account's key, or else its name; nil when neither is known.
    static func account(of finding: AuditFinding) -> String? {
        let name = Printable.withoutSecrets(finding.subject.name)
        return finding.subject.key?.text ?? (name.isEmpty ? nil : name)
    }

    /// Writes the elements of a list, which may be long, in pieces.
    static func writeElements(
        _ findings: [AuditFinding], _ element: (inout JSONWriter, AuditFinding) -> Void
    ) throws(CommandFailure) {
        let stretch = 1_000
        for start in stride(from: 0, to: findings.count, by: stretch) {
            var writer = JSONWriter()
            for finding in findings[start..<min(start + stretch, findings.count)] { element(&writer, finding) }
            try StandardOutput.write(start > 0 ? [UInt8(ascii: ",")] + writer.bytes : writer.bytes)
        }
    }
}

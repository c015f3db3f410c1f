import Audit
import Trust

/// Writes what an audit found as SARIF 2.1.0 (OASIS, 2020), the format in which continuous integration shows findings.
///
/// Paths are relative to what was audited, which the log calls `STORE`. Severities are SARIF's levels, and beside them
/// the number that some systems sort by.
enum AuditSARIF {
    static func write(_ report: AuditReport) throws(CommandFailure) {
        let codes = Set(report.findings.map(\.code)).sorted { $0.position < $1.position }
        var places: [AuditCode: Int] = [:]
        for (place, code) in codes.enumerated() { places[code] = place }
        var driver = JSONWriter()
        driver.object {
            $0.member("name", "credence")
            $0.member("version", Credence.number)
            $0.member("semanticVersion", Credence.number)
            $0.list("rules") { list in
                for code in codes { rule(code, &list) }
            }
        }
        let head = """
            {"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":\
            \(driver.text)},"originalUriBaseIds":{"STORE":{"description":{"text":"what was audited"}}},\
            "columnKind":"utf16CodeUnits","results":[
            """
        try StandardOutput.write(head)
        try AuditJSON.writeElements(report.findings) { writer, finding in
            result(finding, places[finding.code] ?? 0, &writer)
        }
        try StandardOutput.write("]}]}\n")
    }

    private static func rule(_ code: AuditCode, _ writer: inout JSONWriter) {
        writer.object {
            $0.member("id", code.code)
            $0.object("shortDescription") { $0.member("text", code.meaning) }
            $0.object("help") { $0.member("text", code.hint) }
            $0.object("defaultConfiguration") { $0.member("level", level(of: code.severity)) }
            $0.object("properties") {
                $0.member("security-severity", score(of: code.severity))
                $0.member("tags", ["security"])
            }
        }
    }

    private static func result(_ finding: AuditFinding, _ rule: Int, _ writer: inout JSONWriter) {
        let account = AuditJSON.account(of: finding)
        let place = Printable.withoutSecrets(finding.place.path)
        writer.object {
            $0.member("ruleId", finding.code.code)
            $0.member("ruleIndex", rule)
            $0.member("level", level(of: finding.severity))
            $0.object("message") {
                $0.member("text", "\(Printable.withoutSecrets(finding.message)); \(finding.hint)")
            }
            $0.list("locations") { $0.object { location(of: finding, account, place, &$0) } }
            // Which findings of two runs are the same one: neither line nor text is part of it.
            $0.object("partialFingerprints") {
                $0.member(
                    "credence/v1", [finding.code.code, account ?? finding.origin.file, place].joined(separator: "|"))
            }
            $0.object("properties") { $0.member("severity", finding.severity.rawValue) }
        }
    }

    private static func location(
        of finding: AuditFinding, _ account: String?, _ place: String, _ writer: inout JSONWriter
    ) {
        if !finding.origin.file.isEmpty {
            writer.object("physicalLocation") {
                $0.object("artifactLocation") {
                    $0.member("uri", uri(of: finding.origin.file))
                    if !finding.origin.file.hasPrefix("/") { $0.member("uriBaseId", "STORE") }
                }
                if let line = finding.origin.line { $0.object("region") { $0.member("startLine", line) } }
            }
        }
        let parts = [account ?? "", place].filter { !$0.isEmpty }
        guard !parts.isEmpty else { return }
        let name = Printable.withoutSecrets(finding.subject.name)
        writer.list("logicalLocations") {
            $0.object {
                $0.member("fullyQualifiedName", parts.joined(separator: "/"))
                if !name.isEmpty { $0.member("name", name) }
                $0.member("kind", "member")
            }
        }
    }

    private static func level(of severity: Severity) -> String {
        switch severity {
        case .critical, .high: "error"
        case .medium: "warning"
        case .low: "note"
        }
    }

    private static func score(of severity: Severity) -> String {
        switch severity {
        case .critical: "9.5"
        case .high: "8.0"
        case .medium: "5.5"
        case .low: "2.0"
        }
    }

    /// A path as a URI reference (RFC 3986): what is not plain is written as bytes in per cent.
    static func uri(of path: String) -> String {
        var uri = ""
        let digits = Array("0123456789ABCDEF")
        for byte in path.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                uri.unicodeScalars.append(Unicode.Scalar(byte))
            default: uri += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return path.hasPrefix("/") ? "file://\(uri)" : uri
    }
}

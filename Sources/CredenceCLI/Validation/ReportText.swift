import NKeys
import Trust

/// Writes a report for people: a line for each account, and below it what the rules have against it, its imports and
/// its users.
struct ReportText {
    static func write(_ report: StoreReport) throws(CommandFailure) {
        var lines = Lines()
        lines.entity("operator", report.operator, depth: 0)
        for account in report.accounts {
            lines.account(account)
            if lines.text.count > 1 << 16 {
                try StandardOutput.write(lines.text)
                lines.text.removeAll(keepingCapacity: true)
            }
        }
        lines.add(summary(of: report), depth: 0)
        try StandardOutput.write(lines.text)
    }

    /// One line: how many of what, and how many of them refused.
    static func summary(of report: StoreReport) -> String {
        var parts = [
            Tally(report.accounts.map(\.entity.outcome)).text("account"),
            report.accounts.reduce(Tally()) { $0 + Tally($1.imports.map(\.outcome)) }.text("import"),
            report.accounts.reduce(Tally()) { $0 + Tally($1.users.map(\.outcome)) }.text("user"),
        ]
        if !report.faults.isEmpty { parts.append("\(report.faults.count) unreadable") }
        return "\(report.isAccepted ? "accepted" : "refused"): \(parts.joined(separator: ", "))"
    }
}

/// How many things there are, and how many of them are not accepted.
private struct Tally {
    var count = 0
    var refused = 0

    init() {}

    init(_ outcomes: [Outcome]) {
        count = outcomes.count
        refused = outcomes.reduce(0) { $0 + ($1.isAccepted ? 0 : 1) }
    }

    static func + (left: Tally, right: Tally) -> Tally {
        var sum = left
        sum.count += right.count
        sum.refused += right.refused
        return sum
    }

    func text(_ noun: String) -> String {
        let all = "\(count) \(noun)\(count == 1 ? "" : "s")"
        return refused > 0 ? "\(all) (\(refused) refused)" : all
    }
}

private struct Lines {
    var text: [UInt8] = []

    mutating func add(_ line: String, depth: Int) {
        text += String(repeating: "  ", count: depth).utf8
        text += Printable.line(line).utf8
        text.append(UInt8(ascii: "\n"))
    }

    mutating func account(_ account: StoreReport.Account) {
        let imports = Tally(account.imports.map(\.outcome)).text("import")
        let users = Tally(account.users.map(\.outcome)).text("user")
        entity("account", account.entity, depth: 1, remark: "with \(imports), \(users)")
        for (index, item) in account.imports.enumerated() where item.outcome.hasFindings {
            let name = item.name.isEmpty ? "" : " \(item.name)"
            add(
                "import \(index)\(name) (\(item.kind.rawValue) \(item.subject) from \(item.exporter.text)): "
                    + word(item.outcome), depth: 2)
            findings(item.outcome, depth: 3)
        }
        for user in account.users where user.outcome.hasFindings { entity("user", user, depth: 2) }
    }

    mutating func entity(_ noun: String, _ entity: StoreReport.Entity, depth: Int, remark: String? = nil) {
        let key = entity.subject.map { " \($0.text)" } ?? ""
        let remark = remark.map { ", \($0)" } ?? ""
        add("\(noun) \(entity.name)\(key): \(word(entity.outcome))\(remark)", depth: depth)
        findings(entity.outcome, depth: depth + 1)
    }

    private mutating func findings(_ outcome: Outcome, depth: Int) {
        for finding in outcome.failures { add(Printable.finding(finding), depth: depth) }
        for finding in outcome.warnings { add("warning: \(Printable.finding(finding))", depth: depth) }
    }

    private func word(_ outcome: Outcome) -> String {
        outcome.isAccepted ? "accepted" : outcome.isJudged ? "refused" : "unreadable"
    }
}

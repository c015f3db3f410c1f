import FolderStores
import NKeys
import Trust

/// Writes a report as one JSON object.
struct ReportJSON {
    /// Writes the text in pieces, which the workers make: of a large store it is a large part of the work.
    static func write(_ report: StoreReport, with workers: Workers) async throws {
        var head = JSONWriter()
        head.object { $0.entity(report.operator) }
        try StandardOutput.write("{\"accepted\":\(report.isAccepted),\"operator\":\(head.text),\"accounts\":[")
        let accounts = report.accounts
        let pieces = await workers.map(accounts.count) { range in
            var writer = JSONWriter()
            for account in accounts[range] { writer.account(account) }
            return writer.bytes
        }
        for (index, piece) in pieces.enumerated() {
            try StandardOutput.write(index > 0 ? [UInt8(ascii: ",")] + piece : piece)
        }
        var tail = "]"
        if !report.faults.isEmpty {
            var writer = JSONWriter()
            writer.list { list in
                for fault in report.faults { list.fault(fault) }
            }
            tail += ",\"faults\":\(writer.text)"
        }
        try StandardOutput.write(tail + "}\n")
    }
}

extension JSONWriter {
    /// The members that operators, accounts and users share.
    fileprivate mutating func entity(_ entity: StoreReport.Entity) {
        member("subject", entity.subject?.text)
        member("name", entity.name)
        outcome(entity.outcome)
    }

    fileprivate mutating func outcome(_ outcome: Outcome) {
        member("accepted", outcome.isAccepted)
        findings("failures", outcome.failures)
        findings("warnings", outcome.warnings)
    }

    fileprivate mutating func account(_ account: StoreReport.Account) {
        object {
            $0.entity(account.entity)
            $0.list("imports") { list in
                for (index, item) in account.imports.enumerated() { list.object { $0.importing(item, at: index) } }
            }
            $0.list("users") { list in
                for user in account.users { list.object { $0.entity(user) } }
            }
        }
    }

    /// The members of an import.
    mutating func importing(_ item: StoreReport.Import, at index: Int) {
        member("index", index)
        member("name", item.name)
        member("subject", item.subject)
        member("kind", item.kind.rawValue)
        member("exporter", item.exporter.text)
        member("export", item.export)
        outcome(item.outcome)
    }

    fileprivate mutating func fault(_ fault: StoreFault) {
        object {
            $0.member("path", fault.path)
            $0.member("message", fault.description)
            $0.member("hint", fault.hint)
        }
    }

    /// A list of findings, in the shape that every command shares.
    mutating func findings(_ name: String, _ findings: [Finding]) {
        list(name) { list in
            for finding in findings {
                list.object {
                    $0.member("rule", finding.rule.code)
                    $0.member("at", finding.place.path)
                    $0.member("message", finding.message)
                }
            }
        }
    }
}

import AccountServer
import ArgumentParser
import Trust

/// `credence journal verify`: whether every entry is the one that was written, and stands in its place.
struct JournalVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say whether a journal is whole, and what of it is signed.",
        discussion: """
            Names the first entry that was changed, removed or moved, and says when the end was cut off before the \
            entry that the signed head names. Give the server's key with --journal-key: without it anybody's \
            signature will do.
            """)

    @Argument(
        help: ArgumentHelp(
            "The journal's folder, or a file that `credence journal export` wrote; `-` for standard input.",
            valueName: "folder"))
    var path: String
    @OptionGroup var journalKey: JournalKeyOption
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false

    func run() throws {
        let survey = try JournalInput.survey(path, requiring: journalKey.keys())
        try StandardOutput.write(json ? Self.json(of: survey) : Self.text(of: survey))
        if !survey.isWhole { throw ExitStatus.no.asError }
    }

    private static func text(of survey: JournalSurvey) -> String {
        var lines: [String] = []
        if let first = survey.first {
            lines.append(
                "\(survey.count) entries, \(first) to \(survey.last.number); the last hash is \(survey.last.hash)")
        } else {
            lines.append("no entries")
        }
        if let base = survey.base {
            lines.append("entries up to \(base.number) were taken away, \(signer(of: base))")
        }
        if let head = survey.head {
            lines.append("the head names entry \(head.number) as of \(head.time), \(signer(of: head))")
            lines.append("\(survey.unsigned ?? 0) entries behind it are not signed yet")
        }
        lines += survey.notes.map { "note: \($0)" }
        lines += survey.findings.map { "\(place(of: $0)): \($0.message)" }
        lines.append(survey.isWhole ? "whole" : "not whole")
        return lines.map { Printable.line($0) + "\n" }.joined()
    }

    static func json(of survey: JournalSurvey) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("whole", survey.isWhole)
            $0.member("entries", survey.count)
            $0.member("first", survey.first ?? 0)
            $0.member("last", survey.last.number)
            $0.member("hash", survey.last.hash)
            $0.member("segments", survey.segments ?? 1)
            for (name, seal) in [("base", survey.base), ("head", survey.head)] {
                $0.name(name)
                guard let seal else {
                    $0.null()
                    continue
                }
                $0.object {
                    $0.member("number", seal.number)
                    $0.member("hash", seal.hash)
                    $0.member("time", seal.time.seconds)
                    $0.member("key", seal.key?.text)
                    $0.member("genuine", seal.isGenuine)
                }
            }
            $0.member("unsigned", survey.unsigned ?? survey.count)
            $0.list("failures") {
                for finding in survey.findings {
                    $0.object {
                        $0.member("rule", "A-journal-broken")
                        $0.member("at", place(of: finding))
                        $0.member("message", finding.message)
                    }
                }
            }
            $0.member("notes", survey.notes)
        }
        return writer.text + "\n"
    }

    static func place(of finding: JournalSurvey.Finding) -> String {
        let file = finding.file.isEmpty ? "standard input" : finding.file
        return finding.line.map { "\(file):\($0)" } ?? file
    }

    private static func signer(of seal: JournalSeal) -> String {
        guard let key = seal.key else { return "not signed" }
        return seal.isGenuine ? "signed by \(key.text)" : "with a signature of \(key.text) that is not genuine"
    }
}

import AccountServer
import ArgumentParser
import NKeys
import Trust

/// `credence journal prune`: takes old segments of a journal away, so that the rest stays provable.
struct JournalPrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Take old entries of a journal away; what is left stays provable.",
        discussion: """
            Whole segments go, never the last. What is known of the last entry that went is kept in `journal.base`, \
            signed where a key is given; a journal that is signed is pruned with a key. Refused while a server has the \
            journal open, and where anything in the journal does not fit.
            """)

    @Argument(help: ArgumentHelp("The journal's folder.", valueName: "folder")) var path: String
    @Option(
        help: ArgumentHelp(
            "Keep what was judged since: a length of time such as 90d, 12w or 6M, a day, or an RFC 3339 time.",
            valueName: "time"))
    var keep: Deadline?
    @Option(help: ArgumentHelp("Keep the newest so many segments.", valueName: "number"))
    var keepSegments: Int?
    @Option(help: ArgumentHelp("The file with the seed of the server's key, which signs.", valueName: "file"))
    var serverKey: String?
    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.") var json = false

    func validate() throws {
        if (keep == nil) == (keepSegments == nil) || keep == Deadline.none {
            throw ValidationError("say what is kept with --keep or with --keep-segments")
        }
        if let keepSegments, keepSegments < 1 { throw ValidationError("--keep-segments is at least 1") }
    }

    func run() async throws {
        let retention = try retention(at: WallClock.now())
        let pair = try serverKey.map { (file) throws(CommandFailure) in
            try KeyArgument.pair(inFile: file, role: .server, flag: "--server-key")
        }
        try JournalInput.requireFolder(path)
        do {
            // Opened first: its lock keeps a server away while it is looked at.
            let journal = try await JournalFolder.open(at: path, missing: .refused, signingWith: pair)
            do {
                let survey = try JournalSurvey.folder(at: path)
                guard survey.isWhole else {
                    let first = survey.findings.first.map { "\(JournalVerify.place(of: $0)): \($0.message)" }
                    throw CommandFailure(
                        .no, "nothing was taken away, for the journal is not whole: \(first ?? "")",
                        hint: "keep it as it is, and find out with `credence journal verify`")
                }
                let base = try await journal.prune(keeping: retention)
                await journal.close()
                let removed = (base?.number ?? 0) - (base == nil ? 0 : (survey.first ?? 1) - 1)
                try StandardOutput.write(json ? Self.json(removed, base) : Self.text(removed, base))
            } catch {
                await journal.close()
                throw error
            }
        } catch let fault as JournalFault {
            throw CommandFailure(fault)
        }
    }

    private func retention(at now: UnixTime) throws(CommandFailure) -> JournalRetention {
        switch keep {
        case nil, .some(.none): return .segments(keepSegments ?? .max)
        case .at(let time): return .since(time)
        case .afterSeconds(let seconds): return .since(now.advanced(by: -seconds))
        case .afterMonths(let months):
            let day = CivilDate(daysSinceEpoch: now.seconds / 86_400)?.adding(months: -months)
            return .since(day.flatMap { UnixTime($0.daysSinceEpoch * 86_400 + now.seconds % 86_400) } ?? .zero)
        }
    }

    private static func text(_ removed: Int64, _ base: JournalSeal?) -> String {
        guard let base else { return "nothing to take away\n" }
        return "took away \(removed) entries, up to \(base.number)\(base.key == nil ? "; this is not signed" : "")\n"
    }

    private static func json(_ removed: Int64, _ base: JournalSeal?) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("removed", removed)
            $0.name("base")
            if let base {
                $0.object {
                    $0.member("number", base.number)
                    $0.member("hash", base.hash)
                    $0.member("time", base.time.seconds)
                    $0.member("key", base.key?.text)
                }
            } else {
                $0.null()
            }
        }
        return writer.text + "\n"
    }
}

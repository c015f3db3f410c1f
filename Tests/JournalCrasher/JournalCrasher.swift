// A program that appends to a journal until it is killed, and says on standard output what was acknowledged. Tests
// start it.
//
//     JournalCrasher FOLDER                 batches of one to seven entries, for ever; small segments, pruned meanwhile
//     JournalCrasher FOLDER LIMIT           the same until a file reaches LIMIT bytes; then the limit goes, and one
//                                           more batch is appended

import AccountServer
import Glibc
import NKeys
import Trust

@main
struct JournalCrasher {
    static func main() async throws {
        guard let folder = CommandLine.arguments.dropFirst().first else { exit(64) }
        if CommandLine.arguments.count > 2, let limit = rlim_t(CommandLine.arguments[2]) {
            try await fill(folder, upTo: limit)
        } else {
            try await append(to: folder)
        }
    }

    /// Appends for ever.
    private static func append(to folder: String) async throws {
        let journal = try await JournalFolder.open(
            at: folder, settings: JournalFolder.Settings(segmentBytes: 20_000, headInterval: .milliseconds(5)),
            signingWith: try KeyPair.generate(.server))
        say("opened \(try await journal.last(1).first?.number ?? 0)")
        var count = 1
        while true {
            let entries = try await journal.append(drafts(count))
            if let last = entries.last { say("\(last.number) \(last.hash)") }
            count = count % 7 + 1
            if count == 1 { try await journal.prune(keeping: .segments(5)) }
        }
    }

    /// Appends until the system allows no larger file, and then once more without that limit.
    private static func fill(_ folder: String, upTo limit: rlim_t) async throws {
        signal(SIGXFSZ, SIG_IGN)
        let journal = try await JournalFolder.open(at: folder)
        var limits = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        let before = limits
        limits.rlim_cur = limit
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        do {
            while true {
                let entries = try await journal.append(drafts(3))
                if let last = entries.last { say("\(last.number) \(last.hash)") }
            }
        } catch {
            say("refused \(error)")
        }
        var unlimited = before
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited)
        for entry in try await journal.append(drafts(2)) { say("\(entry.number) \(entry.hash)") }
        await journal.close()
    }

    private static func drafts(_ count: Int) -> [JournalDraft] {
        (0..<count).map { place in
            JournalDraft(
                time: UnixTime(Int64(time(nil))) ?? .zero, caller: "127.0.0.1", account: "ACCOUNT",
                outcome: .accepted, token: String(repeating: "token", count: 150 + place))
        }
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}

import AccountServer
import ArgumentParser
import Audit
import Glibc
import NKeys
import Trust

/// A journal that a command line names: a folder of segments, or a file of lines.
enum JournalInput {
    /// The largest journal that is read from one file, in bytes.
    static let sizeLimit = 1 << 30

    /// Surveys the journal at a path; `-` for standard input.
    static func survey(
        _ path: String, requiring keys: Set<PublicKey>, _ body: (JournalEntry, Origin) -> Void = { _, _ in }
    ) throws(CommandFailure) -> JournalSurvey {
        if isFolder(path) {
            do {
                return try JournalSurvey.folder(at: path, requiring: keys) { entry, file, line in
                    body(entry, Origin(file: file, line: line))
                }
            } catch {
                throw CommandFailure(error)
            }
        }
        let file = path == "-" ? "" : path
        return JournalSurvey.file(try Files.read(path, limit: sizeLimit), named: file, requiring: keys) { entry, line in
            body(entry, Origin(file: file, line: line))
        }
    }

    /// Whether a folder is at the path.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return path != "-" && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Refuses what is no folder.
    static func requireFolder(_ path: String) throws(CommandFailure) {
        guard !isFolder(path) else { return }
        throw CommandFailure(
            .noInput, "\(Files.quoted(path)): there is no such folder", hint: "name the folder of a server's journal")
    }
}

/// Whose signature a journal must bear.
struct JournalKeyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The journal must be signed by this server key; may be given again, for a key that was replaced.",
            valueName: "N..."))
    var journalKey: [String] = []

    /// The keys, read.
    func keys() throws(CommandFailure) -> Set<PublicKey> {
        var keys: Set<PublicKey> = []
        for text in journalKey {
            keys.insert(try KeyArgument.publicKey(text, role: .server, flag: "--journal-key"))
        }
        return keys
    }
}

extension CommandFailure {
    /// A journal that cannot be read or written.
    init(_ fault: JournalFault) {
        self.init(.inputOutput, fault.description, hint: fault.hint)
    }
}

import ArgumentParser
import Subjects
import Trust

/// What a user may publish and subscribe to, with nsc's flags.
struct PermissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "May publish to these subjects, separated by commas; can be repeated.", valueName: "subjects"))
    var allowPub: [String] = []
    @Option(
        help: ArgumentHelp("May subscribe to these subjects (`SUBJECT QUEUE` for one queue).", valueName: "subjects"))
    var allowSub: [String] = []
    @Option(help: ArgumentHelp("May publish and subscribe to these subjects.", valueName: "subjects"))
    var allowPubsub: [String] = []
    @Option(help: ArgumentHelp("May not publish to these subjects.", valueName: "subjects"))
    var denyPub: [String] = []
    @Option(help: ArgumentHelp("May not subscribe to these subjects.", valueName: "subjects"))
    var denySub: [String] = []
    @Option(help: ArgumentHelp("May neither publish nor subscribe to these subjects.", valueName: "subjects"))
    var denyPubsub: [String] = []
    @Option(
        help: ArgumentHelp("May answer requests it received, so many times (1 without a number).", valueName: "count"))
    var allowPubResponse: Int64?
    @Option(help: ArgumentHelp("For how long it may answer, such as 500ms, 5s, 2m, 1h.", valueName: "time"))
    var responseTtl: TimeSpan?

    /// The claims. Subjects are read strictly, with a hint where the shell has eaten a part.
    func claims() throws(CommandFailure) -> PermissionClaims {
        var claims = PermissionClaims()
        claims.publishAllow = try entries(allowPub, "--allow-pub", allowPubsub, "--allow-pubsub", in: .publish)
        claims.subscribeAllow = try entries(allowSub, "--allow-sub", allowPubsub, "--allow-pubsub", in: .subscribe)
        claims.publishDeny = try entries(denyPub, "--deny-pub", denyPubsub, "--deny-pubsub", in: .publish)
        claims.subscribeDeny = try entries(denySub, "--deny-sub", denyPubsub, "--deny-pubsub", in: .subscribe)
        if allowPubResponse != nil || responseTtl != nil {
            claims.responses = ResponseClaims(
                maximum: allowPubResponse ?? 1, timeToLive: responseTtl?.nanoseconds ?? 0)
        }
        return claims
    }

    private func entries(
        _ own: [String], _ ownFlag: String, _ both: [String], _ bothFlag: String, in place: PermissionEntry.Place
    ) throws(CommandFailure) -> [PermissionEntry]? {
        var entries: [PermissionEntry] = []
        for (values, flag) in [(own, ownFlag), (both, bothFlag)] {
            for text in CommaList.split(values) {
                let entry: PermissionEntry
                do throws(SubjectError) {
                    entry = try PermissionEntry(text, in: place)
                } catch {
                    throw CommandFailure(
                        .badInput, "\(Files.quoted(text)) in \(flag): \(error)", hint: Self.hint(for: error, in: text))
                }
                if !entries.contains(entry) { entries.append(entry) }
            }
        }
        return entries.isEmpty ? nil : entries
    }

    /// `$JS.API.>` in double quotes, or in none, reaches the program as `.API.>`: the shell puts in a variable that is
    /// empty.
    static func hint(for error: SubjectError, in text: String) -> String? {
        switch error.reason {
        case .empty, .emptyToken:
            "the shell replaces `$NAME`, also in double quotes: put a subject with `$` in single quotes"
        case .restNotLast: "`>` stands for the rest of a subject; use `*` for one token"
        case .queueNotAllowed: "only --allow-sub and --deny-sub take a queue"
        default: nil
        }
    }
}

/// Values that nsc takes several at a time.
enum CommaList {
    /// The parts between commas, without blanks around them. A value that is empty stays, to be refused.
    static func split(_ values: [String]) -> [String] {
        values.flatMap { value in
            value.split(separator: ",", omittingEmptySubsequences: false).map { part in
                var part = part
                while part.first == " " { part = part.dropFirst() }
                while part.last == " " { part = part.dropLast() }
                return String(part)
            }
        }
    }
}

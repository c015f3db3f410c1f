import Trust

/// An answer for people: the verdict in one line, and below it what decided and where that was written.
struct CheckText {
    private let answer: CheckAnswer

    init(_ answer: CheckAnswer) { self.answer = answer }

    var text: String {
        let request = answer.request
        let queue = request.queue.map { " in the queue group `\($0.text)`" } ?? ""
        var lines = ["\(word(answer.isAllowed)): \(request.operation) `\(request.subject)`\(queue)"]
        if !answer.failures.isEmpty {
            lines.append("  the user is refused, and may do nothing:")
            lines += answer.failures.map { "  \(Printable.finding($0))" }
        } else if let mapping = answer.mapping {
            lines.append("  the account maps `\(mapping.text)`; every subject that a message may go to is checked:")
            for destination in answer.destinations { lines += self.lines(destination) }
        } else if let cause = answer.cause {
            lines.append("  \(reason(cause))")
        }
        for filter in answer.filters {
            lines.append("  not delivered under it: `\(filter.entry.text)`, denied at \(filter.place.path)")
        }
        return lines.map { Printable.line($0) + "\n" }.joined()
    }

    private func word(_ isAllowed: Bool) -> String { isAllowed ? "allowed" : "denied" }

    private func lines(_ destination: CheckAnswer.Destination) -> [String] {
        let share = destination.destination.share
        let cluster = destination.destination.cluster.map { " in the cluster `\($0)`" } ?? ""
        let part = "\(share.percent)%\(cluster)"
        switch share.image {
        case .dropped: return ["  \(part) is lost on purpose"]
        case .invalid: return ["  \(part) becomes no valid subject: denied"]
        case .subject(let subject):
            return ["  \(part) to `\(subject.text)`: \(word(destination.isAllowed))"]
                + (destination.cause.map { ["    \(reason($0))"] } ?? [])
        }
    }

    private func reason(_ cause: PermissionCause) -> String {
        let place = cause.place?.path ?? ""
        let source = Self.noun(cause.source)
        switch cause.kind {
        case .allow(let entry): return "allowed by `\(entry.text)` at \(place) of \(source)"
        case .deny where !place.hasSuffix("]"):
            return "denied: no entry of \(place) in \(source) could be expanded for the user"
        case .deny(let entry): return "denied by `\(entry.text)` at \(place) of \(source)"
        case .noAllowList:
            return cause.source == .unrestricted
                ? "neither the user nor its account has permissions, so everything is allowed"
                : "there is no allow list in \(source), and nothing denies it"
        case .reply: return "allowed as a reply to a request, by \(place) of \(source)"
        case .notAllowed:
            return place.hasSuffix("resp")
                ? "only replies to requests received are allowed, by \(place) of \(source)"
                : "nothing admits it in \(place) of \(source)"
        }
    }

    private static func noun(_ source: EffectivePermissions.Source) -> String {
        switch source {
        case .template(_, let role):
            "the account's token, for the role \(role.isEmpty ? "of the user's signing key" : "`\(role)`")"
        case .user: "the user's token"
        case .accountDefaults: "the account's token"
        case .unrestricted: "no token"
        }
    }
}

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
            lines.append("  \(cause.message)")
        }
        for filter in answer.filters {
            lines.append("  not delivered under it: `\(filter.entry.text)`, denied at \(filter.place.path)")
        }
        return lines.map { Printable.line($0) + "\n" }.joined()
    }

    private func word(_ isAllowed: Bool) -> String { isAllowed ? "allowed" : "denied" }

    private func lines(_ destination: PublishDecision.Destination) -> [String] {
        let share = destination.destination.share
        let cluster = destination.destination.cluster.map { " in the cluster `\($0)`" } ?? ""
        let part = "\(share.percent)%\(cluster)"
        switch share.image {
        case .dropped: return ["  \(part) is lost on purpose"]
        case .invalid: return ["  \(part) becomes no valid subject: denied"]
        case .subject(let subject):
            return ["  \(part) to `\(subject.text)`: \(word(destination.isAllowed))"]
                + (destination.cause.map { ["    \($0.message)"] } ?? [])
        }
    }
}

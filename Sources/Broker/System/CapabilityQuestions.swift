import NATSWire
import Subjects
import Trust

/// What a client asks about what it may do: `{"publish": ["a.b"], "subscribe": ["a.>", "a.* queue"]}`.
struct CapabilityQuestions {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private enum Question {
        case publish(Subject)
        case subscribe(SubjectPattern, QueueName?)
    }

    private var questions: [Question] = []

    var isEmpty: Bool { questions.isEmpty }

    /// Reads the questions; none in an empty text.
    init(parsing text: [UInt8]) throws(Fault) {
        if text.isEmpty { return }
        guard let json = try? WireJSON(parsing: text), case .object(let members) = json else {
            throw Fault(description: "the request is no JSON object")
        }
        for member in members {
            guard member.name == "publish" || member.name == "subscribe", let list = member.value.array else {
                throw Fault(description: "the request may have `publish` and `subscribe`, lists of subjects")
            }
            for value in list {
                guard let text = value.string, questions.count < SystemServices.questionLimit else {
                    throw Fault(
                        description: "a request has at most \(SystemServices.questionLimit) subjects, as strings")
                }
                try add(text, member.name == "publish")
            }
        }
    }

    private mutating func add(_ text: String, _ isPublish: Bool) throws(Fault) {
        if isPublish {
            guard let subject = try? Subject(text) else { throw Fault(description: "a subject to publish is none") }
            questions.append(.publish(subject))
            return
        }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let pattern = try? SubjectPattern(String(first)) else {
            throw Fault(description: "a subject to subscribe to is none")
        }
        guard parts.count == 2 else { return questions.append(.subscribe(pattern, nil)) }
        guard let queue = try? QueueName(String(parts[1])) else { throw Fault(description: "a queue group is none") }
        questions.append(.subscribe(pattern, queue))
    }

    /// The decisions for a client, in the order of the questions, each with what decided it.
    func answers(for session: Session) -> WireJSON {
        guard let permissions = session.permissions, let account = session.user?.account.claims else { return [] }
        return .array(
            questions.map { question in
                switch question {
                case .publish(let subject):
                    let decision = permissions.decide(publish: subject, in: account)
                    return Self.answer("publish", subject.text, nil, decision.isAllowed, decision.cause)
                case .subscribe(let pattern, let queue):
                    let decision =
                        if let queue {
                            permissions.rules.decide(subscribe: pattern, queue: queue)
                        } else {
                            permissions.rules.decide(subscribe: pattern)
                        }
                    return Self.answer(
                        "subscribe", pattern.text, queue?.text, decision.isAllowed,
                        permissions.cause(of: decision, in: .subscribe))
                }
            })
    }

    private static func answer(
        _ operation: String, _ subject: String, _ queue: String?, _ isAllowed: Bool, _ cause: PermissionCause?
    ) -> WireJSON {
        var members: [WireJSON.Member] = [
            .init("operation", .string(operation)), .init("subject", .string(subject)),
        ]
        if let queue { members.append(.init("queue", .string(queue))) }
        members.append(.init("allowed", .bool(isAllowed)))
        if let cause {
            let list: WireJSON =
                switch cause.list {
                case .allow: "allow"
                case .deny: "deny"
                case nil: "none"
                }
            var because: [WireJSON.Member] = [.init("list", list)]
            if let entry = cause.entry { because.append(.init("pattern", .string(entry.text))) }
            if let place = cause.place { because.append(.init("place", .string(place.path))) }
            because.append(.init("message", .string(cause.message)))
            members.append(.init("because", .object(because)))
        }
        return .object(members)
    }
}

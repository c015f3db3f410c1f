import Subjects

/// What is asked: to publish on a subject, or to subscribe to one.
enum CheckRequest {
    case publish(Subject)
    case subscribe(SubjectPattern, QueueName?)

    /// The name of the operation.
    var operation: String {
        switch self {
        case .publish: "publish"
        case .subscribe: "subscribe"
        }
    }

    /// The subject that is asked for.
    var subject: String {
        switch self {
        case .publish(let subject): subject.text
        case .subscribe(let pattern, _): pattern.text
        }
    }

    /// The queue group that is asked for.
    var queue: QueueName? {
        if case .subscribe(_, let queue) = self { queue } else { nil }
    }

    /// Why a line asks nothing, in one line of text.
    struct Fault: Error { let text: String }

    /// Reads one line: `publish SUBJECT` or `subscribe SUBJECT [QUEUE]`, with blanks between the words.
    init(line: ArraySlice<UInt8>) throws(Fault) {
        let words = line.split { $0 == 0x20 || $0 == 0x09 }.map { Array($0) }
        let operation = words.first.map { String(decoding: $0.prefix(40), as: UTF8.self) } ?? ""
        let request: CheckRequest?
        do {
            request = try Self.read(operation, words)
        } catch {
            throw Fault(text: error.description)
        }
        guard let request else { throw Fault(text: Self.usage(operation, words.count)) }
        self = request
    }

    private static func read(_ operation: String, _ words: [[UInt8]]) throws(SubjectError) -> CheckRequest? {
        func word<Value>(
            _ index: Int, _ read: (UnsafeBufferPointer<UInt8>) throws(SubjectError) -> Value
        ) throws(SubjectError) -> Value { try words[index].withUnsafeBufferPointer(read) }
        func subject(_ text: UnsafeBufferPointer<UInt8>) throws(SubjectError) -> Subject { try Subject(utf8: text) }
        func pattern(_ text: UnsafeBufferPointer<UInt8>) throws(SubjectError) -> SubjectPattern {
            try SubjectPattern(utf8: text)
        }
        func queue(_ text: UnsafeBufferPointer<UInt8>) throws(SubjectError) -> QueueName { try QueueName(utf8: text) }
        return switch (operation, words.count) {
        case ("publish", 2): .publish(try word(1, subject))
        case ("subscribe", 2): .subscribe(try word(1, pattern), nil)
        case ("subscribe", 3): .subscribe(try word(1, pattern), try word(2, queue))
        default: nil
        }
    }

    private static func usage(_ operation: String, _ words: Int) -> String {
        switch operation {
        case "publish" where words < 2, "subscribe" where words < 2: "`\(operation)` without a subject"
        case "publish": "`publish` takes one subject, and no queue"
        case "subscribe": "`subscribe` takes a subject and at most one queue"
        default: "\(Files.quoted(operation)) is neither `publish` nor `subscribe`"
        }
    }
}

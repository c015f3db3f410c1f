import NATSWire

/// Reads what a client says as plainly as it can be written: a line at a time, split into words, with copies of
/// everything. What `ClientFrameReader` is held to.
struct PlainClientReader {
    /// An operation, its parts copied.
    struct Operation: Equatable {
        var kind: ClientFrame.Kind
        var subject: [UInt8] = []
        var reply: [UInt8] = []
        var queue: [UInt8] = []
        var subscription: [UInt8] = []
        var remaining: Int?
        var options: [UInt8] = []
        var message: [UInt8] = []
        var headerCount = 0
        var hasHeaders = false
        /// Bytes that it takes, its end included.
        var length = 0
    }

    enum Step: Equatable {
        case operation(Operation)
        case fault(ClientFault)
        /// More bytes could make an operation of it.
        case incomplete
    }

    let limits: WireLimits
    var admission = ClientFrameReader.Admission.connect

    /// The names, and whether a blank or the line's end has to follow.
    private static let names: [(String, needsBlank: Bool)] = [
        ("PUB", true), ("HPUB", true), ("SUB", true), ("UNSUB", true), ("PING", false), ("PONG", false),
        ("CONNECT", true), ("+OK", false), ("INFO", true), ("-ERR", false),
    ]

    private enum Name: Equatable {
        case known(String)
        case unknown
        case incomplete
    }

    private static func name(of text: [UInt8]) -> Name {
        var answer = Name.unknown
        for (name, needsBlank) in names {
            let begin = text.prefix(name.utf8.count).map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
            guard name.utf8.starts(with: begin) else { continue }
            if begin.count < name.utf8.count {
                answer = .incomplete
            } else if !needsBlank {
                return .known(name)
            } else if text.count == begin.count {
                answer = .incomplete
            } else if [0x20, 0x09, 0x0D, 0x0A].contains(text[begin.count]) {
                return .known(name)
            }
        }
        return answer
    }

    /// What `text` begins with.
    func step(_ text: [UInt8]) -> Step {
        if text.isEmpty { return .incomplete }
        let name: String
        switch Self.name(of: text) {
        case .unknown: return .fault(.unknownOperation)
        case .incomplete: return .incomplete
        case .known(let known): name = known
        }
        if admission == .connect, name != "CONNECT" { return .fault(.beforeConnect) }
        if name == "-ERR" { return .fault(.arguments) }
        let end = text.firstIndex(of: 0x0A)
        var rest = Array(text[name.utf8.count..<(end ?? text.count)])
        let isWhole = end != nil
        if isWhole, rest.last == 0x0D { rest.removeLast() }
        let blanks = rest.prefix { $0 == 0x20 || $0 == 0x09 }.count
        if blanks > limits.controlLine { return .fault(.controlLine) }
        rest.removeFirst(blanks)
        let takesWords = ["PUB", "HPUB", "SUB", "UNSUB"].contains(name)
        if isWhole {
            if rest.count > limits.controlLine { return .fault(.controlLine) }
        } else {
            // The last byte may be the CR of the line's end.
            let certain = takesWords || rest.last == 0x0D ? rest.count - 1 : rest.count
            return certain > limits.controlLine ? .fault(.controlLine) : .incomplete
        }
        let next = (end ?? 0) + 1
        guard takesWords else { return Self.wordless(name, rest, next) }
        let words = rest.split { $0 == 0x20 || $0 == 0x09 }.map { Array($0) }
        switch name {
        case "SUB":
            guard words.count == 2 || words.count == 3 else { return .fault(.arguments) }
            return .operation(
                Operation(
                    kind: .subscribe, subject: words[0], queue: words.count == 3 ? words[1] : [],
                    subscription: words[words.count - 1], length: next))
        case "UNSUB":
            if words.isEmpty { return .fault(.unknownOperation) }
            if words.count > 2 { return .fault(.arguments) }
            var operation = Operation(kind: .unsubscribe, subscription: words[0], length: next)
            if words.count == 2, let count = Self.size(words[1]), count > 0 { operation.remaining = count }
            return .operation(operation)
        default: return publish(words, name == "HPUB", text, next)
        }
    }

    private static func wordless(_ name: String, _ rest: [UInt8], _ next: Int) -> Step {
        let kind: ClientFrame.Kind =
            switch name {
            case "PING": .ping
            case "PONG": .pong
            case "CONNECT": .connect
            default: .passedOver
            }
        let hasOptions = name == "CONNECT" || name == "INFO"
        return .operation(Operation(kind: kind, options: hasOptions ? rest : [], length: next))
    }

    private func publish(_ words: [[UInt8]], _ withHeaders: Bool, _ text: [UInt8], _ next: Int) -> Step {
        let sizes = withHeaders ? 2 : 1
        guard words.count == sizes + 1 || words.count == sizes + 2 else { return .fault(.arguments) }
        guard let size = Self.size(words[words.count - 1]) else { return .fault(.arguments) }
        var headerCount = 0
        if withHeaders {
            guard let count = Self.size(words[words.count - 2]), count <= size else { return .fault(.arguments) }
            headerCount = count
        }
        let reply = words.count == sizes + 2 ? words[1] : []
        if reply.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return .fault(.arguments) }
        if size > limits.payload { return .fault(.payload) }
        guard text.count >= next + size + 2 else { return .incomplete }
        guard text[next + size] == 0x0D, text[next + size + 1] == 0x0A else { return .fault(.unknownOperation) }
        return .operation(
            Operation(
                kind: .publish, subject: words[0], reply: reply, message: Array(text[next..<next + size]),
                headerCount: headerCount, hasHeaders: withHeaders, length: next + size + 2))
    }

    private static func size(_ word: [UInt8]) -> Int? {
        guard word.count <= 9, word.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: word, as: UTF8.self))
    }

    /// Everything that `text` says, up to its end or the first fault.
    static func read(
        _ text: [UInt8], limits: WireLimits, admission: ClientFrameReader.Admission
    ) -> (operations: [Operation], last: Step) {
        var reader = PlainClientReader(limits: limits, admission: admission)
        var operations: [Operation] = []
        var start = 0
        while true {
            let step = reader.step(Array(text[start...]))
            guard case .operation(let operation) = step else { return (operations, step) }
            operations.append(operation)
            start += operation.length
            if operation.kind == .connect { reader.admission = .everything }
        }
    }
}

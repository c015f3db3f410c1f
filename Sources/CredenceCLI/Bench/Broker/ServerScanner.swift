import Glibc

/// Takes apart what a server sends, in one buffer that never grows: messages are passed over by their size, their
/// payloads are not looked at.
///
/// Messages of one subscription begin with the same line: where the next line is the one before, byte for byte, nothing
/// of it is read again. That is what makes counting cost less than any server's sending.
final class ServerScanner {
    /// What came. Places are in the buffer and hold until the next call.
    enum Operation {
        case message(Message)
        case info(UnsafeRawBufferPointer)
        case error(String)
        case ping, pong, ok
    }

    /// A message.
    struct Message {
        /// Where an answer goes; empty for nowhere.
        let reply: UnsafeRawBufferPointer
        /// What follows the headers.
        let payload: UnsafeRawBufferPointer
        /// The header block; empty for none.
        let headers: UnsafeRawBufferPointer
    }

    /// Messages that were passed over.
    struct Tally {
        /// All but the empty ones.
        var messages = 0
        /// Empty ones: each ends a run.
        var ends = 0
    }

    /// Bytes of a line: an INFO lists every server of a cluster.
    static let lineLimit = 65_536
    private let payloadLimit: Int
    private let memory: UnsafeMutableRawBufferPointer
    private var (start, end) = (0, 0)
    /// The line of the message before, with its end, and the size that it told.
    private var (line, lineCount, lineSize): (UnsafeMutableRawPointer, Int, Int)
    private static let longestRemembered = 256

    /// A scanner for messages of up to so many bytes.
    init(payloadLimit: Int) {
        self.payloadLimit = payloadLimit
        memory = .allocate(byteCount: max(262_144, 2 * (Self.lineLimit + payloadLimit)), alignment: 64)
        line = .allocate(byteCount: Self.longestRemembered, alignment: 64)
        (lineCount, lineSize) = (0, 0)
    }

    deinit {
        memory.deallocate()
        line.deallocate()
    }

    /// Forgets everything: another connection begins.
    func reset() { (start, end, lineCount) = (0, 0, 0) }

    /// Hands out room for bytes to come; `fill` says how many did.
    func fill<Failure: Error>(
        _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int?
    ) throws(Failure) -> Int? {
        if start == end {
            (start, end) = (0, 0)
        } else if memory.count - end < memory.count / 2, let base = memory.baseAddress {
            memmove(base, base + start, end - start)
            (start, end) = (0, end - start)
        }
        let count = try fill(UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        end += min(max(0, count ?? 0), memory.count - end)
        return count
    }

    /// The next operation that is whole; nil until more bytes come.
    func next() throws(LoadFault) -> Operation? {
        guard let (operation, past) = try operation(at: start) else { return nil }
        start = past
        return operation
    }

    /// Passes over all messages that have come whole, up to the next thing that is none, which is the result; nil when
    /// more bytes have to come.
    func count(_ tally: inout Tally) throws(LoadFault) -> Operation? {
        guard let base = memory.baseAddress else { return nil }
        var at = start
        let end = end
        defer { start = at }
        while true {
            let whole = lineCount + lineSize + 2
            var messages = 0
            while lineCount > 0, end - at >= whole, memcmp(base + at, line, lineCount) == 0 {
                try checkEnd(at + whole - 2)
                at += whole
                messages += 1
            }
            if messages > 0 {
                tally.messages += messages
                continue
            }
            guard let (operation, past) = try operation(at: at) else { return nil }
            let lineStart = at
            at = past
            guard case .message(let message) = operation else { return operation }
            let size = message.headers.count + message.payload.count
            if size == 0 { tally.ends += 1 } else { tally.messages += 1 }
            remember(lineStart, count: past - lineStart - size - 2, size: size)
        }
    }

    private func remember(_ start: Int, count: Int, size: Int) {
        guard size > 0, count <= Self.longestRemembered, let base = memory.baseAddress else { return }
        memcpy(line, base + start, count)
        (lineCount, lineSize) = (count, size)
    }

    /// The operation at a place that is whole, and where it ends.
    private func operation(at start: Int) throws(LoadFault) -> (Operation, past: Int)? {
        guard start < end, let base = memory.baseAddress else { return nil }
        guard let found = memchr(base + start, 0x0A, end - start) else {
            if end - start > Self.lineLimit { throw .malformed("a line has no end") }
            return nil
        }
        let past = found - UnsafeMutableRawPointer(base) + 1
        var line = UnsafeRawBufferPointer(rebasing: memory[start..<past - 1])
        guard line.count <= Self.lineLimit else { throw .malformed("a line has no end") }
        if line.last == 0x0D { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
        var fields = BlankFields(line)
        guard let name = fields.next() else { throw .malformed("a line is empty") }
        switch Self.word(name) {
        case "MSG": return try message(fields, from: past, headers: false)
        case "HMSG": return try message(fields, from: past, headers: true)
        case "PING": return (.ping, past)
        case "PONG": return (.pong, past)
        case "+OK": return (.ok, past)
        case "INFO": return (.info(fields.rest), past)
        case "-ERR":
            let text = Printable.line(String(decoding: fields.rest, as: UTF8.self))
            let isQuoted = text.utf8.count >= 2 && text.hasPrefix("'") && text.hasSuffix("'")
            return (.error(isQuoted ? String(text.dropFirst().dropLast()) : text), past)
        default: throw .malformed("a line begins with none of its words")
        }
    }

    /// The first word of a line in capitals; empty for one that is too long to be any.
    private static func word(_ bytes: UnsafeRawBufferPointer) -> String {
        bytes.count <= 4 ? String(decoding: bytes, as: UTF8.self).uppercased() : ""
    }

    private func message(
        _ fields: BlankFields, from place: Int, headers: Bool
    ) throws(LoadFault) -> (Operation, past: Int)? {
        var fields = fields
        var list: [UnsafeRawBufferPointer] = []
        while list.count < 6, let field = fields.next() { list.append(field) }
        let sizes = headers ? 2 : 1
        guard list.count == sizes + 2 || list.count == sizes + 3, let size = Self.size(list[list.count - 1]),
            let headerSize = headers ? Self.size(list[list.count - 2]) : 0, headerSize <= size
        else { throw .malformed("the arguments of a message cannot be read") }
        guard size <= payloadLimit else {
            throw .malformed("a message has \(size) bytes, and none was sent that is so large")
        }
        guard end - place >= size + 2 else { return nil }
        try checkEnd(place + size)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let message = Message(
            reply: list.count == sizes + 3 ? list[2] : none,
            payload: UnsafeRawBufferPointer(rebasing: memory[place + headerSize..<place + size]),
            headers: UnsafeRawBufferPointer(rebasing: memory[place..<place + headerSize]))
        return (.message(message), place + size + 2)
    }

    private func checkEnd(_ place: Int) throws(LoadFault) {
        guard memory[place] == 0x0D, memory[place + 1] == 0x0A else {
            throw .malformed("a message does not end where it should")
        }
    }

    /// One to nine digits.
    private static func size(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

/// The fields of a line, between runs of blanks and tabs.
private struct BlankFields {
    private let line: UnsafeRawBufferPointer
    private var index = 0

    init(_ line: UnsafeRawBufferPointer) { self.line = line }

    mutating func next() -> UnsafeRawBufferPointer? {
        skipBlanks()
        let start = index
        while index < line.count, line[index] != 0x20, line[index] != 0x09 { index += 1 }
        return index > start ? UnsafeRawBufferPointer(rebasing: line[start..<index]) : nil
    }

    /// What is left, without the blanks around it.
    var rest: UnsafeRawBufferPointer {
        var copy = self
        copy.skipBlanks()
        var end = line.count
        while end > copy.index, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[copy.index..<end])
    }

    private mutating func skipBlanks() {
        while index < line.count, line[index] == 0x20 || line[index] == 0x09 { index += 1 }
    }
}

/// Reads what a server says, as the bytes come.
///
///     var parser = ServerOperationParser()
///     parser.append(bytes)
///     while let operation = try parser.next() { handle(operation) }
///
/// Names of operations in any case, arguments between runs of blanks and tabs, control lines ended by CR LF or LF,
/// payloads by CR LF, as the server takes them from clients. After a fault there is no way on: the same fault again.
public struct ServerOperationParser: Sendable {
    /// What is taken; a client raises the payload to what the server announces.
    public var limits: WireLimits
    private var buffer: [UInt8] = []
    /// Where what has not been read begins.
    private var start = 0
    /// Up to where no line end was found, so that no byte is looked at twice.
    private var searched = 0
    /// A message whose payload is being waited for.
    private var pending: Pending?
    private var fault: WireFault?

    private struct Pending {
        var message: ServerOperation.Message
        let headerSize: Int
        let size: Int
    }

    /// A parser with nothing read.
    public init(limits: WireLimits = .client) { self.limits = limits }

    /// Whether nothing was taken that has not been handed out: what is left when a connection turns to TLS was put there
    /// by somebody else.
    public var isEmpty: Bool { start == buffer.count && pending == nil }

    /// Takes more bytes.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start == buffer.count || start > 65_536 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next operation; nil until more bytes come. Linear in the bytes.
    public mutating func next() throws(WireFault) -> ServerOperation? {
        if let fault { throw fault }
        do throws(WireFault) {
            if let pending { return try complete(pending) }
            guard let line = try nextLine() else { return nil }
            return try operation(line)
        } catch {
            fault = error
            throw error
        }
    }

    private mutating func nextLine() throws(WireFault) -> ArraySlice<UInt8>? {
        searched = max(searched, start)
        guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            if buffer.count - start > limits.controlLine + 1 { throw .controlLineTooLong(limit: limits.controlLine) }
            return nil
        }
        let line = buffer[start..<end]
        start = end + 1
        searched = start
        let isTerminated = line.last == UInt8(ascii: "\r")
        let text = isTerminated ? line.dropLast() : line
        guard text.count <= limits.controlLine else { throw .controlLineTooLong(limit: limits.controlLine) }
        return text
    }

    private mutating func operation(_ line: ArraySlice<UInt8>) throws(WireFault) -> ServerOperation? {
        let name = line.prefix { !Self.isBlank($0) }
        let rest = line[name.endIndex...].drop(while: Self.isBlank)
        switch String(decoding: name, as: UTF8.self).uppercased() {
        case "MSG": return try message(rest, hasHeaders: false)
        case "HMSG": return try message(rest, hasHeaders: true)
        case "INFO": return .info(Array(Self.trimmed(rest)))
        case "PING": return .ping
        case "PONG": return .pong
        case "+OK": return .ok
        case "-ERR":
            let text = String(decoding: Self.trimmed(rest), as: UTF8.self)
            let isQuoted = text.utf8.count >= 2 && text.hasPrefix("'") && text.hasSuffix("'")
            return .error(isQuoted ? String(text.dropFirst().dropLast()) : text)
        default: throw .unknownOperation
        }
    }

    private mutating func message(
        _ rest: ArraySlice<UInt8>, hasHeaders: Bool
    ) throws(WireFault) -> ServerOperation? {
        let name = hasHeaders ? "HMSG" : "MSG"
        let fields = rest.split(whereSeparator: Self.isBlank)
        let sizes = hasHeaders ? 2 : 1
        guard fields.count == sizes + 2 || fields.count == sizes + 3 else { throw .arguments(of: name) }
        guard let size = Self.size(fields[fields.count - 1]) else { throw .arguments(of: name) }
        var headerSize = 0
        if hasHeaders {
            guard let count = Self.size(fields[fields.count - 2]), count <= size else { throw .arguments(of: name) }
            headerSize = count
        }
        guard size <= limits.payload else { throw .payloadTooLong(bytes: size, limit: limits.payload) }
        let message = ServerOperation.Message(
            subject: Array(fields[0]), subscription: Array(fields[1]),
            reply: fields.count == sizes + 3 ? Array(fields[2]) : nil, payload: [])
        let waiting = Pending(message: message, headerSize: headerSize, size: size)
        pending = waiting
        return try complete(waiting)
    }

    private mutating func complete(_ waiting: Pending) throws(WireFault) -> ServerOperation? {
        guard buffer.count - start >= waiting.size + 2 else { return nil }
        let payload = buffer[start..<start + waiting.size]
        guard buffer[payload.endIndex] == UInt8(ascii: "\r"), buffer[payload.endIndex + 1] == UInt8(ascii: "\n") else {
            throw .payloadEnd
        }
        start = payload.endIndex + 2
        pending = nil
        var message = waiting.message
        message.headers = Array(payload.prefix(waiting.headerSize))
        message.payload = Array(payload.dropFirst(waiting.headerSize))
        return .message(message)
    }

    /// One to nine digits.
    private static func size(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = text.lastIndex { !isBlank($0) }
        return end.map { text[...$0] } ?? []
    }
}

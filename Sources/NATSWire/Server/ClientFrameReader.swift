/// Reads what clients say, in place.
///
///     while let frame = try reader.next(in: bytes, from: start) {
///         handle(frame, bytes)
///         start = frame.end
///     }
///     // keep bytes[start...] until more come
///
/// Names of operations in any case, arguments between runs of blanks and tabs, control lines ended by CR LF or LF,
/// messages by CR LF. The subject where an answer is expected holds no control character. A limit is held before room is needed for what is beyond it: a caller never keeps more than a
/// control line and a message.
public struct ClientFrameReader: Sendable {
    /// What is taken of a client.
    public enum Admission: Sendable {
        /// CONNECT alone: it has not said who it is.
        case connect
        /// Everything.
        case everything
    }

    /// How long a control line, without its operation's name and its end, and a message may be.
    public var limits: WireLimits
    /// What is taken now.
    public var admission = Admission.connect
    /// Bytes that the operation at the start needs before it is looked at again.
    private var awaited = 0

    /// A reader for a client that has not said who it is.
    public init(limits: WireLimits) { self.limits = limits }

    /// The operation that begins at `start`; nil until more bytes come, which are then given together with these.
    ///
    /// - Complexity: linear in the control line; each byte of a message is passed over.
    @inline(__always)
    public mutating func next(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) throws(ClientFault) -> ClientFrame? {
        guard start >= 0, start < bytes.count, bytes.count <= Int(UInt32.max), let base = bytes.baseAddress else {
            return nil
        }
        if bytes.count &- start < awaited { return nil }
        return try read(base, start, bytes.count)
    }

    /// The same, for a published message only: nil where another operation begins, which is left to `next`.
    @inline(__always)
    public mutating func nextPublish(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) throws(ClientFault) -> ClientFrame? {
        guard admission == .everything, start >= 0, start < bytes.count, bytes.count <= Int(UInt32.max),
            let base = bytes.baseAddress, bytes.count &- start >= awaited
        else { return nil }
        var line = ControlLine(base, start, bytes.count)
        switch line.word().operation {
        case .publish: return try publish(&line, withHeaders: false)
        case .publishWithHeaders: return try publish(&line, withHeaders: true)
        default: return nil
        }
    }

    private mutating func read(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int
    ) throws(ClientFault) -> ClientFrame? {
        awaited = 0
        var line = ControlLine(base, start, count)
        // The usual first: a published message.
        let word = line.word()
        if admission == .connect, word.operation != .connect {
            if word.operation == .unknown, word.isCertain { throw .unknownOperation }
            if word.operation != .unknown { throw .beforeConnect }
        }
        switch word.operation {
        case .publish: return try publish(&line, withHeaders: false)
        case .publishWithHeaders: return try publish(&line, withHeaders: true)
        case .ping, .pong, .ok:
            guard try end(of: &line) else { return nil }
            let kind: ClientFrame.Kind =
                word.operation == .ping ? .ping : word.operation == .pong ? .pong : .passedOver
            return Self.frame(kind, line)
        case .subscribe: return try subscribe(&line)
        case .unsubscribe: return try unsubscribe(&line)
        case .connect, .info:
            try skipBlanks(&line)
            let first = line.position
            guard try end(of: &line) else { return nil }
            var frame = Self.frame(word.operation == .connect ? .connect : .passedOver, line)
            frame.first = .init(first..<max(first, line.textEnd))
            return frame
        case .error: throw .arguments
        case .unknown:
            if word.isCertain { throw .unknownOperation }
            return nil
        }
    }

    private static func frame(_ kind: ClientFrame.Kind, _ line: ControlLine) -> ClientFrame {
        var frame = ClientFrame(kind)
        frame.next = UInt32(truncatingIfNeeded: line.next)
        return frame
    }

    /// Passes over blanks. They do not count as text; but they are kept until the line is whole, so they are not without
    /// end.
    @inline(__always)
    private func skipBlanks(_ line: inout ControlLine) throws(ClientFault) {
        let first = line.position
        line.skipBlanks()
        if line.position &- first > limits.controlLine { throw .controlLine }
    }

    /// Goes to the end of the line, whatever stands before it.
    private func end(of line: inout ControlLine) throws(ClientFault) -> Bool {
        try skipBlanks(&line)
        let first = line.position
        let isWhole = line.findEnd(within: limits.controlLine)
        guard line.textEnd &- first <= limits.controlLine else { throw .controlLine }
        return isWhole
    }

    /// Up to five arguments; nil while the line is not whole.
    @inline(__always)
    private func arguments(_ line: inout ControlLine) throws(ClientFault) -> Arguments? {
        try skipBlanks(&line)
        let first = line.position
        var arguments = Arguments()
        while let argument = line.argument() {
            arguments.append(argument)
            if arguments.count > 4 { break }
        }
        guard line.isWhole || line.findEnd(within: limits.controlLine &+ 1) else {
            if line.count &- first > limits.controlLine &+ 1 { throw .controlLine }
            return nil
        }
        guard line.textEnd &- first <= limits.controlLine else { throw .controlLine }
        return arguments
    }

    private mutating func publish(
        _ line: inout ControlLine, withHeaders: Bool
    ) throws(ClientFault) -> ClientFrame? {
        awaited = 0
        let start = line.start
        guard let arguments = try arguments(&line) else { return nil }
        let sizes = withHeaders ? 2 : 1
        guard arguments.count == sizes &+ 1 || arguments.count == sizes &+ 2 else { throw .arguments }
        guard let size = line.size(arguments[arguments.count &- 1]) else { throw .arguments }
        var headerCount = 0
        if withHeaders {
            guard let count = line.size(arguments[arguments.count &- 2]), count <= size else { throw .arguments }
            headerCount = count
        }
        // It is written to others as it is: some of them cut a line at any white space, and end at a CR alone.
        if arguments.count == sizes &+ 2, line.hasControlCharacter(arguments[1]) { throw .arguments }
        guard size <= limits.payload else { throw .payload }
        let message = line.next..<(line.next &+ size)
        let end = message.upperBound &+ 2
        guard end <= line.count else {
            // What is there of its end is looked at when all is.
            awaited = end &- start
            return nil
        }
        guard line.base[message.upperBound] == 0x0D, line.base[message.upperBound &+ 1] == 0x0A else {
            throw .unknownOperation
        }
        var frame = ClientFrame(.publish)
        frame.first = .init(arguments[0])
        if arguments.count == sizes &+ 2 { frame.second = .init(arguments[1]) }
        frame.third = .init(message)
        frame.number = UInt32(truncatingIfNeeded: headerCount)
        frame.hasHeaders = withHeaders
        frame.next = UInt32(truncatingIfNeeded: end)
        return frame
    }

    private func subscribe(_ line: inout ControlLine) throws(ClientFault) -> ClientFrame? {
        guard let arguments = try arguments(&line) else { return nil }
        guard arguments.count == 2 || arguments.count == 3 else { throw .arguments }
        var frame = Self.frame(.subscribe, line)
        frame.first = .init(arguments[0])
        if arguments.count == 3 { frame.second = .init(arguments[1]) }
        frame.third = .init(arguments[arguments.count &- 1])
        return frame
    }

    private func unsubscribe(_ line: inout ControlLine) throws(ClientFault) -> ClientFrame? {
        guard let arguments = try arguments(&line) else { return nil }
        guard arguments.count > 0 else { throw .unknownOperation }
        guard arguments.count <= 2 else { throw .arguments }
        var frame = Self.frame(.unsubscribe, line)
        frame.third = .init(arguments[0])
        // What is no number ends the subscription now, as 0 does.
        if arguments.count == 2 { frame.number = UInt32(truncatingIfNeeded: line.size(arguments[1]) ?? 0) }
        return frame
    }
}

/// The first arguments of a control line, without an array.
private struct Arguments {
    private var places = (
        ClientFrame.Place(), ClientFrame.Place(), ClientFrame.Place(), ClientFrame.Place(), ClientFrame.Place()
    )
    private(set) var count = 0

    @inline(__always)
    mutating func append(_ place: Range<Int>) {
        let place = ClientFrame.Place(place)
        switch count {
        case 0: places.0 = place
        case 1: places.1 = place
        case 2: places.2 = place
        case 3: places.3 = place
        default: places.4 = place
        }
        count &+= 1
    }

    @inline(__always)
    subscript(_ index: Int) -> Range<Int> {
        switch index {
        case 0: places.0.range
        case 1: places.1.range
        case 2: places.2.range
        case 3: places.3.range
        default: places.4.range
        }
    }
}

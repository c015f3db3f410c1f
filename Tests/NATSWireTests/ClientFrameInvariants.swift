import NATSWire

/// What holds for every bytes that a client may send. Run over mutated sessions by the tests and by the fuzzer.
enum ClientFrameInvariants {
    typealias Operation = PlainClientReader.Operation

    /// What is wrong with how this input was read; nil if nothing is. The first byte chooses the limits and whether the
    /// client has said who it is, the second how the rest is cut.
    static func violation(for input: [UInt8]) -> String? {
        guard input.count > 2 else { return nil }
        let choices = [(4096, 1 << 20), (16, 8), (64, 0), (1, 3)]
        let (line, payload) = choices[Int(input[0]) % choices.count]
        let limits = WireLimits(controlLine: line, payload: payload)
        let admission: ClientFrameReader.Admission = input[0] & 4 == 0 ? .everything : .connect
        let text = Array(input[2...])
        let expected = PlainClientReader.read(text, limits: limits, admission: admission)
        for length in Set([text.count, 1, Int(input[1]) + 1]) {
            let read = Self.read(text, in: length, limits, admission)
            if read.operations != expected.operations {
                return "in pieces of \(length): \(read.operations.count) operations, expected "
                    + "\(expected.operations.count), or others"
            }
            let step = read.fault.map { PlainClientReader.Step.fault($0) } ?? .incomplete
            if step != expected.last { return "in pieces of \(length): \(step), expected \(expected.last)" }
            // A name, blanks and a line, or a message.
            let room = 8 + 2 * line + 4 + payload + 2
            if read.kept > room { return "\(read.kept) bytes are kept, and \(room) suffice" }
        }
        return nil
    }

    /// Reads as a connection does: bytes that are not used are given again with those that come behind.
    static func read(
        _ text: [UInt8], in length: Int, _ limits: WireLimits, _ admission: ClientFrameReader.Admission
    ) -> (operations: [Operation], fault: ClientFault?, kept: Int) {
        var reader = ClientFrameReader(limits: limits)
        reader.admission = admission
        var (operations, kept, most) = ([Operation](), [UInt8](), 0)
        var place = 0
        while place < text.count {
            kept += text[place..<min(text.count, place + length)]
            place += length
            var start = 0
            do throws(ClientFault) {
                try kept.withUnsafeBufferPointer { (bytes) throws(ClientFault) in
                    while let frame = try reader.next(in: bytes, from: start) {
                        operations.append(copy(frame, bytes, from: start))
                        start = frame.end
                        if frame.kind == .connect { reader.admission = .everything }
                    }
                }
            } catch {
                return (operations, error, most)
            }
            kept.removeFirst(start)
            most = max(most, kept.count)
        }
        return (operations, nil, most)
    }

    private static func copy(_ frame: ClientFrame, _ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Operation {
        Operation(
            kind: frame.kind, subject: Array(bytes[frame.subject]), reply: Array(bytes[frame.reply]),
            queue: Array(bytes[frame.queue]), subscription: Array(bytes[frame.subscription]),
            remaining: frame.remaining, options: Array(bytes[frame.options]), message: Array(bytes[frame.message]),
            headerCount: frame.headerCount, hasHeaders: frame.hasHeaders, length: frame.end - start)
    }
}

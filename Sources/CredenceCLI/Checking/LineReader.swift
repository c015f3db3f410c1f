import Glibc

/// Standard input line by line, in bounded memory, however long a line is.
struct LineReader {
    /// Twice what the longest valid line takes: a subject, a queue, and the name of the operation.
    static let longestLine = 20_000

    /// Calls `line` with each line that is not empty, without its end, and its number from 1; with nil for one that is
    /// too long. `flush` is called when no more lines are there at the moment.
    static func forEachLine(
        _ line: (ArraySlice<UInt8>?, Int) throws(CommandFailure) -> Void,
        flush: () throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        var pending: [UInt8] = []
        var isTooLong = false
        var number = 0
        func end(_ line: (ArraySlice<UInt8>?, Int) throws(CommandFailure) -> Void) throws(CommandFailure) {
            number += 1
            let text = pending.last == UInt8(ascii: "\r") ? pending.dropLast() : pending[...]
            if isTooLong { try line(nil, number) } else if !text.isEmpty { try line(text, number) }
            pending.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        while let chunk = try Files.readChunk(of: STDIN_FILENO, name: "-") {
            for part in Parts(chunk) {
                if pending.count + part.bytes.count > longestLine {
                    isTooLong = true
                    pending.removeAll(keepingCapacity: true)
                } else if !isTooLong {
                    pending += part.bytes
                }
                if part.endsLine { try end(line) }
            }
            try flush()
        }
        if isTooLong || !pending.isEmpty { try end(line) }
        try flush()
    }

    /// The lines of a chunk, and what stands behind the last.
    private struct Parts: Sequence, IteratorProtocol {
        private var rest: ArraySlice<UInt8>

        init(_ chunk: [UInt8]) { rest = chunk[...] }

        mutating func next() -> (bytes: ArraySlice<UInt8>, endsLine: Bool)? {
            guard !rest.isEmpty else { return nil }
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                defer { rest = [] }
                return (rest, false)
            }
            defer { rest = rest[(end + 1)...] }
            return (rest[..<end], true)
        }
    }
}

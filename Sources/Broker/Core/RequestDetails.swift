import NATSWire
import Subjects
import Trust

/// The header that tells an exporter who asks. Only the broker says it: what a client says under its name is taken out of
/// every message (CVE-2026-33223, CVE-2026-33246).
enum RequestDetails {
    static let name = "Nats-Request-Info"

    /// How much is told.
    enum Share {
        /// The account that asks.
        case account
        /// Who asks, and from where; never a token.
        case details
    }

    private static let version = "NATS/1.0"

    /// The header block without the lines that begin with the name, however it is written; nil when it has none.
    ///
    /// A block is cut wherever a reader may cut it, at CR and at LF alone as well, blanks before a name are no way round,
    /// and lines that go on a line that is taken out go with it.
    static func stripped(_ block: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var found = false
        var kept: [UInt8] = []
        var index = 0
        var isTakingOut = false
        while index < block.count {
            var end = index
            while end < block.count, block[end] != 0x0D, block[end] != 0x0A { end += 1 }
            var next = end
            while next < block.count, block[next] == 0x0D || block[next] == 0x0A {
                next += 1
                if block[next - 1] == 0x0A { break }
            }
            let line = index..<end
            let isContinued = !line.isEmpty && (block[index] == 0x20 || block[index] == 0x09)
            if isTakingOut, isContinued {
                found = true
            } else if isName(block, line) {
                isTakingOut = true
                found = true
            } else {
                isTakingOut = false
                kept += block[index..<next]
            }
            index = next
        }
        return found ? kept : nil
    }

    private static func isName(_ block: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Bool {
        let name = Array(Self.name.utf8)
        var index = line.lowerBound
        while index < line.upperBound, block[index] <= 0x20 { index += 1 }
        guard line.upperBound - index >= name.count else { return false }
        for (offset, byte) in name.enumerated() {
            let own = block[index + offset]
            let lower = (0x41...0x5A).contains(own) ? own | 0x20 : own
            let wanted = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            if lower != wanted { return false }
        }
        index += name.count
        while index < line.upperBound, block[index] <= 0x20 { index += 1 }
        return index == line.upperBound || block[index] == UInt8(ascii: ":")
    }

    /// The headers of a request that crosses: those that it had, and who asks.
    static func headers(
        of message: Message, path: [AccountSpace], requestor: Session?, share: Share, core: BrokerCore
    ) -> [UInt8] {
        var block = Array(message.headers)
        if let stripped = stripped(message.headers) { block = stripped }
        let isBlock = isHeaderBlock(block)
        // What is no header block is not passed on as one: nobody could say what it says of who asks.
        block = isBlock ? block.dropLast(2) : Array("\(version)\r\n".utf8)
        block += "\(name): ".utf8
        block += details(path: path, requestor: requestor, share: share, core: core).utf8
        return block + "\r\n\r\n".utf8
    }

    /// Whether a reader of headers reads all of it: it begins as it should, and its only empty line is the last.
    private static func isHeaderBlock(_ block: [UInt8]) -> Bool {
        guard block.starts(with: version.utf8), Array(block.suffix(4)) == [13, 10, 13, 10] else { return false }
        let inside = block.dropLast(4)
        return !zip(inside, inside.dropFirst()).contains { $0 == 10 && ($1 == 10 || $1 == 13) || $0 == 13 && $1 != 10 }
    }

    private static func details(
        path: [AccountSpace], requestor: Session?, share: Share, core: BrokerCore
    ) -> WireJSON {
        guard let first = path.first else { return .object([]) }
        var members: [WireJSON.Member] =
            if share == .details, let requestor {
                SessionDetails.members(of: requestor, in: first, tagged: .user, core: core)
            } else {
                [.init("acc", .string(first.key.text))]
                    + (requestor?.roundTrip.map { [.init("rtt", .number(String($0)))] } ?? [])
            }
        if path.count > 1, let last = path.last { members.append(.init("svc", .string(last.key.text))) }
        return .object(members)
    }

    /// The headers that ask for a measurement.
    static func traceHeaders(in block: UnsafeBufferPointer<UInt8>) -> [(name: String, value: String)] {
        guard let headers = try? MessageHeaders(parsing: Array(block)) else { return [] }
        var found: [(name: String, value: String)] = []
        for field in headers.fields {
            let value = field.value
            let asks =
                switch field.name.lowercased() {
                case "x-b3-sampled": value == "1"
                case "x-b3-traceid", "uber-trace-id": !value.isEmpty
                case "b3": value != "0" && !value.hasSuffix("-0")
                case "traceparent": isSampled(value)
                default: false
                }
            if asks { found.append((field.name, value)) }
        }
        return found
    }

    /// Whether the last two hexadecimal digits of a trace parent have the lowest bit set.
    private static func isSampled(_ parent: String) -> Bool {
        let parts = parent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[3].utf8.count == 2, let flags = UInt8(parts[3], radix: 16) else { return false }
        return flags & 1 == 1
    }
}

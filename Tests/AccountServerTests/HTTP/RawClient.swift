import Glibc
import Synchronization
import Trust

/// A connection that sends bytes as they are told, for clients that do not behave. Calls block.
final class RawClient: Sendable {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let socket: Int32
    private let pending = Mutex<[UInt8]>([])

    /// Connects to this machine.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Fault(description: "no socket") }
        // A guard against hanging, not a measure of anything.
        var guarded = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &guarded, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &guarded, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Closed at the end of this value, and not here as well: the number is another's at once.
        guard status == 0 else { throw Fault(description: "not connected: \(errno)") }
    }

    deinit { Glibc.close(socket) }

    /// A request as it is usual.
    static func request(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil) -> String {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n" + (body ?? "")
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Fault(description: "not sent: \(errno)") }
            sent += count
        }
    }

    /// Ends what is sent; answers can still be read.
    func endSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Some bytes; none at the end.
    func receive(atMost limit: Int = 65_536) throws -> [UInt8] {
        let kept = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        if !kept.isEmpty { return kept }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else {
            if errno == ECONNRESET { return [] }
            throw Fault(description: "not received: \(errno)")
        }
        return Array(bytes[..<count])
    }

    /// Everything until the other side ends.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try receive()
            if piece.isEmpty { return all }
            all += piece
        }
    }

    /// The next answer.
    func answer(to method: String = "GET") throws -> RawAnswer {
        var bytes: [UInt8] = []
        var answer = RawAnswer(status: 0, fields: [:], body: [])
        while true {
            if let head = Self.headEnd(in: bytes) {
                answer = try RawAnswer(head: String(decoding: bytes[..<head], as: UTF8.self))
                bytes.removeFirst(head + 4)
                if answer.status == 100 {
                    pending.withLock { $0 = bytes }
                    return answer
                }
                break
            }
            let piece = try receive()
            guard !piece.isEmpty else { throw Fault(description: "ended before an answer: \(bytes.count) bytes") }
            bytes += piece
        }
        if method == "HEAD" || answer.status == 304 {
            pending.withLock { $0 = bytes }
            return answer
        }
        if let length = answer.fields["content-length"].flatMap({ Int($0) }) {
            while bytes.count < length {
                let piece = try receive()
                guard !piece.isEmpty else { throw Fault(description: "the body ended early") }
                bytes += piece
            }
            answer.body = Array(bytes[..<length])
            let rest = Array(bytes[length...])
            pending.withLock { $0 = rest }
        } else {
            while !Self.isWhole(chunks: bytes) {
                let piece = try receive()
                guard !piece.isEmpty else { throw Fault(description: "the chunks ended early") }
                bytes += piece
            }
            answer.body = Self.joined(chunks: bytes)
        }
        return answer
    }

    private static func headEnd(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }

    private static func isWhole(chunks bytes: [UInt8]) -> Bool {
        bytes.suffix(5).elementsEqual(Array("0\r\n\r\n".utf8))
    }

    private static func joined(chunks bytes: [UInt8]) -> [UInt8] {
        var joined: [UInt8] = []
        var index = 0
        while let end = bytes[index...].firstIndex(of: 13),
            let count = Int(String(decoding: bytes[index..<end], as: UTF8.self), radix: 16), count > 0
        {
            joined += bytes[(end + 2)..<(end + 2 + count)]
            index = end + 2 + count + 2
        }
        return joined
    }
}

/// An answer as it came.
struct RawAnswer: Sendable {
    var status: Int
    var fields: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    init(status: Int, fields: [String: String], body: [UInt8]) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    init(head: String) throws {
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw RawClient.Fault(description: "not a head: \(head)")
        }
        self.status = status
        fields = [:]
        body = []
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let name = line[..<colon].lowercased()
            let value = line[colon...].dropFirst().drop { $0 == " " }
            guard fields.updateValue(String(value), forKey: name) == nil else {
                throw RawClient.Fault(description: "the header \(name) came twice")
            }
        }
    }

    /// The codes of the failures in a refusal.
    var rules: [String] {
        guard case .object(let members)? = try? JSONTree(body),
            case .list(let failures)? = members.first(where: { $0.name == "failures" })?.value
        else { return [] }
        return failures.compactMap {
            guard case .object(let members) = $0,
                case .string(let rule)? = members.first(where: { $0.name == "rule" })?.value
            else { return nil }
            return rule
        }
    }
}

import Foundation

/// What a server says to a client: an operation, with its payload where it has one.
enum ServerLine {
    /// A message.
    struct Message {
        /// Its control line, blanks as they came.
        let line: String
        let subject: String
        let sid: String
        /// Where it wants an answer; nil for nowhere.
        let reply: String?
        /// The header block, with its end; nil for a message without.
        let headers: [UInt8]?
        let payload: [UInt8]

        /// The payload as text.
        var text: String { String(decoding: payload, as: UTF8.self) }

        /// The payload as a JSON object; nil when it is none.
        var json: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any] }

        /// The values of a header, in whatever case its name stands.
        func header(_ name: String) -> [String] {
            guard let headers else { return [] }
            return String(decoding: headers, as: UTF8.self).components(separatedBy: "\r\n").compactMap { line in
                guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else {
                    return nil
                }
                return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
    }

    case message(Message)
    case info([String: Any])
    case ping
    case pong
    /// `+OK`, `-ERR '…'`, or what should not be.
    case other(String)
    case closed

    /// Reads the next one.
    init(from socket: WireSocket) throws {
        guard let line = try socket.line() else {
            self = .closed
            return
        }
        let word = line.prefix { $0 != " " && $0 != "\t" }
        switch word {
        case "PING": self = .ping
        case "PONG": self = .pong
        case "INFO":
            let object = try? JSONSerialization.jsonObject(with: Data(line.dropFirst(5).utf8)) as? [String: Any]
            self = object.map { .info($0) } ?? .other(line)
        case "MSG", "HMSG":
            self = try Self.message(line, hasHeaders: word == "HMSG", from: socket)
        default: self = .other(line)
        }
    }

    private static func message(_ line: String, hasHeaders: Bool, from socket: WireSocket) throws -> ServerLine {
        let words = line.split(separator: " ").dropFirst().map(String.init)
        let sizes = hasHeaders ? 2 : 1
        guard words.count == 2 + sizes || words.count == 3 + sizes, let size = words.last.flatMap({ Int($0) }),
            let split = hasHeaders ? Int(words[words.count - 2]) : 0, split <= size
        else { throw Fault("the server says `\(line)`") }
        guard let body = try socket.bytes(size), let end = try socket.bytes(2) else { return .closed }
        guard end == [13, 10] else { throw Fault("a message does not end where it says: `\(line)`") }
        return .message(
            Message(
                line: line, subject: words[0], sid: words[1], reply: words.count == 3 + sizes ? words[2] : nil,
                headers: hasHeaders ? Array(body[..<split]) : nil, payload: Array(body[split...])))
    }

    /// One line that says it, for those who compare. Of messages with a header that a server writes about itself, the
    /// sizes are left out, as they differ with how long things took.
    var observed: String {
        switch self {
        case .message(let message):
            guard let headers = message.headers else { return "\(message.line): \(Self.shown(message.payload))" }
            let head = ["HMSG", message.subject, message.sid, message.reply].compactMap { $0 }.joined(separator: " ")
            return "\(head): \(Self.shown(headers))| \(Self.shown(message.payload))"
        case .info(let members):
            return "INFO \(members.keys.sorted().joined(separator: " "))"
        case .ping: return "PING"
        case .pong: return "PONG"
        case .other(let line): return line
        case .closed: return "closed"
        }
    }

    /// Bytes as text on one line.
    static func shown(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "⏎").replacing("\r", with: "␍")
            .replacing("\n", with: "␊")
    }
}

import Foundation

/// What a server answered.
struct HTTPReply {
    let status: Int
    /// By their names in lower case.
    let headers: [String: String]
    let body: String

    /// The codes of the rules that refused.
    var rules: [String] {
        let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        let failures = object?["failures"] as? [[String: Any]] ?? []
        return failures.compactMap { $0["rule"] as? String }
    }
}

/// One connection to a server on this machine that is used for one request after the other: plain, so that a test sees
/// when a connection breaks, and can stop in the middle of a request.
final class HTTPCaller {
    /// The connection ended before an answer had come whole.
    struct Broken: Error {}

    private let socket: Int32
    private var rest: [UInt8] = []

    init(port: Int) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Broken() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // A guard against hanging.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let socket = socket
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Closed at the end of this value, and not here as well: the number is another's at once.
        guard status == 0 else { throw Broken() }
    }

    deinit { close(socket) }

    func ask(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil
    ) throws -> HTTPReply {
        try send(Self.head(method, path, headers: headers, length: body?.utf8.count) + (body ?? ""))
        return try reply()
    }

    static func head(_ method: String, _ path: String, headers: [String: String] = [:], length: Int?) -> String {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let length { head += "Content-Length: \(length)\r\n" }
        return head + "\r\n"
    }

    func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw Broken() }
            rest = rest.dropFirst(sent)
        }
    }

    /// The next answer; those that go before it (`100 Continue`) are passed over.
    func reply() throws -> HTTPReply {
        while true {
            let reply = try nextReply()
            if reply.status != 100 { return reply }
        }
    }

    /// The next answer, whatever it is.
    func nextReply() throws -> HTTPReply {
        let lines = try line(endingWith: "\r\n\r\n").split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Broken()
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Broken() }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        var body: [UInt8] = []
        if headers["transfer-encoding"] == "chunked" {
            while true {
                // Carriage return and line feed are one character.
                guard let size = Int(try line(endingWith: "\r\n").dropLast(), radix: 16) else { throw Broken() }
                body += try bytes(size)
                _ = try bytes(2)
                if size == 0 { break }
            }
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            body = try bytes(length)
        }
        return HTTPReply(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
    }

    private func line(endingWith end: String) throws -> String {
        let end = Array(end.utf8)
        while true {
            if let range = rest.firstRange(of: end) {
                return String(decoding: try bytes(range.upperBound), as: UTF8.self)
            }
            try receive()
        }
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        while rest.count < count { try receive() }
        defer { rest.removeFirst(count) }
        return Array(rest.prefix(count))
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let got = recv(socket, &buffer, buffer.count, 0)
        guard got > 0 else { throw Broken() }
        rest += buffer[..<got]
    }
}

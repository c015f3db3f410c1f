import Foundation

/// A plain connection over TCP, to say to a server what no client would. It waits on threads of its own: those that tests
/// run on are needed for answering.
final class HTTPExchange: Sendable {
    /// What came before the end of a connection.
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
    }

    private let socket: Int32

    /// Connects; nil when nobody takes it.
    init?(port: Int) {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // Against hanging.
        var limit = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    deinit { close(socket) }

    func say(_ text: String) async {
        await Self.waiting { [socket] in Self.say(text, socket) }
    }

    private static func say(_ text: String, _ socket: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Everything up to the end of the connection; nil when it does not end within ten minutes.
    func readAll() async -> [UInt8]? {
        await Self.waiting { [socket] in Self.readAll(socket) }
    }

    private static func waiting<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static func readAll(_ socket: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &chunk, chunk.count, 0)
            if count < 0, errno == EAGAIN { return nil }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// The one answer that comes before the end; nil for anything else.
    func answer() async -> Answer? {
        guard let bytes = await readAll(), let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return nil
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let name = line.prefix { $0 != ":" }
            headers[name.lowercased()] = String(line.dropFirst(name.count + 1).drop { $0 == " " })
        }
        return Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }

    /// One request, and its answer.
    static func get(_ target: String, port: Int) async -> Answer? {
        guard let exchange = HTTPExchange(port: port) else { return nil }
        await exchange.say("GET \(target) HTTP/1.0\r\n\r\n")
        return await exchange.answer()
    }
}

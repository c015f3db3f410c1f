import Foundation
import Glibc
import NKeys

/// A socket to a broker, on which a test says any bytes it likes.
final class RawClient {
    private let socket: Int32
    private var received: [UInt8] = []

    /// Connects to a port of the loopback.
    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Fault("no socket: \(errno)") }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Closed at the end of this value, and not here as well: the number is another's at once.
        guard result == 0 else { throw Fault("no connection: \(errno)") }
        // Guards against hanging: reads and writes that would wait longer fail.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(socket) }

    /// Sends bytes; false when the broker has closed, or takes none.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            start += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Reads until `text` has come, and takes everything up to its end; nil at the end of the connection.
    func read(to text: String) -> String? { readBytes(to: text).map { String(decoding: $0, as: UTF8.self) } }

    /// The same, as bytes: nothing says that they are UTF-8.
    func readBytes(to text: String) -> [UInt8]? {
        while true {
            if let found = received.firstRange(of: Array(text.utf8)) {
                defer { received.removeFirst(found.upperBound) }
                return Array(received[..<found.upperBound])
            }
            guard more() else { return nil }
        }
    }

    private func more() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }

    /// Everything that comes until the broker closes the connection.
    func readToEnd() -> String {
        while more() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Says who it is, and hears that it is let in.
    func connect(_ creds: CredentialsFile, options: String = "") throws {
        send(try connectText(creds, options: options) + "PING\r\n")
        guard read(to: "PONG\r\n") != nil, read(to: " \r\n") != nil else { throw Fault("a client was not let in") }
    }

    /// CONNECT, after INFO was read for its nonce.
    func connectText(_ creds: CredentialsFile, options: String = "") throws -> String {
        guard let info = read(to: "\r\n"), let nonce = info.firstMatch(of: /"nonce":"([^"]*)"/)?.1 else {
            throw Fault("no INFO came")
        }
        let signature = try KeyPair(creds.seed).sign(Array(nonce.utf8))
        let encoded = Data(signature.rawBytes).base64EncodedString()
        return """
            CONNECT {"verbose":false,"pedantic":false,"protocol":1,"headers":true,"no_responders":true,\(options)\
            "jwt":"\(String(decoding: creds.token, as: UTF8.self))","sig":"\(encoded)"}\r\n
            """
    }
}

import Foundation

/// A connection on the loopback that carries bytes and nothing else: no client library stands between. Every wait ends
/// with something that the server does, or with a guard against hanging.
final class WireSocket {
    /// How long nothing may happen, in milliseconds, before the conversation is given up.
    static let guardTime: Int32 = 120_000

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private(set) var isClosed = false

    /// Connects.
    ///
    /// - Parameter receiveBuffer: bytes that the system keeps for a reader that does not read; nil for its own idea.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        // Closed at the end of this value, and not here as well: the number is another's at once.
        guard isConnected else { throw Fault("no connection to port \(port): error \(errno)") }
    }

    deinit { Foundation.close(descriptor) }

    /// Ends this side of the connection; what the server still says can be read.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection, and returns when the server has ended its side too.
    func close() throws {
        finish()
        while try more() {}
    }

    /// Sends bytes. A connection that the server has ended takes them and does nothing, as its end shows on reading.
    func send(_ bytes: some Collection<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            sent += count
        }
    }

    /// The next line without its end; nil when the server has closed the connection.
    func line() throws -> String? {
        var seen = start
        while true {
            if let end = buffer[seen...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[start..<end]
                start = end + 1
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            let known = buffer.count - start
            guard try more() else { return nil }
            seen = start + known
        }
    }

    /// So many bytes; nil when the connection ends before.
    func bytes(_ count: Int) throws -> [UInt8]? {
        while buffer.count - start < count {
            guard try more() else { return nil }
        }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    /// Reads what comes next; false when the server has closed the connection.
    private func more() throws -> Bool {
        if isClosed { return false }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&wait, 1, Self.guardTime)
        if ready < 0, errno == EINTR { return true }
        guard ready > 0 else { throw Fault("the server neither says anything nor closes the connection") }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count <= 0 {
            if count < 0, errno == EINTR { return true }
            isClosed = true
            return false
        }
        buffer += chunk[..<count]
        return true
    }
}

import Glibc
import NATSWire

/// A connection to a server: bytes out, operations in. Waits for the server, but not for ever.
final class ServerConnection {
    /// Why a connection is of no use any more.
    enum Fault: Error, CustomStringConvertible {
        case system(String)
        /// The server closed the connection.
        case closed
        case silent
        /// What the server said with `-ERR`.
        case error(String)
        case wire(WireFault)

        var description: String {
            switch self {
            case .system(let text): text
            case .closed: "the server closed the connection"
            case .silent: "the server does not answer for \(ServerConnection.patience) s"
            case .error(let text): "the server says \(Files.quoted(text))"
            case .wire(let fault): "the server does not speak the protocol: \(fault)"
            }
        }
    }

    private static let patience = 10
    private let socket: Int32
    private var parser = ServerOperationParser()

    /// Connects.
    init(to address: ServerAddress) throws(Fault) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(address.host, "\(address.port)", &hints, &found)
        guard result == 0, let found else {
            throw .system("\(Files.quoted(address.host)): \(String(cString: gai_strerror(result)).lowercased())")
        }
        defer { freeaddrinfo(found) }
        var number: Int32 = 0
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let candidate = next {
            switch Self.connect(candidate.pointee) {
            case .success(let socket):
                self.socket = socket
                return
            case .failure(let error): number = error.number
            }
            next = candidate.pointee.ai_next
        }
        throw .system("\(address.url): \(Files.text(of: number))")
    }

    deinit { close(socket) }

    /// Sends operations.
    func send(_ operations: ClientOperation...) throws(Fault) {
        var bytes: [UInt8] = []
        for operation in operations {
            do throws(WireFault) {
                try operation.write(to: &bytes)
            } catch {
                throw .wire(error)
            }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0, errno == EINTR { continue }
            guard sent >= 0 else { throw Self.fault(errno) }
            rest = rest.dropFirst(sent)
        }
    }

    /// The next operation.
    func receive() throws(Fault) -> ServerOperation {
        while true {
            do throws(WireFault) {
                if let operation = try parser.next() { return operation }
            } catch {
                throw .wire(error)
            }
            try read()
        }
    }

    private func read() throws(Fault) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.fault(errno) }
            guard count > 0 else { throw .closed }
            return parser.append(chunk[..<count])
        }
    }

    private struct SystemError: Error { let number: Int32 }

    private static func connect(_ address: addrinfo) -> Result<Int32, SystemError> {
        let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(address.ai_family, type, address.ai_protocol)
        guard socket >= 0 else { return .failure(SystemError(number: errno)) }
        // The limits on time hold for connecting too.
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        if Glibc.connect(socket, address.ai_addr, address.ai_addrlen) == 0 { return .success(socket) }
        let number = errno
        close(socket)
        return .failure(SystemError(number: number == EINPROGRESS ? ETIMEDOUT : number))
    }

    private static func fault(_ number: Int32) -> Fault {
        switch number {
        case EAGAIN, EWOULDBLOCK: .silent
        case ECONNRESET, EPIPE: .closed
        default: .system(Files.text(of: number))
        }
    }
}

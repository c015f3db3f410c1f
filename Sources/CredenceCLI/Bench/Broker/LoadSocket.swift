import Glibc

/// A connection of the load generator: a blocking socket, and nothing between it and the system.
///
/// No call waits longer than the patience, and none begins after the deadline: whatever the server does, a run ends.
final class LoadSocket {
    private let descriptor: Int32
    private let patience: LoadPatience

    /// Connects.
    init(to address: ResolvedAddress, patience: LoadPatience) throws(LoadFault) {
        self.patience = patience
        var number: Int32 = 0
        for candidate in address.candidates {
            let descriptor = Glibc.socket(
                candidate.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw .system(Files.text(of: errno)) }
            Self.prepare(descriptor, patience)
            if candidate.connect(descriptor) == 0 {
                self.descriptor = descriptor
                return
            }
            number = errno
            close(descriptor)
        }
        switch number {
        case EINPROGRESS, EAGAIN: throw .silent(seconds: patience.seconds)
        case EADDRNOTAVAIL:
            throw .system("every port of this machine is taken by connections that ended less than a minute ago")
        default: throw .system(Files.text(of: number))
        }
    }

    deinit { close(descriptor) }

    private static func prepare(_ descriptor: Int32, _ patience: LoadPatience) {
        // The limits on time hold for connecting too.
        var limit = timeval(tv_sec: patience.seconds, tv_usec: 0)
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends the bytes, or the first of them.
    func send(_ bytes: [UInt8], count: Int? = nil) throws(LoadFault) {
        try bytes.span.withUnsafeBytes { (bytes) throws(LoadFault) in
            let count = min(count ?? bytes.count, bytes.count)
            var sent = 0
            while sent < count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent..<count])
                let taken = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if taken < 0, errno == EINTR { continue }
                guard taken >= 0 else { throw fault(errno) }
                sent += taken
                try patience.check()
            }
        }
    }

    /// How long `receive` waits.
    enum Wait { case forBytes, notAtAll }

    /// Takes what has come, and says how much; nil for nothing yet.
    func receive(into buffer: UnsafeMutableRawBufferPointer, _ wait: Wait) throws(LoadFault) -> Int? {
        while true {
            let flags = wait == .notAtAll ? Int32(MSG_DONTWAIT) : 0
            let count = recv(descriptor, buffer.baseAddress, buffer.count, flags)
            if count > 0 {
                try patience.check()
                return count
            }
            guard count < 0 else { throw .closed }
            if errno == EINTR { continue }
            if wait == .notAtAll, errno == EAGAIN { return nil }
            throw fault(errno)
        }
    }

    /// From now on the system tells of bytes when there are so many: fewer and larger reads cost the machine less.
    func collect(_ bytes: Int) {
        var least = Int32(clamping: bytes)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &least, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Waits until one of the sockets has bytes, no longer than so many milliseconds.
    static func wait(for sockets: [LoadSocket], milliseconds: Int32) {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: sockets.count) { list in
            for index in sockets.indices {
                list.initializeElement(
                    at: index, to: pollfd(fd: sockets[index].descriptor, events: Int16(POLLIN), revents: 0))
            }
            _ = poll(list.baseAddress, nfds_t(list.count), milliseconds)
        }
    }

    private func fault(_ number: Int32) -> LoadFault {
        switch number {
        case EAGAIN, EWOULDBLOCK: .silent(seconds: patience.seconds)
        case ECONNRESET, EPIPE: .closed
        default: .system(Files.text(of: number))
        }
    }
}

/// How long a server may take: for one answer, and in all.
struct LoadPatience: Sendable {
    /// Seconds in which something has to happen.
    var seconds: Int
    /// When everything has to be over, in nanoseconds of the monotonic clock.
    private var deadline = UInt64.max
    private var total = 0

    init(seconds: Int) { self.seconds = max(1, seconds) }

    /// The same patience for something that takes this long by itself.
    func lasting(_ seconds: Double) -> LoadPatience {
        var patience = self
        patience.total = Int(min(max(seconds, 0), 1_000_000).rounded(.up)) + 6 * self.seconds
        patience.deadline = MonotonicClock.nanoseconds() &+ UInt64(patience.total) &* 1_000_000_000
        return patience
    }

    /// Whether there is time left.
    func check() throws(LoadFault) {
        if MonotonicClock.nanoseconds() > deadline { throw .endless(seconds: total) }
    }
}

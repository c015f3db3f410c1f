import Glibc

/// An address that was looked up once, so that connecting costs nothing but connecting.
struct ResolvedAddress: Sendable {
    /// One of the ways to reach it.
    struct Candidate: Sendable {
        let family: Int32
        private let bytes: [UInt8]

        fileprivate init?(_ found: addrinfo) {
            guard let address = found.ai_addr else { return nil }
            family = found.ai_family
            bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(found.ai_addrlen)))
        }

        /// As the system's `connect`.
        func connect(_ socket: Int32) -> Int32 {
            bytes.withUnsafeBytes { bytes in
                guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
                return Glibc.connect(socket, address, socklen_t(bytes.count))
            }
        }
    }

    /// The ways to reach it, the best first.
    let candidates: [Candidate]

    /// Looks the address up.
    init(_ address: ServerAddress) throws(LoadFault) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(address.host, "\(address.port)", &hints, &found)
        guard result == 0, let found else {
            throw .system("\(Files.quoted(address.host)): \(String(cString: gai_strerror(result)).lowercased())")
        }
        defer { freeaddrinfo(found) }
        var candidates: [Candidate] = []
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let entry = next {
            if let candidate = Candidate(entry.pointee) { candidates.append(candidate) }
            next = entry.pointee.ai_next
        }
        self.candidates = candidates
    }
}

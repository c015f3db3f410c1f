import Foundation
import Synchronization

/// Ports of the loopback that nobody listens on, and that nobody else comes to have by chance, also while a server is away:
/// they are none of those that the system gives to whoever asks for any port, and none is handed out twice.
public func freePorts(_ count: Int) throws -> [Int] {
    try (0..<count).map { _ in
        for _ in FixedPorts.range {
            let port = FixedPorts.next()
            if FixedPorts.isFree(port) { return port }
        }
        throw ServerFault("no free port in \(FixedPorts.range)")
    }
}

private enum FixedPorts {
    /// The longer of the two ranges beside the system's own.
    static let range: Range<Int> = {
        let text = (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)) ?? ""
        let own = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard own.count == 2, own[0] <= own[1] else { return 10_000..<32_768 }
        let (below, above) = (10_000..<max(own[0], 10_000), min(own[1] + 1, 65_536)..<65_536)
        return below.count >= above.count ? below : above
    }()

    /// Begins anywhere, as others may run the same tests on this machine.
    private static let last = Mutex(range.randomElement() ?? 10_000)

    static func next() -> Int {
        last.withLock { last in
            last = range.contains(last + 1) ? last + 1 : range.lowerBound
            return last
        }
    }

    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

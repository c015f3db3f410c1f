import NIOCore

/// Where a connection comes from.
struct CallerAddress: Hashable, Sendable {
    /// The address for people, without a port: `192.0.2.7`, `2001:db8::7`, `unix`.
    let text: String
    /// What one caller holds for certain: an address of version 4, or the first 64 bits of one of version 6.
    let network: Network
    /// Whether it is this machine.
    let isLoopback: Bool

    /// Eight bytes that stand for one caller.
    struct Network: Hashable, Sendable {
        let bits: UInt64
        let version: UInt8
    }

    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            let bits = UInt32(bigEndian: address.address.sin_addr.s_addr)
            self.init(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] + Self.bytes(of: bits))
        case .v6(let address):
            self.init(bytes: withUnsafeBytes(of: address.address.sin6_addr) { [UInt8]($0) })
        case .unixDomainSocket:
            self.init(text: "unix", network: Network(bits: 0, version: 0), isLoopback: true)
        case nil:
            self.init(text: "unknown", network: Network(bits: 1, version: 0), isLoopback: false)
        }
    }

    /// An address of 16 bytes; one of version 4 stands in its last four (RFC 4291 section 2.5.5.2).
    init(bytes: [UInt8]) {
        let high = bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let low = bytes.dropFirst(8).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        if high == 0, low >> 32 == 0xffff {
            network = Network(bits: low & 0xffff_ffff, version: 4)
            isLoopback = low >> 24 & 0xff == 127
            text = [24, 16, 8, 0].map { "\(low >> UInt64($0) & 0xff)" }.joined(separator: ".")
        } else {
            network = Network(bits: high, version: 6)
            isLoopback = high == 0 && low == 1
            text = Self.text(of: bytes)
        }
    }

    private init(text: String, network: Network, isLoopback: Bool) {
        (self.text, self.network, self.isLoopback) = (text, network, isLoopback)
    }

    private static func bytes(of bits: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) }
    }

    /// The spelling of RFC 5952: the longest run of zeros, of two groups at least, left out.
    private static func text(of bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        let hex = groups.map { String($0, radix: 16) }
        if longest.isEmpty { return hex.joined(separator: ":") }
        return hex[..<longest.lowerBound].joined(separator: ":") + "::"
            + hex[longest.upperBound...].joined(separator: ":")
    }
}

/// An IP address. An IPv4-mapped IPv6 address is the IPv4 address that it maps.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 16 bytes as two words; an IPv4 address stands in the low 32 bits behind ::ffff.
    let high: UInt64
    let low: UInt64

    /// Whether this is an IPv4 address.
    public var isIPv4: Bool { high == 0 && low &>> 32 == 0xffff }

    /// Nil when `text` is no address: dotted decimal without leading zeros, or IPv6 text (RFC 4291) without a zone.
    public init?(_ text: String) {
        guard let (high, low) = Self.parse(Array(text.utf8)) else { return nil }
        self.high = high
        self.low = low
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address as text.
    public var description: String {
        if isIPv4 { return (0..<4).map { String(low >> (24 - 8 * UInt64($0)) & 0xff) }.joined(separator: ".") }
        let groups = (0..<8).map { index -> UInt64 in
            let word = index < 4 ? high : low
            return word >> (48 - 16 * UInt64(index & 3)) & 0xffff
        }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    static func parse(_ text: [UInt8]) -> (UInt64, UInt64)? {
        if text.contains(UInt8(ascii: ":")) { return parseIPv6(text) }
        guard let address = parseIPv4(text[...]) else { return nil }
        return (0, 0xffff_0000_0000 | UInt64(address))
    }

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for digit in part {
                guard (0x30...0x39).contains(digit) else { return nil }
                value = value * 10 + UInt32(digit - 0x30)
            }
            guard value <= 255 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    private static func parseIPv6(_ text: [UInt8]) -> (UInt64, UInt64)? {
        var groups: [UInt64] = []
        var gap: Int?
        var rest = text[...]
        if rest.starts(with: [0x3a, 0x3a]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: ":") }
            if part.contains(UInt8(ascii: ".")) {
                guard part.endIndex == rest.endIndex, let address = parseIPv4(part) else { return nil }
                groups.append(UInt64(address >> 16))
                groups.append(UInt64(address & 0xffff))
                break
            }
            guard (1...4).contains(part.count), let group = hexadecimal(part) else { return nil }
            groups.append(group)
            guard groups.count <= 8 else { return nil }
            rest = rest[part.endIndex...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.isEmpty { return nil }
            if rest.first == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt64](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return (groups[..<4].reduce(0) { $0 << 16 | $1 }, groups[4...].reduce(0) { $0 << 16 | $1 })
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
            case 0x41...0x46: value = value << 4 | UInt64(byte - 0x37)
            default: return nil
            }
        }
        return value
    }
}

/// A network in CIDR notation (RFC 4632), as `src` holds it. Host bits are ignored.
public struct Network: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64
    /// The prefix length counted over 128 bits, and whether the network is one of IPv4 addresses.
    private let bits: Int
    private let isIPv4: Bool
    /// The text as it was given.
    public let description: String

    /// Nil when `text` is no network: an address, a slash, and a length without sign or leading zero.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        guard let (high, low) = IPAddress.parse(Array(bytes[..<slash])) else { return nil }
        let digits = bytes[(slash + 1)...]
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        let length = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let isDotted = !bytes[..<slash].contains(UInt8(ascii: ":"))
        guard length <= (isDotted ? 32 : 128) else { return nil }
        bits = isDotted ? length + 96 : length
        self.high = high & Self.mask(bits)
        self.low = low & Self.mask(bits - 64)
        isIPv4 = IPAddress(high: self.high, low: self.low).isIPv4
        description = text
    }

    /// Whether the address is in the network. An IPv4 address is never in a network of IPv6 addresses.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv4 == isIPv4 else { return false }
        return address.high & Self.mask(bits) == high && address.low & Self.mask(bits - 64) == low
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits))
    }
}

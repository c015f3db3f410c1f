import Glibc
import NKeys

/// Tells at little cost which of many tokens cannot be about a key, so that only the others are decoded and judged.
struct PayloadSearch {
    /// The key as a JSON string.
    private let key: [UInt8]
    private var payload: [UInt8] = []
    private static let escape: [UInt8] = Array(#"\u"#.utf8)

    init(for key: PublicKey) { self.key = Array("\"\(key.text)\"".utf8) }

    /// Whether the payload of the token holds the text of the key, or an escape that could spell it.
    mutating func mayHold(_ token: UnsafeRawBufferPointer) -> Bool {
        guard let first = token.firstIndex(of: UInt8(ascii: ".")),
            let second = token[(first + 1)...].firstIndex(of: UInt8(ascii: "."))
        else { return false }
        decode(token, first + 1, second)
        return payload.withUnsafeBytes { payload in
            Self.holds(payload, key) || Self.holds(payload, Self.escape)
        }
    }

    private static func holds(_ text: UnsafeRawBufferPointer, _ part: [UInt8]) -> Bool {
        var position = 0
        while text.count - position >= part.count, let start = text.baseAddress, let first = part.first,
            let found = memchr(start + position, Int32(first), text.count - position)
        {
            position = UnsafeRawPointer(found) - start
            guard text.count - position >= part.count else { return false }
            if memcmp(start + position, part, part.count) == 0 { return true }
            position += 1
        }
        return false
    }

    /// Decodes base64url (RFC 4648, section 5) as far as it goes. What is not is for the rules of tokens to refuse.
    private mutating func decode(_ token: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
        payload.removeAll(keepingCapacity: true)
        payload.reserveCapacity((end - start) / 4 * 3 + 3)
        var bits: UInt32 = 0
        var count = 0
        for index in start..<end {
            let value: UInt8
            switch token[index] {
            case let byte where byte >= 0x41 && byte <= 0x5A: value = byte &- 0x41
            case let byte where byte >= 0x61 && byte <= 0x7A: value = byte &- 0x61 &+ 26
            case let byte where byte >= 0x30 && byte <= 0x39: value = byte &- 0x30 &+ 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return
            }
            bits = bits &<< 6 | UInt32(value)
            count &+= 6
            if count >= 8 {
                count &-= 8
                payload.append(UInt8(truncatingIfNeeded: bits &>> UInt32(count)))
            }
        }
    }
}

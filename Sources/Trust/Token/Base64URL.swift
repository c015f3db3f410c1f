/// Base64url without padding (RFC 4648 section 5), strict: one text for each value.
///
/// Refused: every character outside the alphabet, white space and `=` included; a length that no value has; and set
/// bits in the part of the last character that no byte uses.
package enum Base64URL {
    enum Fault: Error, Hashable {
        case alphabet(offset: Int)
        case whitespace(offset: Int)
        case padding(offset: Int)
        case length
        case trailingBits
    }

    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each character; 0xff for a character outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The bytes that `text` stands for, followed by `padding` zero bytes.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, padding: Int = 0) throws(Fault) -> [UInt8] {
        let rest = text.count & 3
        let whole = text.count &- rest
        if rest == 1 { throw firstFault(text) ?? .length }
        let count = text.count / 4 * 3 + (rest == 0 ? 0 : rest - 1)
        var ok = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count + padding) { out, initialized in
            let out = UnsafeMutableBufferPointer(rebasing: out[..<(count + padding)])
            values.withUnsafeBufferPointer { values in
                var bad: UInt8 = 0
                var read = decodeGroups(text, into: out, isGood: &ok)
                var write = read / 4 * 3
                while read < whole {
                    let a = values[Int(text[read])]
                    let b = values[Int(text[read &+ 1])]
                    let c = values[Int(text[read &+ 2])]
                    let d = values[Int(text[read &+ 3])]
                    bad |= a | b | c | d
                    out[write] = a &<< 2 | b &>> 4
                    out[write &+ 1] = b &<< 4 | c &>> 2
                    out[write &+ 2] = c &<< 6 | d
                    read &+= 4
                    write &+= 3
                }
                if rest > 0 {
                    let a = values[Int(text[read])]
                    let b = values[Int(text[read &+ 1])]
                    let c = rest == 3 ? values[Int(text[read &+ 2])] : 0
                    bad |= a | b | c
                    out[write] = a &<< 2 | b &>> 4
                    if rest == 3 { out[write &+ 1] = b &<< 4 | c &>> 2 }
                    let unused = rest == 3 ? c & 0x03 : b & 0x0f
                    if unused != 0 { ok = false }
                }
                // A good value is below 64, so any bit from 6 up says that some character was not one.
                if bad & 0xc0 != 0 { ok = false }
            }
            var index = count
            while index < count + padding {
                out[index] = 0
                index &+= 1
            }
            initialized = count + padding
        }
        guard ok else { throw firstFault(text) ?? .trailingBits }
        return bytes
    }

    /// The bytes that `text` stands for; nil when it is not the one text of any. Linear.
    package static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        let bytes = text.withContiguousStorageIfAvailable { try? decode($0) }
        return bytes ?? Array(text).withUnsafeBufferPointer { try? decode($0) }
    }

    /// `bytes` as text, without padding.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var index = 0
        while index < bytes.count {
            let a = bytes[index]
            let b = index + 1 < bytes.count ? bytes[index + 1] : 0
            let c = index + 2 < bytes.count ? bytes[index + 2] : 0
            text.append(alphabet[Int(a >> 2)])
            text.append(alphabet[Int((a & 0x03) << 4 | b >> 4)])
            if index + 1 < bytes.count { text.append(alphabet[Int((b & 0x0f) << 2 | c >> 6)]) }
            if index + 2 < bytes.count { text.append(alphabet[Int(c & 0x3f)]) }
            index += 3
        }
        return text
    }

    /// The first character that is not of the alphabet. Only for texts that were refused.
    private static func firstFault(_ text: UnsafeBufferPointer<UInt8>) -> Fault? {
        for (offset, character) in text.enumerated() where values[Int(character)] == 0xff {
            switch character {
            case UInt8(ascii: " "), 0x09, 0x0a, 0x0d: return .whitespace(offset: offset)
            case UInt8(ascii: "="): return .padding(offset: offset)
            default: return .alphabet(offset: offset)
            }
        }
        return nil
    }
}

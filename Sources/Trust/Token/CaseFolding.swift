/// Which texts another reader could take for an ASCII name because it ignores case.
enum CaseFolding {
    /// `text` with ASCII letters in lower case, and the two characters outside ASCII that Unicode folds to ASCII
    /// letters replaced by those: U+017F (long s) and U+212A (Kelvin sign).
    static func folded(_ text: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == 0xc5, index + 1 < text.count, text[index + 1] == 0xbf {
                folded.append(UInt8(ascii: "s"))
                index += 2
            } else if byte == 0xe2, index + 2 < text.count, text[index + 1] == 0x84, text[index + 2] == 0xaa {
                folded.append(UInt8(ascii: "k"))
                index += 3
            } else {
                folded.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte)
                index += 1
            }
        }
        return folded
    }

    /// Whether two texts are equal.
    @inline(__always)
    static func equal(_ left: UnsafeBufferPointer<UInt8>, _ right: StaticString) -> Bool {
        guard left.count == right.utf8CodeUnitCount else { return false }
        var index = 0
        while index < left.count {
            if left[index] != right.utf8Start[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether two texts are equal when the case of ASCII letters is ignored.
    static func equalIgnoringASCIICase(_ left: UnsafeBufferPointer<UInt8>, _ right: StaticString) -> Bool {
        guard left.count == right.utf8CodeUnitCount else { return false }
        for index in 0..<left.count {
            let (a, b) = (left[index], right.utf8Start[index])
            let same = a == b || (a ^ b == 0x20 && (0x61...0x7a).contains(a | 0x20))
            guard same else { return false }
        }
        return true
    }
}

/// What the types of this module do alike with their bytes.
enum Bytes {
    static let dot = UInt8(ascii: ".")
    static let star = UInt8(ascii: "*")
    static let rest = UInt8(ascii: ">")

    static func copy(_ span: borrowing Span<UInt8>) -> [UInt8] {
        // A third of the instructions of an initializer that takes a closure.
        span.withUnsafeBufferPointer { Array($0) }
    }

    static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    static func hash(_ bytes: [UInt8], into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The end of the token that starts at `start`: the next dot, or the end of the bytes.
    @inline(__always)
    static func tokenEnd(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != dot { end &+= 1 }
        return end
    }

    static func token(_ bytes: [UInt8], at index: Int) -> String? {
        guard let range = tokenRange(bytes.span, at: index) else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    static func tokenRange(_ bytes: borrowing Span<UInt8>, at index: Int) -> Range<Int>? {
        var left = index
        var start = 0
        while left >= 0, start <= bytes.count {
            let end = tokenEnd(bytes, from: start)
            if left == 0 { return start..<end }
            left &-= 1
            start = end &+ 1
        }
        return nil
    }
}

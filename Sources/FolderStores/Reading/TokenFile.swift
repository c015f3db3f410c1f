import Glibc
import NKeys

/// The text of a token file, which is nearly always a bare token.
package enum TokenFile {
    /// Calls the body with the token in the text of a file, bare or decorated; a bare one is not copied.
    ///
    /// Whether it is a token is not judged here, except that there is something, and no seed.
    package static func withToken<R>(
        in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(DecoratedTextError) -> R {
        let bare = trim(text)
        // No token is that short; a seed is.
        if let start = bare.baseAddress, bare.count > 64, memchr(start, 0x0A, bare.count) == nil { return body(bare) }
        return try DecoratedToken(parsing: text).token.withUnsafeBytes(body)
    }

    private static func trim(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var low = 0
        var high = text.count
        while low < high, isBlank(text[low]) { low += 1 }
        while low < high, isBlank(text[high - 1]) { high -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[low..<high])
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}

import Glibc

/// Tokens in files: bare, or between the lines that `nsc` puts around them.
///
/// ```
/// -----BEGIN NATS USER JWT-----
/// eyJ0eXAiOiJKV1QiLCJhbGciOi…
/// ------END NATS USER JWT------
/// ```
///
/// A creds file begins with such a block, so that its token is read as any other.
public enum DecoratedText {
    /// The token in the text of a file: the first block that is called a JWT, or, where the text does not begin with
    /// a `-`, the text without blanks around it. The token is not judged.
    ///
    /// Nil when the text begins like a block and has no whole one. The result is part of `text`.
    public static func token(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let trimmed = trim(text)
        guard trimmed.first == UInt8(ascii: "-") else { return trimmed }
        return block("JWT", in: trimmed)
    }

    /// The seed in the text of a creds file: what stands in the first block that is called a seed.
    ///
    /// Nil when there is no such block. The result is part of `text`.
    public static func seed(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        block("SEED", in: text)
    }

    /// The content of the first block with a first line such as `-----BEGIN NATS USER JWT-----`.
    private static func block(_ kind: StaticString, in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var rest = text
        var content: UnsafeRawBufferPointer?
        while !rest.isEmpty {
            let line = trim(nextLine(of: &rest))
            if let found = content {
                if found.isEmpty {
                    // The one line of content.
                    guard line.first != UInt8(ascii: "-") else { return nil }
                    content = line
                } else if !line.isEmpty {
                    return isEdge(line, "END ", kind) ? found : nil
                }
            } else if isEdge(line, "BEGIN ", kind) {
                content = UnsafeRawBufferPointer(start: nil, count: 0)
            }
        }
        return nil
    }

    /// Whether a line has five dashes at least, then this word, and dashes after this kind.
    private static func isEdge(_ line: UnsafeRawBufferPointer, _ word: StaticString, _ kind: StaticString) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = line.firstIndex(where: { $0 != dash }), let last = line.lastIndex(where: { $0 != dash }),
            first >= 5, line.count - 1 - last >= 5
        else { return false }
        let name = line[first...last]
        return name.starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
            && name.suffix(kind.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: kind.utf8Start, count: kind.utf8CodeUnitCount))
    }

    private static func nextLine(of rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.endIndex)...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
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

import NKeys

/// Entity tags (RFC 9110 section 8.8.3).
enum EntityTag {
    /// The strong tag of a token: its `jti`, or its hash where that has characters that a tag cannot hold.
    static func of(identifier: String, token: @autoclosure () -> [UInt8]) -> String {
        let fits =
            !identifier.isEmpty && identifier.utf8.count <= 256
            && identifier.utf8.allSatisfy { $0 == 0x21 || (0x23...0x7e).contains($0) }
        return "\"\(fits ? identifier : SHA256.base32(token()))\""
    }

    /// Whether `condition`, the value of `If-None-Match`, names `tag`: by weak comparison, as it is meant there. A value
    /// that is not well-formed names nothing.
    static func isNamed(_ tag: String, in condition: String) -> Bool {
        if condition == tag { return true }
        let text = Array(condition.utf8)
        let wanted = Array(tag.utf8)
        var index = 0
        var found = false
        func skipSpace() { while index < text.count, text[index] == 0x20 || text[index] == 0x09 { index += 1 } }
        skipSpace()
        if index < text.count, text[index] == UInt8(ascii: "*") {
            index += 1
            skipSpace()
            return index == text.count
        }
        while true {
            skipSpace()
            // A list may have empty elements.
            if index < text.count, text[index] == UInt8(ascii: ",") {
                index += 1
                continue
            }
            guard index < text.count else { return found }
            if text[index...].starts(with: "W/".utf8) { index += 2 }
            let start = index
            guard index < text.count, text[index] == 0x22 else { return false }
            index += 1
            while index < text.count, text[index] != 0x22 {
                guard text[index] == 0x21 || text[index] >= 0x23, text[index] != 0x7f else { return false }
                index += 1
            }
            guard index < text.count else { return false }
            index += 1
            if text[start..<index].elementsEqual(wanted) { found = true }
            skipSpace()
            guard index == text.count || text[index] == UInt8(ascii: ",") else { return false }
        }
    }
}

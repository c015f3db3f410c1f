/// The parts of a URL (RFC 3986) that the rules look at. Nothing is fetched.
struct URLText {
    /// In lower case; empty when the text has none.
    private(set) var scheme = ""
    private(set) var userInfo: String?
    private(set) var host = ""
    private(set) var path = ""

    /// Nil when the text cannot be a URL: control characters, blanks, an unusable scheme, host or port.
    init?(_ text: String) {
        var rest = Substring(text)
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        if let colon = rest.firstIndex(of: ":"), let first = rest.first, first.isASCII, first.isLetter {
            let name = rest[..<colon]
            if name.utf8.allSatisfy(Self.isSchemeByte) {
                scheme = name.lowercased()
                rest = rest[rest.index(after: colon)...]
            }
        } else if rest.first == ":" {
            return nil
        }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        guard rest.hasPrefix("//") else {
            if scheme.isEmpty, rest.prefix(while: { $0 != "/" }).contains(":") { return nil }
            path = String(rest)
            return
        }
        rest = rest.dropFirst(2)
        var authority = rest.prefix { $0 != "/" }
        path = String(rest[authority.endIndex...])
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        var port = Substring()
        if authority.first == "[" {
            guard let close = authority.lastIndex(of: "]") else { return nil }
            let inside = authority[authority.index(after: authority.startIndex)..<close]
            guard IPAddress(String(inside.prefix { $0 != "%" })) != nil else { return nil }
            host = String(inside)
            port = authority[authority.index(after: close)...]
            guard port.isEmpty || port.first == ":" else { return nil }
            port = port.dropFirst()
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<colon])
            port = authority[colon...].dropFirst()
            guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "["),
            UInt8(ascii: "]"):
            false
        default: true
        }
    }
}

/// Hides tokens and other secrets in JSON text that people are shown.
public enum JSONMask {
    /// What stands for a secret.
    public static let text = "***"

    /// Members that hold a secret whatever its form: activation tokens of imports, tokens, and what clients send.
    private static let secretMembers: Set<[UInt8]> = Set(
        ["token", "jwt", "sig", "auth_token", "pass"].map { Array($0.utf8) })

    /// Whether the text has the form of a token (three segments, the first a JSON object in base64) or of a seed.
    public static func covers(_ text: String) -> Bool { covers(Array(text.utf8)[...]) }

    /// Well-formed JSON text, every string masked that has such a form or is the value of a member for secrets.
    ///
    /// What hides its form behind escapes is shown: this keeps honest secrets off screens, and proves nothing.
    public static func masked(_ json: String) -> String {
        let json = Array(json.utf8)
        var masked: [UInt8] = []
        masked.reserveCapacity(json.count)
        var name: ArraySlice<UInt8> = []
        var index = 0
        while index < json.count {
            guard json[index] == UInt8(ascii: "\"") else {
                // What a name stands before ends with the next comma or bracket.
                if json[index] == UInt8(ascii: ",") || json[index] == UInt8(ascii: "{") { name = [] }
                masked.append(json[index])
                index += 1
                continue
            }
            let string = stringContent(of: json, from: index)
            index = min(string.endIndex + 1, json.count)
            let isName = json[index...].first { $0 > 0x20 } == UInt8(ascii: ":")
            let hides = !isName && (covers(string) || (secretMembers.contains(Array(name)) && !string.isEmpty))
            if isName { name = string }
            masked.append(UInt8(ascii: "\""))
            masked.append(contentsOf: hides ? Array(text.utf8)[...] : string)
            masked.append(UInt8(ascii: "\""))
        }
        return String(decoding: masked, as: UTF8.self)
    }

    private static func covers(_ text: ArraySlice<UInt8>) -> Bool {
        if text.starts(with: "eyJ".utf8) { return text.lazy.filter { $0 == UInt8(ascii: ".") }.count == 2 }
        return text.count == 58 && text.first == UInt8(ascii: "S")
            && text.allSatisfy { (0x41...0x5a).contains($0) || (0x32...0x37).contains($0) }
    }

    /// What stands between the quote at `start` and the one that ends the string.
    private static func stringContent(of json: [UInt8], from start: Int) -> ArraySlice<UInt8> {
        var end = start + 1
        while end < json.count, json[end] != UInt8(ascii: "\"") {
            end += json[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return json[(start + 1)..<max(start + 1, min(end, json.count))]
    }
}

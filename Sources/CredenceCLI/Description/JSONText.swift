/// JSON text that was read already, made fit to be shown.
enum JSONText {
    /// The text with one member or element a line.
    static func indented(_ json: String) -> String {
        var text: [UInt8] = []
        var depth = 0
        func newLine(_ text: inout [UInt8]) {
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, depth) * 2))
        }
        var walk = Walk(json)
        var isEmptyBefore = false
        while let piece = walk.next() {
            switch piece {
            case .string(let string):
                if isEmptyBefore { newLine(&text) }
                text.append(UInt8(ascii: "\""))
                text += string
                text.append(UInt8(ascii: "\""))
            case .other(let byte) where byte == UInt8(ascii: "{") || byte == UInt8(ascii: "["):
                if isEmptyBefore { newLine(&text) }
                text.append(byte)
                depth += 1
                isEmptyBefore = true
                continue
            case .other(let byte) where byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"):
                depth -= 1
                if !isEmptyBefore { newLine(&text) }
                text.append(byte)
            case .other(UInt8(ascii: ",")):
                text.append(UInt8(ascii: ","))
                newLine(&text)
            case .other(UInt8(ascii: ":")): text += ": ".utf8
            case .other(let byte):
                if isEmptyBefore { newLine(&text) }
                text.append(byte)
            }
            isEmptyBefore = false
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Goes through JSON text string by string, and byte by byte outside of strings, without white space.
    private struct Walk {
        enum Piece {
            case string(ArraySlice<UInt8>)
            case other(UInt8)
        }

        private let json: [UInt8]
        private var index = 0

        init(_ json: String) { self.json = Array(json.utf8) }

        mutating func next() -> Piece? {
            while index < json.count, Self.isSpace(json[index]) { index += 1 }
            guard index < json.count else { return nil }
            let start = index
            index += 1
            guard json[start] == UInt8(ascii: "\"") else {
                return .other(json[start])
            }
            while index < json.count, json[index] != UInt8(ascii: "\"") {
                index += json[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            let end = min(index, json.count)
            index = min(end + 1, json.count)
            return .string(json[(start + 1)..<end])
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    }
}

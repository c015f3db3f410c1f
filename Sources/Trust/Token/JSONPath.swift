/// Finds the path to a byte of a JSON text. Only for texts that were refused, so that reading keeps no path.
enum JSONPath {
    private struct Level {
        let isObject: Bool
        var name = ""
        var index = 0
    }

    /// The path of the value, or of the member whose name, starts at `offset`, for example `nats.imports[2].token`.
    /// The text before `offset` has been read as well-formed.
    static func path(to offset: Int, in bytes: PaddedBytes) -> String {
        var levels: [Level] = []
        var expectsName = false
        var index = 0
        let end = bytes.count
        while index < end, levels.count <= JSONReader.maximumDepth {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let start = index + 1
                var stop = start
                while stop < end, bytes[stop] != UInt8(ascii: "\"") {
                    stop += bytes[stop] == UInt8(ascii: "\\") ? 2 : 1
                }
                if expectsName, !levels.isEmpty {
                    levels[levels.count - 1].name = name(bytes.slice(start..<max(start, stop)))
                }
                if start == offset || index >= offset { break }
                index = stop + 1
                continue
            }
            if index >= offset, byte != 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: ":") { break }
            switch byte {
            case UInt8(ascii: "{"):
                levels.append(Level(isObject: true))
                expectsName = true
            case UInt8(ascii: "["):
                levels.append(Level(isObject: false))
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = levels.popLast()
                expectsName = false
            case UInt8(ascii: ","):
                if let last = levels.last {
                    expectsName = last.isObject
                    if !last.isObject { levels[levels.count - 1].index += 1 }
                }
            case UInt8(ascii: ":"): expectsName = false
            default: break
            }
            index += 1
        }
        var path = ""
        for level in levels {
            if level.isObject {
                if !level.name.isEmpty { path += path.isEmpty ? level.name : ".\(level.name)" }
            } else {
                path += "[\(level.index)]"
            }
        }
        return path
    }

    /// A member name as a part of a path: short, on one line.
    private static func name(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(80), as: UTF8.self)
        return String(text.unicodeScalars.map { $0.value < 0x20 ? "?" : Character($0) })
    }
}

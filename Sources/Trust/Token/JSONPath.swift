/// Walks over a JSON text to find the paths to bytes of it. Only for texts of which something is to be said, so that
/// reading keeps no path.
///
/// A walker goes forward: asked for one byte after another in order, it passes over the text once, so that a text with
/// very many faults is not slow.
struct JSONPath {
    private struct Level {
        let isObject: Bool
        var name = ""
        var index = 0
    }

    private let bytes: PaddedBytes
    private var levels: [Level] = []
    private var expectsName = false
    private var index = 0
    /// From this byte on to `index` the path is the same.
    private var first = 0

    /// A walker at the beginning of `bytes`, which are lent for as long as it lives.
    init(_ bytes: PaddedBytes) { self.bytes = bytes }

    /// The path of the value, or of the member whose name, starts at `offset`, for example `nats.imports[2].token`;
    /// just behind an opening brace, that of the object. The text before `offset` has been read as well-formed.
    /// - Complexity: linear in what lies between this byte and the one asked for before it; from the beginning when
    ///   that one is behind.
    mutating func path(to offset: Int) -> String {
        if offset < first { self = JSONPath(bytes) }
        while index < min(offset, bytes.count), levels.count <= JSONReader.maximumDepth { step() }
        return text
    }

    /// Passes over one byte, or one string.
    private mutating func step() {
        switch bytes[index] {
        case UInt8(ascii: "\""):
            let start = index + 1
            var stop = start
            while stop < bytes.count, bytes[stop] != UInt8(ascii: "\"") {
                stop += bytes[stop] == UInt8(ascii: "\\") ? 2 : 1
            }
            if expectsName, !levels.isEmpty { levels[levels.count - 1].name = name(bytes.slice(start..<stop)) }
            first = start
            index = stop + 1
            return
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
            guard let last = levels.last else { break }
            expectsName = last.isObject
            if !last.isObject { levels[levels.count - 1].index += 1 }
        case UInt8(ascii: ":"): expectsName = false
        default: break
        }
        index += 1
        first = index
    }

    private var text: String {
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
    private func name(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(80), as: UTF8.self)
        return String(text.unicodeScalars.map { $0.value < 0x20 ? "?" : Character($0) })
    }
}

import Glibc

/// One entry of a folder; the name is valid while the entry is looked at.
package struct FolderEntry {
    package var name: UnsafeBufferPointer<UInt8>
    package var kind: EntryKind

    /// How large a buffer entries are read into: some 1,000 entries at a time.
    static let bufferBytes = 32_768

    /// Calls `body` for every entry of an open folder but `.` and `..`, in the file system's order, from where the
    /// descriptor stands.
    static func forEach(
        in folder: Int32, _ calls: any FileCalls, _ buffer: UnsafeMutableRawBufferPointer,
        _ body: (FolderEntry) -> Void
    ) throws(SystemError) {
        while true {
            let count = try calls.readEntries(folder, into: buffer)
            guard count > 0 else { return }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)])
            while let entry = next(in: &rest) {
                if !entry.isSelfOrParent { body(entry) }
            }
        }
    }

    /// The first of the entries that a call gave, each with its length and a name that a zero ends.
    private static func next(in bytes: inout UnsafeRawBufferPointer) -> FolderEntry? {
        guard bytes.count > nameOffset else { return nil }
        let length = Int(bytes.loadUnaligned(fromByteOffset: lengthOffset, as: UInt16.self))
        guard length > nameOffset, length <= bytes.count, let start = bytes.baseAddress else { return nil }
        defer { bytes = UnsafeRawBufferPointer(rebasing: bytes[length...]) }
        let name = (start + nameOffset).assumingMemoryBound(to: UInt8.self)
        let kind: EntryKind
        switch Int(bytes[kindOffset]) {
        case Int(DT_REG): kind = .file
        case Int(DT_DIR): kind = .folder
        case Int(DT_LNK): kind = .link
        case Int(DT_UNKNOWN): kind = .unknown
        default: kind = .other
        }
        let room = length - nameOffset
        let end = memchr(name, 0, room).map { UnsafeRawPointer($0) - UnsafeRawPointer(name) } ?? room
        return FolderEntry(name: UnsafeBufferPointer(start: name, count: end), kind: kind)
    }

    private static let lengthOffset = MemoryLayout<dirent>.offset(of: \.d_reclen) ?? 16
    private static let kindOffset = MemoryLayout<dirent>.offset(of: \.d_type) ?? 18
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19

    private var isSelfOrParent: Bool {
        name.first == UInt8(ascii: ".") && (name.count == 1 || (name.count == 2 && name[1] == UInt8(ascii: ".")))
    }

    /// Whether the name ends so, and has something before it.
    func hasSuffix(_ suffix: StaticString) -> Bool {
        name.count > suffix.utf8CodeUnitCount
            && name.suffix(suffix.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount))
    }
}

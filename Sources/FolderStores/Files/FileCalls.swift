import Glibc

/// An error number of the system.
package struct SystemError: Error, Equatable {
    package var number: Int32

    package init(_ number: Int32) {
        self.number = number
    }

    /// There is nothing at the path.
    static let none = ENOENT

    /// What the system says of it, such as `permission denied`.
    package var text: String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// What a folder says of an entry without a look at the entry itself.
package enum EntryKind: Sendable {
    case file, folder, link, other
    /// The file system does not say.
    case unknown
}

/// What there is at a path.
package struct FileStatus: Equatable {
    package var kind: EntryKind
    package var permissions: mode_t
    /// In bytes.
    package var size: Int
}

/// The calls of the system that this module makes: the one seam between it and the file system, so that tests can
/// let any call fail. Paths are relative to an open folder; an interrupted call is made again.
package protocol FileCalls: Sendable {
    func open(
        _ path: UnsafePointer<CChar>, in folder: Int32, flags: Int32, mode: mode_t
    ) throws(SystemError) -> Int32
    func close(_ file: Int32)
    /// The number of bytes read, zero at the end.
    func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(SystemError) -> Int
    func synchronise(_ file: Int32) throws(SystemError)
    /// As `synchronise`, but for what nobody needs to read the content again, such as the time of the change.
    func synchroniseContent(_ file: Int32) throws(SystemError)
    /// Cuts a file off behind this many bytes.
    func truncate(_ file: Int32, to size: Int) throws(SystemError)
    /// The number of bytes read at an offset, zero at the end; the place where `read` and `write` go on stays.
    func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
    /// How many bytes the file system of a file has left for those who are not its administrator.
    func room(beside file: Int32) throws(SystemError) -> UInt64
    func setPermissions(_ mode: mode_t, of file: Int32) throws(SystemError)
    /// Takes the exclusive lock; false when another holds it and `waits` is false.
    func lock(_ file: Int32, waits: Bool) throws(SystemError) -> Bool

    /// The next entries of a folder, as the system lays them out; the number of bytes, zero at the end.
    func readEntries(_ folder: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int

    /// What is at a path, a link itself rather than what it leads to.
    func status(of path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) -> FileStatus
    func makeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError)
    func rename(
        _ path: UnsafePointer<CChar>, in folder: Int32, to other: UnsafePointer<CChar>, in otherFolder: Int32
    ) throws(SystemError)
    /// Another name in the same folder for a file; fails where the name is taken.
    func link(_ path: UnsafePointer<CChar>, to other: UnsafePointer<CChar>, in folder: Int32) throws(SystemError)
    func removeFile(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError)
    func removeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError)
}

import Glibc

/// An open folder; closed when the last reference goes.
package final class Folder: Sendable {
    package let descriptor: Int32
    package let calls: any FileCalls

    private init(_ descriptor: Int32, _ calls: any FileCalls) {
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit {
        calls.close(descriptor)
    }

    /// The folder at a path of the process; links are followed.
    package convenience init(path: String, calls: any FileCalls) throws(SystemError) {
        self.init(try calls.open(path, in: AT_FDCWD, flags: O_RDONLY | O_DIRECTORY, mode: 0), calls)
    }

    /// A folder in this one.
    package func folder(_ name: String, links: Links) throws(SystemError) -> Folder {
        let flags = O_RDONLY | O_DIRECTORY | (links == .refused ? O_NOFOLLOW : 0)
        return Folder(try calls.open(name, in: descriptor, flags: flags, mode: 0), calls)
    }

    /// Calls `body` for every entry but `.` and `..`, in the file system's order.
    package func forEachEntry(_ body: (FolderEntry) -> Void) throws(SystemError) {
        // A descriptor of its own, so that it starts at the beginning.
        let folder = try calls.open(".", in: descriptor, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        defer { calls.close(folder) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FolderEntry.bufferBytes, alignment: 16)
        defer { buffer.deallocate() }
        try FolderEntry.forEach(in: folder, calls, buffer, body)
    }

    /// What is there under a name, or nil when there is nothing.
    package func status(of name: String) throws(SystemError) -> FileStatus? {
        do {
            return try calls.status(of: name, in: descriptor)
        } catch let error where error.number == ENOENT {
            return nil
        }
    }

    /// Whether a symbolic link is followed.
    package enum Links {
        case followed, refused
    }
}

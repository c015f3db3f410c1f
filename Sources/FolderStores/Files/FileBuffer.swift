import Glibc

/// Reads whole files into one buffer that is used again for the next.
package final class FileBuffer {
    private var buffer: UnsafeMutableRawBufferPointer
    /// Files that are larger are not read.
    package let limit: Int

    package init(limit: Int) {
        self.limit = max(0, limit)
        buffer = .allocate(byteCount: min(65_536, self.limit &+ 1), alignment: 16)
    }

    deinit {
        // What was read may have been a seed.
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        buffer.deallocate()
    }

    /// The content of a file, valid until the next read.
    ///
    /// A folder gives `EISDIR`, and a link that is not followed `ELOOP`.
    package func read(
        _ path: UnsafePointer<CChar>, in folder: Int32, calls: any FileCalls, links: Folder.Links = .followed
    ) throws(FileReadError) -> UnsafeRawBufferPointer {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (links == .refused ? O_NOFOLLOW : 0)
        do {
            let file = try calls.open(path, in: folder, flags: flags, mode: 0)
            defer { calls.close(file) }
            var count = 0
            while true {
                if count == buffer.count {
                    if count > limit { break }
                    grow(keeping: count)
                }
                let got = try calls.read(file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                count += got
                // A file gives less than was asked for at its end only, so that one read is enough for most. Were
                // it not so somewhere, what is cut short is no token and no seed: both carry a check.
                if count < buffer.count { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            }
        } catch {
            throw .system(error)
        }
        throw .tooLarge
    }

    private func grow(keeping count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(buffer.count &* 4, limit &+ 1), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        buffer.deallocate()
        buffer = larger
    }
}

/// Why a file could not be read whole.
package enum FileReadError: Error, Equatable {
    case system(SystemError)
    case tooLarge
}

import Glibc

/// The calls as the system has them.
package struct SystemCalls: FileCalls {
    package init() {}

    package func open(
        _ path: UnsafePointer<CChar>, in folder: Int32, flags: Int32, mode: mode_t
    ) throws(SystemError) -> Int32 {
        try again { openat(folder, path, flags | O_CLOEXEC, mode) }
    }

    package func close(_ file: Int32) {
        _ = Glibc.close(file)
    }

    package func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try again { Glibc.read(file, buffer.baseAddress, buffer.count) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(SystemError) -> Int {
        try again { Glibc.write(file, bytes.baseAddress, bytes.count) }
    }

    package func synchronise(_ file: Int32) throws(SystemError) {
        _ = try again { fsync(file) }
    }

    package func synchroniseContent(_ file: Int32) throws(SystemError) {
        _ = try again { fdatasync(file) }
    }

    package func truncate(_ file: Int32, to size: Int) throws(SystemError) {
        _ = try again { ftruncate(file, size) }
    }

    package func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError)
        -> Int
    {
        try again { pread(file, buffer.baseAddress, buffer.count, offset) }
    }

    package func room(beside file: Int32) throws(SystemError) -> UInt64 {
        var status = statvfs()
        _ = try again { fstatvfs(file, &status) }
        return UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
    }

    package func setPermissions(_ mode: mode_t, of file: Int32) throws(SystemError) {
        _ = try again { fchmod(file, mode) }
    }

    package func lock(_ file: Int32, waits: Bool) throws(SystemError) -> Bool {
        do {
            _ = try again { flock(file, waits ? LOCK_EX : LOCK_EX | LOCK_NB) }
            return true
        } catch let error where error.number == EWOULDBLOCK {
            return false
        }
    }

    package func unlock(_ file: Int32) {
        _ = flock(file, LOCK_UN)
    }

    package func readEntries(_ folder: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        guard let start = buffer.baseAddress else { throw SystemError(EINVAL) }
        var position: off_t = 0
        return try again {
            getdirentries(folder, start.assumingMemoryBound(to: CChar.self), buffer.count, &position)
        }
    }

    package func status(of path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) -> FileStatus {
        var status = stat()
        _ = try again { fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) }
        let kind: EntryKind
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        return FileStatus(
            kind: kind, permissions: status.st_mode & 0o7777, changed: Int64(status.st_ctim.tv_sec),
            size: Int(status.st_size))
    }

    package func makeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        _ = try again { mkdirat(folder, path, 0o700) }
    }

    package func rename(
        _ path: UnsafePointer<CChar>, in folder: Int32, to other: UnsafePointer<CChar>, in otherFolder: Int32
    ) throws(SystemError) {
        _ = try again { renameat(folder, path, otherFolder, other) }
    }

    package func link(_ path: UnsafePointer<CChar>, to other: UnsafePointer<CChar>, in folder: Int32)
        throws(SystemError)
    {
        _ = try again { linkat(folder, path, folder, other, 0) }
    }

    package func removeFile(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        _ = try again { unlinkat(folder, path, 0) }
    }

    package func removeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        _ = try again { unlinkat(folder, path, AT_REMOVEDIR) }
    }

    /// The result of a call, made again while a signal interrupts it.
    private func again<Result: FixedWidthInteger>(_ call: () -> Result) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw SystemError(errno) }
        }
    }
}

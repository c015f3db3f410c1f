import FolderStores
import Glibc

/// Whether a folder can be written to, as far as the system says without a try.
enum DiskRoom {
    /// Less than this is no room: what one change of a token of the largest size needs, and what goes with it.
    static let leastBytes: UInt64 = 4_194_304

    /// Fails when the file system of a folder is full or mounted read-only. One call of the system, which reads nothing
    /// from the disk.
    static func check(_ path: String) throws(StoreFault) {
        var status = statvfs()
        while statvfs(path, &status) != 0 {
            guard errno == EINTR else {
                throw StoreFault("`\(path)` cannot be reached: \(SystemError(errno).text)")
            }
        }
        guard status.f_flag & UInt(ST_RDONLY) == 0 else {
            throw StoreFault("the file system of `\(path)` is mounted read-only", hint: "mount it for writing")
        }
        let (room, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard isHuge || room >= leastBytes else {
            throw StoreFault(
                "the file system of `\(path)` is full: \(room) bytes are left", hint: "make room; nothing was lost")
        }
    }
}

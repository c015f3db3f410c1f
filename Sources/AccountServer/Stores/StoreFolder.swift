import FolderStores
import Glibc

/// The folder of a store, made if it is missing, and locked against every other process.
struct StoreFolder: Sendable {
    let path: String
    let folder: Folder
    let lock: StoreLock

    /// Opens a folder and takes its lock.
    ///
    /// A folder that is missing is made, for its owner alone, in one that is there.
    init(path: String, lockFile: String, store: String, calls: any FileCalls) throws(StoreFault) {
        // A path that begins with a scheme would be taken for an address by SQLite.
        let path = path.hasPrefix("/") ? path : "./\(path)"
        self.path = path
        do throws(FolderStores.StoreFault) {
            folder = try Self.open(path, calls)
            lock = try StoreLock(folder, .fail, file: lockFile)
        } catch {
            throw StoreFault(error, in: store)
        }
    }

    private static func open(_ path: String, _ calls: any FileCalls) throws(FolderStores.StoreFault) -> Folder {
        do throws(SystemError) {
            do throws(SystemError) {
                return try Folder(path: path, calls: calls)
            } catch let error where error.number == ENOENT {
                try calls.makeFolder(path, in: AT_FDCWD)
                let made = try Folder(path: path, calls: calls)
                try calls.setPermissions(0o700, of: made.descriptor)
                let above = try Folder(path: "\(path)/..", calls: calls)
                try calls.synchronise(above.descriptor)
                return made
            }
        } catch {
            throw FolderStores.StoreFault(error, at: path)
        }
    }
}

import Glibc

/// Whether something is new, or takes the place of what is there.
public enum WriteMode: Sendable, Hashable {
    /// There must be nothing yet.
    case create
    /// There must be something already.
    case replace
    /// Either.
    case createOrReplace
}

/// Puts whole files in their places: whenever the process ends, the old content is there or the new, never a part.
///
/// The content is written to a file beside the place, made to last, and then given the name; then the folder is made
/// to last. The caller holds the lock of the folder, so that what a writer before left under the temporary name is
/// nobody's and is removed.
package enum WholeFile {
    /// Never a name of a token, and passed over by readers; below a lock there is one writer, so that one name will do.
    package static let temporaryName = ".credence.tmp"

    package enum Permissions {
        /// The owner alone, whatever was before.
        case secret
        /// Those of the file that is replaced; the owner alone for a new one.
        case kept
    }

    /// Puts a file in its place in a folder.
    ///
    /// When it throws, the place holds what it held, or, where the folder could not be made to last, the new content.
    package static func put(
        _ content: UnsafeRawBufferPointer, as name: String, in folder: Folder, at path: String, _ mode: WriteMode,
        _ permissions: Permissions
    ) throws(StoreFault) {
        let present: FileStatus?
        do {
            present = try folder.status(of: name)
        } catch {
            throw StoreFault(error, at: path)
        }
        switch present?.kind {
        case nil where mode == .replace: throw StoreFault(path: path, kind: .missing)
        case .some where mode == .create: throw StoreFault(path: path, kind: .exists)
        case .link: throw StoreFault(path: path, kind: .linkInStore)
        case .folder, .other, .unknown: throw StoreFault(path: path, kind: .notAFile)
        case .file, nil: break
        }
        let bits = permissions == .kept ? (present?.permissions ?? 0o600) & 0o777 : 0o600
        do throws(SystemError) {
            try writeTemporary(content, in: folder, bits)
            do throws(SystemError) {
                if present == nil {
                    try giveNewName(name, in: folder)
                } else {
                    try folder.calls.rename(
                        temporaryName, in: folder.descriptor, to: name, in: folder.descriptor)
                }
            } catch {
                try? folder.calls.removeFile(temporaryName, in: folder.descriptor)
                throw error
            }
            try folder.calls.synchronise(folder.descriptor)
        } catch {
            throw error.number == EEXIST
                ? StoreFault(path: path, kind: .exists) : StoreFault(error, at: path)
        }
    }

    private static func writeTemporary(
        _ content: UnsafeRawBufferPointer, in folder: Folder, _ permissions: mode_t
    ) throws(SystemError) {
        let file = try openTemporary(in: folder)
        do {
            defer { folder.calls.close(file) }
            // Exactly these: the mode at opening is subject to the process's mask.
            try folder.calls.setPermissions(permissions, of: file)
            var rest = content
            while !rest.isEmpty {
                let count = try folder.calls.write(rest, to: file)
                rest = UnsafeRawBufferPointer(rebasing: rest[min(count, rest.count)...])
            }
            try folder.calls.synchronise(file)
        } catch {
            try? folder.calls.removeFile(temporaryName, in: folder.descriptor)
            throw error
        }
    }

    private static func openTemporary(in folder: Folder) throws(SystemError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        do {
            return try folder.calls.open(temporaryName, in: folder.descriptor, flags: flags, mode: 0o600)
        } catch let error where error.number == EEXIST {
            // Removed, not written to: it may be another name of a file in place.
            try folder.calls.removeFile(temporaryName, in: folder.descriptor)
            return try folder.calls.open(temporaryName, in: folder.descriptor, flags: flags, mode: 0o600)
        }
    }

    /// Gives the temporary file its name, and fails where that is taken, even by one who holds no lock.
    private static func giveNewName(_ name: String, in folder: Folder) throws(SystemError) {
        do {
            try folder.calls.link(temporaryName, to: name, in: folder.descriptor)
        } catch let error where [EPERM, EOPNOTSUPP, EMLINK, ENOSYS].contains(error.number) {
            // A file system without second names. The lock keeps other writers of ours out.
            try folder.calls.rename(temporaryName, in: folder.descriptor, to: name, in: folder.descriptor)
            return
        }
        // Done; what cannot be removed now is removed by the next writer.
        try? folder.calls.removeFile(temporaryName, in: folder.descriptor)
    }
}

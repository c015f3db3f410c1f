import Glibc

/// Folders made and removed below a locked one. No symbolic link is followed.
extension Folder {
    /// The folder of a name in this one, for writing.
    package func folderForWriting(_ name: String, at path: String) throws(StoreFault) -> Folder {
        do {
            return try folder(name, links: .refused)
        } catch {
            let isLink = ((try? status(of: name)) ?? nil)?.kind == .link
            throw isLink ? StoreFault(path: path, kind: .linkInStore) : StoreFault(error, at: path)
        }
    }

    /// The folder of a name in this one, made if it is not there: for its owner alone, whatever the process's mask.
    package func folderMadeIfMissing(_ name: String, at path: String) throws(StoreFault) -> Folder {
        do throws(SystemError) {
            if try status(of: name) == nil {
                try calls.makeFolder(name, in: descriptor)
                let made = try folder(name, links: .refused)
                try calls.setPermissions(0o700, of: made.descriptor)
                try calls.synchronise(descriptor)
                return made
            }
        } catch let error where error.number != EEXIST {
            throw StoreFault(error, at: path)
        } catch {}
        return try folderForWriting(name, at: path)
    }

    /// Makes a folder of its own under a hidden name, lets the body fill it, and gives it its name.
    ///
    /// The name must be free, or that of an empty folder. Whenever the process ends, the folder is there with all
    /// that the body puts into it, or not at all.
    func makeFolder(
        _ name: String, at path: String, _ fill: (Folder) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        let hidden = ".credence.new"
        try removeTree(hidden, at: path)
        let made = try folderMadeIfMissing(hidden, at: path)
        do throws(StoreFault) {
            try fill(made)
            do throws(SystemError) {
                try calls.synchronise(made.descriptor)
                try calls.rename(hidden, in: descriptor, to: name, in: descriptor)
            } catch {
                let isTaken = [EEXIST, ENOTEMPTY, ENOTDIR].contains(error.number)
                throw isTaken ? StoreFault(path: path, kind: .exists) : StoreFault(error, at: path)
            }
        } catch {
            try? removeTree(hidden, at: path)
            throw error
        }
        do {
            try calls.synchronise(descriptor)
        } catch {
            throw StoreFault(error, at: path)
        }
    }

    /// Takes a folder out of sight at once, and then removes it with all that is in it.
    ///
    /// When it throws, the folder is there whole, or out of sight; what is left of it the next change removes.
    func removeFolderAtOnce(_ name: String, at path: String) throws(StoreFault) {
        let hidden = ".credence.removed"
        try removeTree(hidden, at: path)
        do {
            try calls.rename(name, in: descriptor, to: hidden, in: descriptor)
            try calls.synchronise(descriptor)
        } catch {
            throw StoreFault(error, at: path)
        }
        try removeTree(hidden, at: path)
    }

    /// Removes what there is under a name, to a depth of four folders; nothing is no fault.
    private func removeTree(_ name: String, at path: String, depth: Int = 4) throws(StoreFault) {
        do throws(SystemError) {
            guard let status = try status(of: name) else { return }
            guard status.kind == .folder else { return try calls.removeFile(name, in: descriptor) }
            let inner = try folder(name, links: .refused)
            var entries: [String] = []
            try inner.forEachEntry { entries.append(String(decoding: $0.name, as: UTF8.self)) }
            guard entries.isEmpty || depth > 0 else { throw SystemError(ENOTEMPTY) }
            for entry in entries {
                do throws(StoreFault) {
                    try inner.removeTree(entry, at: path, depth: depth - 1)
                } catch {
                    throw SystemError(ENOTEMPTY)
                }
            }
            try calls.removeFolder(name, in: descriptor)
        } catch {
            throw StoreFault(error, at: path)
        }
    }
}

import Glibc

extension FolderStore {
    /// Makes the folder of a new operator in a folder of stores, which is made too if it is not there.
    ///
    /// The folder appears at once, with the operator's token and the mark by which `nsc` knows its stores.
    ///
    /// - Parameters:
    ///   - name: the name of the operator and of its folder.
    ///   - token: the operator's token.
    ///   - stores: the folder of stores.
    ///   - policy: what to do while another process adds an operator there.
    /// - Throws: ``StoreFault/Kind/exists`` when there is something of that name.
    public static func create(
        operator name: String, token: [UInt8], in stores: String, whenLocked policy: WhenLocked = .wait
    ) throws(StoreFault) -> FolderStore {
        try create(operator: name, token: token, in: stores, whenLocked: policy, calls: SystemCalls())
    }

    static func create(
        operator name: String, token: [UInt8], in stores: String, whenLocked policy: WhenLocked, calls: any FileCalls
    ) throws(StoreFault) -> FolderStore {
        do throws(StoreNameFault) {
            try StoreName.judge(name)
        } catch {
            throw StoreFault(path: name, kind: .unusableName(error))
        }
        let folder = try Folder.made(path: stores, calls: calls)
        let lock = try StoreLock(folder, policy)
        defer { withExtendedLifetime(lock) {} }
        try folder.makeFolder(name, at: name) { (made) throws(StoreFault) in
            let mark = #"{"managed":false,"name":"\#(quoted(name))","kind":"operator","version":"1"}"#
            try put(Array(mark.utf8), as: ".nsc", in: made)
            try put(token, as: "\(name).jwt", in: made)
            _ = try made.folderMadeIfMissing("accounts", at: "accounts")
        }
        return try FolderStore(at: stores, operator: name, calls: calls)
    }

    private static func put(_ content: [UInt8], as file: String, in folder: Folder) throws(StoreFault) {
        try content.span.withUnsafeBytes { (bytes) throws(StoreFault) in
            try WholeFile.put(bytes, as: file, in: folder, at: file, .create, .kept)
        }
    }

    /// A name within a JSON string; names have neither control characters nor backslashes.
    private static func quoted(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1 == "\"" ? "\\\"" : String($1) }
    }
}

extension Folder {
    /// The folder at a path of the process, with all folders on the way to it made where they are missing, each for
    /// its owner alone.
    static func made(path: String, calls: any FileCalls) throws(StoreFault) -> Folder {
        do throws(SystemError) {
            return try Folder(path: path, calls: calls)
        } catch let error where error.number != ENOENT {
            throw StoreFault(error, at: path)
        } catch {}
        var folder: Folder
        do throws(SystemError) {
            folder = try Folder(path: path.hasPrefix("/") ? "/" : ".", calls: calls)
        } catch {
            throw StoreFault(error, at: path)
        }
        for part in path.split(separator: "/") where part != "." {
            do throws(SystemError) {
                folder = try folder.folder(String(part), links: .followed)
                continue
            } catch let error where error.number != ENOENT {
                throw StoreFault(error, at: path)
            } catch {}
            folder = try folder.folderMadeIfMissing(String(part), at: path)
        }
        return folder
    }
}

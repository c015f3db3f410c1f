import Glibc
import NKeys

/// Changes a store, with all other writers kept out while the value lives.
///
/// Each change is whole or not at all, whenever the process ends: files are replaced, folders appear and disappear
/// at once. What is read through ``store`` while the writer lives stays so until the writer changes it.
///
/// Below the store's own folder no symbolic link is followed: what is outside stays as it is. New files are for their
/// owner alone, since the token of a bearer is as good as a password; a replaced file keeps its permissions.
///
/// ```swift
/// let writer = try StoreWriter(store, whenLocked: .wait)
/// let token = try store.accountToken(named: "ORDERS")
/// try writer.writeAccountToken(edited(token), named: "ORDERS", .replace)
/// ```
public final class StoreWriter {
    /// The store that is changed.
    public let store: FolderStore
    private let lock: StoreLock

    /// Takes the lock of a store.
    public init(_ store: FolderStore, whenLocked policy: WhenLocked) throws(StoreFault) {
        self.store = store
        lock = try StoreLock(store.root, policy)
    }

    /// Writes the token of the operator.
    public func writeOperatorToken(_ token: [UInt8]) throws(StoreFault) {
        guard store.layout == .operatorFolder, let file = store.operatorFile else {
            throw StoreFault(path: store.path, kind: .withoutOperatorToken)
        }
        try put(token, as: file, in: store.root, at: file, .replace)
    }

    /// Writes the token of an account: under its name, with a folder of its own where it is new, or under its key in
    /// a resolver's folder.
    public func writeAccountToken(_ token: [UInt8], named name: String, _ mode: WriteMode) throws(StoreFault) {
        let path = store.accountPath(name)
        guard store.layout == .operatorFolder else {
            guard (try? PublicKey(name, role: .account)) != nil else {
                throw StoreFault(path: path, kind: .notAnAccountKey)
            }
            return try put(token, as: path, in: store.root, at: path, mode)
        }
        guard StoreName.isOneComponent(name, suffix: ".jwt") else {
            throw StoreFault(path: name, kind: .unusableName(.separator))
        }
        let accounts = try store.root.folderMadeIfMissing("accounts", at: "accounts")
        if mode != .create, try isThere(name, in: accounts, at: path) {
            let folder = try accounts.folderForWriting(name, at: "accounts/\(name)")
            return try put(token, as: "\(name).jwt", in: folder, at: path, mode)
        }
        guard mode != .replace else { throw StoreFault(path: path, kind: .missing) }
        try judge(name, at: path)
        try accounts.makeFolder(name, at: "accounts/\(name)") { (folder) throws(StoreFault) in
            try put(token, as: "\(name).jwt", in: folder, at: path, .create)
            _ = try folder.folderMadeIfMissing("users", at: path)
        }
    }

    /// Writes the token of a user of an account that is there.
    public func writeUserToken(
        _ token: [UInt8], named name: String, ofAccount account: String, _ mode: WriteMode
    ) throws(StoreFault) {
        let (folder, path) = try users(of: account, adding: true)
        let file = "\(name).jwt"
        guard StoreName.isOneComponent(name, suffix: ".jwt") else {
            throw StoreFault(path: name, kind: .unusableName(.separator))
        }
        if mode != .replace, try !isThere(file, in: folder, at: path) { try judge(name, at: "\(path)/\(file)") }
        try put(token, as: file, in: folder, at: "\(path)/\(file)", mode)
    }

    /// Removes the token of a user. Neither revokes the user nor removes keys or creds.
    public func removeUser(named name: String, ofAccount account: String) throws(StoreFault) {
        let (folder, path) = try users(of: account, adding: false)
        guard StoreName.isOneComponent(name, suffix: ".jwt") else { throw StoreFault(path: name, kind: .missing) }
        try removeFile("\(name).jwt", in: folder, at: "\(path)/\(name).jwt")
    }

    /// Removes an account with the tokens of its users. Neither revokes anything nor removes keys or creds.
    ///
    /// - Throws: also when the account's folder holds anything else, which is then left untouched.
    public func removeAccount(named name: String) throws(StoreFault) {
        guard StoreName.isOneComponent(name, suffix: ".jwt") else { throw StoreFault(path: name, kind: .missing) }
        let path = store.accountPath(name)
        guard store.layout == .operatorFolder else { return try removeFile(path, in: store.root, at: path) }
        let accounts = try store.root.folderForWriting("accounts", at: "accounts")
        let account = try accounts.folderForWriting(name, at: "accounts/\(name)")
        try refuseOthers(than: ["\(name).jwt", "users"], in: account, at: "accounts/\(name)")
        if try isThere("users", in: account, at: path) {
            let users = try account.folderForWriting("users", at: "accounts/\(name)/users")
            try refuseOthers(than: [], in: users, at: "accounts/\(name)/users")
        }
        try accounts.removeFolderAtOnce(name, at: "accounts/\(name)")
    }

    // MARK: -

    private func users(of account: String, adding: Bool) throws(StoreFault) -> (Folder, path: String) {
        guard store.layout == .operatorFolder else { throw StoreFault(path: account, kind: .notInThisLayout) }
        guard StoreName.isOneComponent(account) else { throw StoreFault(path: account, kind: .missing) }
        let path = "accounts/\(account)"
        let folder = try store.root.folderForWriting("accounts", at: "accounts").folderForWriting(account, at: path)
        let users = "\(path)/users"
        return adding
            ? (try folder.folderMadeIfMissing("users", at: users), users)
            : (try folder.folderForWriting("users", at: users), users)
    }

    private func put(
        _ token: [UInt8], as file: String, in folder: Folder, at path: String, _ mode: WriteMode
    ) throws(StoreFault) {
        guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw StoreFault(path: path, kind: .malformedFile(.notToken))
        }
        try token.span.withUnsafeBytes { (bytes) throws(StoreFault) in
            try WholeFile.put(bytes, as: file, in: folder, at: path, mode, .kept)
        }
    }

    private func removeFile(_ file: String, in folder: Folder, at path: String) throws(StoreFault) {
        do {
            try folder.calls.removeFile(file, in: folder.descriptor)
            try folder.calls.synchronise(folder.descriptor)
        } catch {
            throw StoreFault(error, at: path)
        }
    }

    private func isThere(_ name: String, in folder: Folder, at path: String) throws(StoreFault) -> Bool {
        do {
            return try folder.status(of: name) != nil
        } catch {
            throw StoreFault(error, at: path)
        }
    }

    private func judge(_ name: String, at path: String) throws(StoreFault) {
        do throws(StoreNameFault) {
            try StoreName.judge(name)
        } catch {
            throw StoreFault(path: path, kind: .unusableName(error))
        }
    }

    /// Fails when a folder holds anything but these names, or, without names, but tokens.
    private func refuseOthers(than names: [String], in folder: Folder, at path: String) throws(StoreFault) {
        var other: String?
        do {
            try folder.forEachEntry { entry in
                let name = String(decoding: entry.name, as: UTF8.self)
                guard name != WholeFile.temporaryName else { return }
                let isOurs = names.isEmpty ? entry.hasSuffix(".jwt") && entry.kind != .folder : names.contains(name)
                if !isOurs { other = StoreName.printable(entry.name) }
            }
        } catch {
            throw StoreFault(error, at: path)
        }
        if let other { throw StoreFault(path: "\(path)/\(other)", kind: .unexpectedEntry) }
    }
}

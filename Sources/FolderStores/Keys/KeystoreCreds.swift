import NKeys

/// Creds: what a client connects with, a user's token and seed in one file.
extension Keystore {
    /// Where the creds of a user are, relative to the keystore's folder.
    ///
    /// Nil when one of the names is no name of a file, such as one with a `/`.
    public static func credsFile(user: String, account: String, operator name: String) -> String? {
        guard [user, account, name].allSatisfy({ StoreName.isOneComponent($0, suffix: ".creds") }) else { return nil }
        return "creds/\(name)/\(account)/\(user).creds"
    }

    /// The users of an account who have creds here, in the order of their bytes; none when there is no such folder.
    public func credsNames(account: String, operator name: String) throws(StoreFault) -> [String] {
        guard [account, name].allSatisfy({ StoreName.isOneComponent($0) }) else { return [] }
        return try entries("creds/\(name)/\(account)").filter { $0.hasSuffix(".creds") }
            .map { String($0.dropLast(".creds".count)) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The creds of a user, or nil when there are none.
    public func creds(user: String, account: String, operator name: String) throws(StoreFault) -> CredentialsFile? {
        guard let file = Self.credsFile(user: user, account: account, operator: name) else { return nil }
        let text: SecretBytes
        do {
            text = try SecretFile.read(file, in: path, limit: CredentialsFile.sizeLimit, calls: calls)
        } catch let error where error.kind == .missing {
            return nil
        }
        do {
            return try CredentialsFile(parsing: text)
        } catch {
            throw StoreFault(path: file, kind: .malformedFile(error))
        }
    }

    /// Writes the creds of a user, and returns where they are, relative to the keystore's folder.
    ///
    /// Whether token and seed belong together is for the caller to know.
    public func writeCreds(
        token: [UInt8], seed: Seed, user: String, account: String, operator name: String, _ mode: WriteMode
    ) throws(StoreFault) -> String {
        guard let file = Self.credsFile(user: user, account: account, operator: name) else {
            throw StoreFault(path: user, kind: .unusableName(.separator))
        }
        let content: SecretBytes
        do {
            content = try CredentialsFile.render(token: token, seed: seed)
        } catch {
            throw StoreFault(path: file, kind: .malformedFile(error))
        }
        let root = try lockedRoot()
        let folder = try Self.folderMade(for: file, below: root.folder)
        try content.withUnsafeBytes { (bytes) throws(StoreFault) in
            try WholeFile.put(bytes, as: "\(user).creds", in: folder, at: file, mode, .secret)
        }
        return file
    }

    /// Removes the creds of a user; false when there are none. The content is not overwritten on the disk.
    public func removeCreds(user: String, account: String, operator name: String) throws(StoreFault) -> Bool {
        guard let file = Self.credsFile(user: user, account: account, operator: name) else { return false }
        return try removeFile(file)
    }
}

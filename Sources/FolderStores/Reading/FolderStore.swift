import NKeys

/// A store of tokens in folders: an operator's folder as `nsc` keeps it, or the folder of a server's full resolver.
///
/// ```
/// CORP/.nsc                                  KEY.jwt
/// CORP/CORP.jwt                              KEY.jwt
/// CORP/accounts/ORDERS/ORDERS.jwt            KEY.jwt.deleted      (passed over)
/// CORP/accounts/ORDERS/users/worker.jwt
/// ```
///
/// A store is opened once and may be read by any number of threads. Reading follows symbolic links, as `nsc` does:
/// people keep accounts elsewhere and link them, and nothing but the judged token comes out. Writing follows none
/// below the store's own folder (``StoreWriter``).
///
/// Reading needs no lock: every file is replaced as a whole. What is read file after file while another writes is a
/// mixture of before and after; hold a ``StoreWriter`` to read and then change.
public struct FolderStore: Sendable {
    /// How the tokens are laid out.
    public enum Layout: Sendable, Hashable {
        /// An operator's folder: operator, accounts by name, users.
        case operatorFolder
        /// A full resolver's folder: accounts by key, and nothing else.
        case resolverFolder
    }

    /// The folder of the store: the path that was given, or one folder below it.
    public let path: String
    /// How the tokens are laid out.
    public let layout: Layout
    /// The operator that the folder is named after; nil in a resolver's folder.
    public let operatorName: String?
    /// The largest token file that is read, in bytes.
    public let tokenLimit: Int

    let root: Folder
    /// The name of the operator's token file; nil when it cannot be told.
    let operatorFile: String?

    /// Opens the store at a path.
    ///
    /// The path may lead to an operator's folder, to a folder that holds one or several of them, or to a resolver's
    /// folder; which it is, is told by what is in it.
    ///
    /// - Parameters:
    ///   - path: a folder.
    ///   - operatorName: which operator, where there are several.
    ///   - tokenLimit: the largest token file that is read, in bytes.
    /// - Throws: what was looked for and not found, with what to do about it.
    public init(
        at path: String, operator operatorName: String? = nil, tokenLimit: Int = DecoratedToken.sizeLimit
    ) throws(StoreFault) {
        try self.init(at: path, operator: operatorName, tokenLimit: tokenLimit, calls: SystemCalls())
    }

    init(
        at path: String, operator operatorName: String?, tokenLimit: Int = DecoratedToken.sizeLimit,
        calls: any FileCalls
    ) throws(StoreFault) {
        let found = try StoreSearch.find(path, operatorName, calls)
        self.path = found.path
        self.layout = found.layout
        self.operatorName = found.operatorName
        self.operatorFile = found.operatorFile
        self.root = found.folder
        self.tokenLimit = tokenLimit
    }

    /// The token of the operator.
    public func operatorToken() throws(StoreFault) -> [UInt8] {
        guard let operatorFile else { throw StoreFault(path: path, kind: .withoutOperatorToken) }
        return try token(in: root, operatorFile)
    }

    /// The token of an account by the name of its folder, or by its key in a resolver's folder.
    public func accountToken(named name: String) throws(StoreFault) -> [UInt8] {
        guard StoreName.isOneComponent(name) else { throw StoreFault(path: name, kind: .missing) }
        return try token(in: root, accountPath(name))
    }

    /// The token of a user.
    public func userToken(named name: String, ofAccount account: String) throws(StoreFault) -> [UInt8] {
        guard layout == .operatorFolder else { throw StoreFault(path: name, kind: .notInThisLayout) }
        guard StoreName.isOneComponent(name), StoreName.isOneComponent(account) else {
            throw StoreFault(path: name, kind: .missing)
        }
        return try token(in: root, "accounts/\(account)/users/\(name).jwt")
    }

    /// The names of the users of an account, in the order of their bytes. Names that are not UTF-8 are left out:
    /// ``StoreReader`` reports them.
    public func userNames(ofAccount account: String) throws(StoreFault) -> [String] {
        guard layout == .operatorFolder, StoreName.isOneComponent(account) else { return [] }
        let path = "accounts/\(account)/users"
        var names: [String] = []
        do {
            try root.folder(path, links: .followed).forEachEntry { entry in
                if entry.hasSuffix(".jwt"), let name = String(validating: entry.name.dropLast(4), as: UTF8.self) {
                    names.append(name)
                }
            }
        } catch {
            guard error.number == SystemError.none else { throw StoreFault(error, at: path) }
            return []
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The accounts, in the order of the bytes of their names. Complexity: one walk of one folder, and a sort.
    public func accounts() throws(StoreFault) -> AccountListing {
        try AccountListing(self)
    }

    func accountPath(_ name: String) -> String {
        layout == .operatorFolder ? "accounts/\(name)/\(name).jwt" : "\(name).jwt"
    }

    /// The text of a token file in a folder.
    func token(in folder: Folder, _ path: String) throws(StoreFault) -> [UInt8] {
        let buffer = FileBuffer(limit: tokenLimit)
        let bytes: UnsafeRawBufferPointer
        do {
            bytes = try buffer.read(path, in: folder.descriptor, calls: folder.calls)
        } catch {
            throw StoreFault(error, at: path, limit: tokenLimit)
        }
        do {
            return try TokenFile.withToken(in: bytes) { [UInt8]($0) }
        } catch {
            throw StoreFault(path: path, kind: .malformedFile(error))
        }
    }
}

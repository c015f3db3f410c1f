/// The accounts of a store, by index from 0, in the order of the bytes of their names.
///
/// A listing is a value of a few blocks of memory, whatever the number of accounts. It says what there was when it
/// was made.
public struct AccountListing: Sendable {
    /// What stands in the way of listing some of the accounts: names that are not UTF-8.
    public let faults: [StoreFault]

    let store: FolderStore
    /// Where the names are relative to; nil when there are no accounts at all.
    let folder: Folder?
    let names: NameList

    /// The number of accounts.
    public var count: Int { names.count }

    /// The name of the account's folder, or its key in a resolver's folder.
    public func name(at index: Int) -> String {
        names.text(at: index)
    }

    init(_ store: FolderStore) throws(StoreFault) {
        let layout = store.layout
        let prefix = layout == .operatorFolder ? "accounts/" : ""
        var names = NameList()
        var faults: [StoreFault] = []
        var hidden: [String] = []
        do {
            let folder = layout == .operatorFolder ? try store.root.folder("accounts", links: .followed) : store.root
            try folder.forEachEntry { entry in
                guard let name = Self.accountName(of: entry, layout) else { return }
                if !name.allSatisfy({ $0 < 0x80 }), String(validating: name, as: UTF8.self) == nil {
                    faults.append(StoreFault(path: prefix + StoreName.printable(name), kind: .nameNotText))
                } else if name.first == UInt8(ascii: ".") {
                    hidden.append(String(decoding: name, as: UTF8.self))
                } else {
                    names.append(name, kind: entry.kind)
                }
            }
            // Folders such as `.git` are passed over, and a folder that a change left behind; an account is not.
            for name in hidden where try folder.status(of: "\(name)/\(name).jwt") != nil {
                Array(name.utf8).withUnsafeBufferPointer { names.append($0, kind: .unknown) }
            }
            self.folder = folder
        } catch {
            guard error.number == SystemError.none else { throw StoreFault(error, at: prefix) }
            self.folder = nil
        }
        names.sort()
        self.names = names
        self.faults = faults
        self.store = store
    }

    /// The account that an entry stands for, if it stands for any.
    private static func accountName(
        of entry: FolderEntry, _ layout: FolderStore.Layout
    ) -> UnsafeBufferPointer<UInt8>? {
        switch layout {
        case .operatorFolder:
            return entry.kind == .file || entry.kind == .other ? nil : entry.name
        case .resolverFolder:
            guard entry.hasSuffix(".jwt"), isAccountKey(entry.name.dropLast(4)) else { return nil }
            return UnsafeBufferPointer(rebasing: entry.name.dropLast(4))
        }
    }

    /// Whether a name looks like an account's key. Other files in a resolver's folder are not the resolver's: a
    /// server passes them over too. The key itself is judged with the token.
    static func isAccountKey(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        name.count == 56 && name.first == UInt8(ascii: "A")
            && name.allSatisfy { (0x41...0x5A).contains($0) || (0x32...0x37).contains($0) }
    }
}

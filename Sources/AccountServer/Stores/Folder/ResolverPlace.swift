import FolderStores

/// Where in a resolver's folder the item of a key stands: its token, and the mark of its deletion.
struct ResolverPlace {
    let tokens: Folder
    let tokenFile: String
    let marks: Folder
    let markFile: String
    /// For people, relative to the store's folder.
    let tokenPath: String
    let markPath: String

    init(
        tokens: Folder, tokenFile: String, at tokenPath: String, marks: Folder, markFile: String, at markPath: String
    ) {
        (self.tokens, self.tokenFile, self.tokenPath) = (tokens, tokenFile, tokenPath + tokenFile)
        (self.marks, self.markFile, self.markPath) = (marks, markFile, markPath + markFile)
    }

    /// Whether a byte may stand in the name of a file: those of keys and hashes, and no others. Without a dot, a slash
    /// or lower case no name leads elsewhere, and no two fall together where a file system takes no account of case.
    static func isNameByte(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
    }
}

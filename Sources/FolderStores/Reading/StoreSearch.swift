import Glibc

/// Tells what kind of store a folder is, by what is in it.
enum StoreSearch {
    struct Found {
        var path: String
        var folder: Folder
        var layout: FolderStore.Layout
        var operatorName: String?
        var operatorFile: String?
    }

    /// The store at a path: an operator's folder (it has a file `.nsc` or a folder `accounts`), or else a folder
    /// that holds such folders, or else a folder with files named after account keys.
    static func find(
        _ path: String, _ operatorName: String?, _ calls: any FileCalls
    ) throws(StoreFault) -> Found {
        let folder: Folder
        let contents: Contents
        do {
            folder = try Folder(path: path, calls: calls)
            contents = try Contents(of: folder)
        } catch {
            throw StoreFault(error, at: path)
        }
        if contents.isOperator {
            let found = operatorFolder(path, folder, contents)
            guard let operatorName, operatorName != found.operatorName else { return found }
            let others = [found.operatorName].compactMap { $0 }
            throw StoreFault(path: path, kind: .noSuchOperator(operatorName, others: others))
        }

        let operators = contents.folders.filter { isOperator($0, in: folder) }.sorted()
        if let operatorName, !operators.isEmpty || contents.accountFiles == 0 {
            guard operators.contains(operatorName) else {
                throw StoreFault(path: path, kind: .noSuchOperator(operatorName, others: operators))
            }
            return try operatorFolder(below: folder, path, operatorName)
        }
        if operators.count > 1 { throw StoreFault(path: path, kind: .severalOperators(operators)) }
        if let only = operators.first { return try operatorFolder(below: folder, path, only) }
        guard contents.accountFiles > 0 else { throw StoreFault(path: path, kind: .noStore) }
        return Found(path: path, folder: folder, layout: .resolverFolder)
    }

    private static func operatorFolder(
        below folder: Folder, _ path: String, _ name: String
    ) throws(StoreFault) -> Found {
        let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
        do {
            let folder = try folder.folder(name, links: .followed)
            return operatorFolder(inner, folder, try Contents(of: folder))
        } catch {
            throw StoreFault(error, at: inner)
        }
    }

    /// The operator's token is the one token there, or else, among several, the one named after the folder.
    private static func operatorFolder(_ path: String, _ folder: Folder, _ contents: Contents) -> Found {
        let named = path.split(separator: "/").last.map { "\($0).jwt" }
        let file = contents.tokenFiles.count == 1 ? contents.tokenFiles[0] : contents.tokenFiles.first { $0 == named }
        let name = file.map { String($0.dropLast(4)) }
        return Found(
            path: path, folder: folder, layout: .operatorFolder, operatorName: name, operatorFile: file)
    }

    private static func isOperator(_ name: String, in folder: Folder) -> Bool {
        // Only there or not there is asked: what cannot be looked at is not taken for a store.
        let marks = ["\(name)/.nsc", "\(name)/accounts"]
        return marks.contains { ((try? folder.status(of: $0)) ?? nil) != nil }
    }

    /// What was seen at the top of a folder.
    private struct Contents {
        var isOperator = false
        var accountFiles = 0
        /// Files of tokens that are not named after an account's key; there is one in an operator's folder.
        var tokenFiles: [String] = []
        var folders: [String] = []

        init(of folder: Folder) throws(SystemError) {
            var seen = Contents()
            try folder.forEachEntry { seen.add($0) }
            self = seen
        }

        private init() {}

        private mutating func add(_ entry: FolderEntry) {
            if entry.hasSuffix(".jwt") {
                if AccountListing.isAccountKey(entry.name.dropLast(4)) {
                    accountFiles += 1
                } else if tokenFiles.count < 100 {
                    tokenFiles.append(String(decoding: entry.name, as: UTF8.self))
                }
            } else if entry.kind != .file, entry.kind != .other {
                let name = String(decoding: entry.name, as: UTF8.self)
                if name == "accounts" { isOperator = true }
                if !name.hasPrefix(".") { folders.append(name) }
            } else if String(decoding: entry.name, as: UTF8.self) == ".nsc" {
                isOperator = true
            }
        }
    }
}

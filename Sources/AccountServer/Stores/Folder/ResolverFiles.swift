import FolderStores
import Glibc
import NKeys
import Trust

/// The files of a store in a resolver's folder. One thread at a time uses them.
///
/// Of what stands under a key the token comes first: where there is one, a mark of a deletion beside it is old. Such a
/// mark, `KEY.deleted`, holds the time in Unix seconds and a line end. Where a server deleted an account there is
/// `KEY.jwt.deleted` instead, and the time is that of the renaming.
final class ResolverFiles {
    let place: StoreFolder
    /// How often something was brought to the disk.
    private(set) var synchronisations = 0

    private let store: String
    private let hidden: Folder
    private let accounts: Folder
    private let activations: Folder
    private let buffer = FileBuffer(limit: DecoratedToken.sizeLimit)

    init(path: String, calls: any FileCalls) throws(StoreFault) {
        store = "the store in `\(path)`"
        place = try StoreFolder(path: path, lockFile: StoreLock.fileName, store: store, calls: calls)
        do throws(FolderStores.StoreFault) {
            hidden = try place.folder.folderMadeIfMissing(".credence", at: ".credence")
            accounts = try hidden.folderMadeIfMissing("accounts", at: ".credence/accounts")
            activations = try hidden.folderMadeIfMissing("activations", at: ".credence/activations")
        } catch {
            throw StoreFault(error, in: store)
        }
    }

    // MARK: - Reading

    func load() throws(StoreFault) -> [StoredItem] {
        do throws(FolderStores.StoreFault) {
            var items: [StoredItem] = []
            for key in try accountKeys() {
                if let item = try item(.account(key)) { items.append(item) }
            }
            for name in Set(try names(in: activations, at: ".credence/activations")) {
                if let item = try item(.activation(name)) { items.append(item) }
            }
            if let item = try item(.operator) { items.append(item) }
            return items
        } catch {
            throw StoreFault(error, in: store)
        }
    }

    /// The accounts of which there is a token or a mark, each once.
    private func accountKeys() throws(FolderStores.StoreFault) -> [PublicKey] {
        var found: Set<PublicKey> = []
        var keys: [PublicKey] = []
        for name in try names(in: place.folder, at: ".") + names(in: accounts, at: ".credence/accounts") {
            guard let key = try? PublicKey(name, role: .account) else {
                throw FolderStores.StoreFault(path: name, kind: .notAnAccountKey)
            }
            if found.insert(key).inserted { keys.append(key) }
        }
        return keys
    }

    /// The names of the files of tokens and of marks in a folder, without what they end in. Others are passed over.
    private func names(in folder: Folder, at path: String) throws(FolderStores.StoreFault) -> [String] {
        var names: [String] = []
        var unreadable: String?
        do {
            try folder.forEachEntry { entry in
                let ending: Int
                if folder === place.folder {
                    ending = entry.hasSuffix(".jwt") ? 4 : entry.hasSuffix(".jwt.deleted") ? 12 : 0
                } else {
                    ending = entry.hasSuffix(".token") ? 6 : entry.hasSuffix(".deleted") ? 8 : 0
                }
                guard ending > 0 else { return }
                let bytes = entry.name.dropLast(ending)
                // A key or a hash has no other bytes; a name that says otherwise must not be shown as it is.
                if bytes.allSatisfy(ResolverPlace.isNameByte) {
                    names.append(String(decoding: bytes, as: UTF8.self))
                } else {
                    unreadable = StoreName.printable(entry.name)
                }
            }
        } catch {
            throw FolderStores.StoreFault(error, at: path)
        }
        if let unreadable { throw FolderStores.StoreFault(path: unreadable, kind: .notAnAccountKey) }
        return names
    }

    /// What stands under a key.
    private func item(_ key: StoreKey) throws(FolderStores.StoreFault) -> StoredItem? {
        let at = try place(of: key)
        if let token = try token(at) {
            return StoredItem(key: key, value: .token(token), revision: Self.revision(of: token))
        }
        guard let time = try deletion(at) else { return nil }
        return StoredItem(key: key, value: .deleted(time), revision: Self.revision(ofDeletionAt: time))
    }

    private func token(_ at: ResolverPlace) throws(FolderStores.StoreFault) -> String? {
        guard let bytes = try content(of: at.tokenFile, in: at.tokens, at: at.tokenPath) else { return nil }
        let text: String?
        do {
            text = try TokenFile.withToken(in: bytes) { token in
                token.allSatisfy { (0x21...0x7E).contains($0) } ? String(decoding: token, as: UTF8.self) : nil
            }
        } catch {
            throw FolderStores.StoreFault(path: at.tokenPath, kind: .malformedFile(error))
        }
        guard let text else { throw FolderStores.StoreFault(path: at.tokenPath, kind: .malformedFile(.notToken)) }
        return text
    }

    private func deletion(_ at: ResolverPlace) throws(FolderStores.StoreFault) -> UnixTime? {
        if let bytes = try content(of: at.markFile, in: at.marks, at: at.markPath) {
            let text = String(decoding: bytes, as: UTF8.self)
            guard let time = Int64(text.dropLast()).flatMap(UnixTime.init), Self.mark(time) == text else {
                throw FolderStores.StoreFault(path: at.markPath, kind: .malformedFile(.notToken))
            }
            return time
        }
        guard at.tokens === place.folder else { return nil }
        let renamed: FileStatus?
        do {
            renamed = try place.folder.status(of: "\(at.tokenFile).deleted")
        } catch {
            throw FolderStores.StoreFault(error, at: "\(at.tokenPath).deleted")
        }
        return renamed.flatMap { $0.kind == .file ? UnixTime($0.changed) : nil }
    }

    /// The content of a file, valid until the next is read; nil when there is none.
    private func content(
        of file: String, in folder: Folder, at path: String
    ) throws(FolderStores.StoreFault) -> UnsafeRawBufferPointer? {
        do {
            return try buffer.read(file, in: folder.descriptor, calls: folder.calls, links: .refused)
        } catch {
            if error == .system(SystemError(ENOENT)) { return nil }
            if error == .system(SystemError(ELOOP)) { throw FolderStores.StoreFault(path: path, kind: .linkInStore) }
            throw FolderStores.StoreFault(error, at: path, limit: buffer.limit)
        }
    }

    // MARK: - Writing

    func commit(_ changes: [StoreChange]) throws(StoreFault) -> [StoreOutcome] {
        var outcomes: [StoreOutcome] = []
        var unfinished = Unfinished()
        do throws(FolderStores.StoreFault) {
            for change in changes { outcomes.append(try make(change, &unfinished)) }
            for folder in unfinished.folders { try synchronise(folder) }
        } catch {
            throw StoreFault(error, in: store, isOutcomeUnknown: unfinished.isSomethingDone)
        }
        // The tokens are on the disk and come first, so that it does not matter when these are gone, or whether.
        for at in unfinished.oldMarks { try? at.marks.calls.removeFile(at.markFile, in: at.marks.descriptor) }
        return outcomes
    }

    /// What is left to be done at the end of a call.
    private struct Unfinished {
        var isSomethingDone = false
        var folders: [Folder] = []
        var oldMarks: [ResolverPlace] = []

        mutating func note(_ folder: Folder) {
            isSomethingDone = true
            if !folders.contains(where: { $0 === folder }) { folders.append(folder) }
        }
    }

    private func make(
        _ change: StoreChange, _ unfinished: inout Unfinished
    ) throws(FolderStores.StoreFault) -> StoreOutcome {
        let at = try place(of: change.key)
        let present = try item(change.key)
        guard present?.revision == change.expected else { return .conflict(present) }
        switch change.value {
        case .token(let token):
            do throws(FolderStores.StoreFault) {
                try place(token, at, over: present, &unfinished)
            } catch  where error.kind == .exists || error.kind == .missing {
                // Another program has just made or removed it; or else it is the folder that is gone.
                let now = try item(change.key)
                guard now?.revision != present?.revision else { throw error }
                return .conflict(now)
            }
            return .stored(Self.revision(of: token))
        case .deleted(let time):
            try remove(at, time, &unfinished)
            return .stored(Self.revision(ofDeletionAt: time))
        }
    }

    private func place(
        _ token: String, _ at: ResolverPlace, over present: StoredItem?, _ unfinished: inout Unfinished
    ) throws(FolderStores.StoreFault) {
        let bytes = Array(token.utf8)
        let isPlain = bytes.allSatisfy { (0x21...0x7E).contains($0) }
        // What would be read otherwise than it was given is not kept.
        let isReadBack = (try? bytes.withUnsafeBytes { try TokenFile.withToken(in: $0) { $0.count } }) == bytes.count
        guard isPlain, isReadBack else {
            throw FolderStores.StoreFault(path: at.tokenPath, kind: .malformedFile(.notToken))
        }
        var mode = WriteMode.create
        if case .token = present?.value { mode = .replace }
        try bytes.span.withUnsafeBytes { (bytes) throws(FolderStores.StoreFault) in
            try WholeFile.place(bytes, as: at.tokenFile, in: at.tokens, at: at.tokenPath, mode, .secret)
        }
        synchronisations += 1
        unfinished.note(at.tokens)
        if case .deleted = present?.value { unfinished.oldMarks.append(at) }
    }

    /// Marks a deletion, durably, and then removes the token: never is there neither.
    private func remove(
        _ at: ResolverPlace, _ time: UnixTime, _ unfinished: inout Unfinished
    ) throws(FolderStores.StoreFault) {
        unfinished.isSomethingDone = true
        // What this call placed and marks now: the mark counts again.
        unfinished.oldMarks.removeAll { $0.markPath == at.markPath }
        try Array(Self.mark(time).utf8).span.withUnsafeBytes { (bytes) throws(FolderStores.StoreFault) in
            try WholeFile.place(bytes, as: at.markFile, in: at.marks, at: at.markPath, .createOrReplace, .secret)
        }
        synchronisations += 1
        try synchronise(at.marks)
        do {
            try at.tokens.calls.removeFile(at.tokenFile, in: at.tokens.descriptor)
            unfinished.note(at.tokens)
        } catch {
            guard error.number == ENOENT else { throw FolderStores.StoreFault(error, at: at.tokenPath) }
        }
    }

    private func synchronise(_ folder: Folder) throws(FolderStores.StoreFault) {
        synchronisations += 1
        do {
            try folder.calls.synchronise(folder.descriptor)
        } catch {
            throw FolderStores.StoreFault(error, at: place.path)
        }
    }

    // MARK: - Names and revisions

    private func place(of key: StoreKey) throws(FolderStores.StoreFault) -> ResolverPlace {
        switch key {
        case .account(let key):
            return ResolverPlace(
                tokens: place.folder, tokenFile: "\(key).jwt", at: "", marks: accounts, markFile: "\(key).deleted",
                at: ".credence/accounts/")
        case .activation(let hash):
            guard (1...200).contains(hash.utf8.count), hash.utf8.allSatisfy(ResolverPlace.isNameByte) else {
                let shown = Array(hash.utf8).withUnsafeBufferPointer { StoreName.printable($0) }
                throw FolderStores.StoreFault(path: shown, kind: .notInThisLayout)
            }
            let path = ".credence/activations/"
            return ResolverPlace(
                tokens: activations, tokenFile: "\(hash).token", at: path, marks: activations,
                markFile: "\(hash).deleted", at: path)
        case .operator:
            return ResolverPlace(
                tokens: hidden, tokenFile: "operator.token", at: ".credence/", marks: hidden,
                markFile: "operator.deleted", at: ".credence/")
        }
    }

    private static func mark(_ time: UnixTime) -> String { "\(time.seconds)\n" }

    private static func revision(of token: String) -> StoreRevision { revision(hashing: token) }

    // A token has no blank, so that no token has the revision of a deletion but by chance.
    private static func revision(ofDeletionAt time: UnixTime) -> StoreRevision {
        revision(hashing: "deleted \(time.seconds)")
    }

    private static func revision(hashing text: String) -> StoreRevision {
        StoreRevision(SHA256.hash(text.utf8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

import Glibc
import NKeys

/// Seeds and creds in folders, as `nsc` keeps them.
///
/// ```
/// keys/O/AH/OAHPIEHY….nk                     a seed, by the key's first letter and the two that follow
/// creds/CORP/ORDERS/worker.creds             a user's token and seed
/// ```
///
/// Files are for their owner alone, and folders that are made too, whatever the process's mask. A change keeps other
/// writers out while it lasts and is whole or not at all. Writing follows no symbolic link below the keystore's own
/// folder; reading does. Seeds are read into locked memory (`SecretBytes`) and nowhere else.
public struct Keystore: Sendable {
    /// The folder of the keystore; it is made when the first key is added.
    public let path: String
    let calls: any FileCalls

    /// The longest file of a seed that is read.
    static let seedFileLimit = 4_096

    /// The keystore in a folder, which need not be there yet.
    public init(at path: String) {
        self.init(at: path, calls: SystemCalls())
    }

    init(at path: String, calls: any FileCalls) {
        self.path = path
        self.calls = calls
    }

    /// The key pair of a public key, or nil when its seed is not here.
    ///
    /// - Throws: when there is a file for the seed, and it cannot be read or is not the seed of this key.
    public func keyPair(for key: PublicKey) throws(StoreFault) -> KeyPair? {
        let file = Self.file(for: key)
        let text: SecretBytes
        do {
            text = try SecretFile.read(file, in: path, limit: Self.seedFileLimit, calls: calls)
        } catch let error where error.kind == .missing {
            return nil
        }
        let seed: Seed
        do {
            seed = try Seed(parsing: text)
        } catch {
            throw StoreFault(path: file, kind: .malformedFile(error))
        }
        guard let pair = try? KeyPair(seed) else { throw StoreFault(path: file, kind: .malformedFile(.memory)) }
        guard pair.publicKey == key else { throw StoreFault(path: file, kind: .otherSeed) }
        return pair
    }

    /// Keeps the seed of a key pair; where it is here already, nothing changes.
    ///
    /// - Throws: also when there is another file in its place; that file stays.
    public func add(_ pair: KeyPair) throws(StoreFault) {
        let key = pair.publicKey
        let file = Self.file(for: key)
        let root = try lockedRoot()
        guard try keyPair(for: key) == nil else { return }
        let folder = try Self.folderMade(for: file, below: root.folder)
        try pair.seed.withUnsafeText { (text) throws(StoreFault) in
            try WholeFile.put(
                UnsafeRawBufferPointer(text), as: "\(key.text).nk", in: folder, at: file, .create, .secret)
        }
    }

    /// Removes the seed of a key; false when it is not here. The content is not overwritten on the disk.
    public func remove(_ key: PublicKey) throws(StoreFault) -> Bool {
        let file = Self.file(for: key)
        return try removeFile(file)
    }

    /// The keys whose seeds are here, in the order of their texts, and what is in the way of listing others.
    ///
    /// Files are not read: a name says whose seed it should be. Files that are not named after a key, or not where
    /// the key's seed is looked for, are passed over.
    public func keys() throws(StoreFault) -> (keys: [PublicKey], faults: [StoreFault]) {
        var keys: [PublicKey] = []
        var faults: [StoreFault] = []
        for letter in try entries("keys") where letter.utf8.count == 1 {
            let folder = "keys/\(letter)"
            for part in names(folder, &faults) where part.utf8.count == 2 {
                for file in names("\(folder)/\(part)", &faults) where file.hasSuffix(".nk") {
                    guard let key = try? PublicKey(String(file.dropLast(3))),
                        Self.file(for: key) == "\(folder)/\(part)/\(file)"
                    else { continue }
                    keys.append(key)
                }
            }
        }
        return (keys.sorted(), faults)
    }

    // MARK: -

    static func file(for key: PublicKey) -> String {
        let text = key.text
        return "keys/\(text.prefix(1))/\(text.dropFirst().prefix(2))/\(text).nk"
    }

    /// The folders on the way to a file.
    static func folders(of file: String) -> [String] {
        file.split(separator: "/").dropLast().map(String.init)
    }

    /// The keystore's folder, made if it is not there, and its lock, held while the result lives.
    func lockedRoot() throws(StoreFault) -> (folder: Folder, lock: StoreLock) {
        let folder = try Folder.made(path: path, calls: calls)
        return (folder, try StoreLock(folder, .wait))
    }

    /// The folder that a file is to be in, made if it is not there.
    static func folderMade(for file: String, below root: Folder) throws(StoreFault) -> Folder {
        var folder = root
        for name in folders(of: file) { folder = try folder.folderMadeIfMissing(name, at: file) }
        return folder
    }

    func removeFile(_ file: String) throws(StoreFault) -> Bool {
        var folder: Folder
        do {
            folder = try Folder(path: path, calls: calls)
        } catch let error where error.number == SystemError.none {
            return false
        } catch {
            throw StoreFault(error, at: path)
        }
        let lock = try StoreLock(folder, .wait)
        defer { withExtendedLifetime(lock) {} }
        do throws(StoreFault) {
            for name in Self.folders(of: file) { folder = try folder.folderForWriting(name, at: file) }
            do throws(SystemError) {
                let name = file.split(separator: "/").last.map(String.init) ?? file
                try calls.removeFile(name, in: folder.descriptor)
                try calls.synchronise(folder.descriptor)
            } catch {
                throw StoreFault(error, at: file)
            }
            return true
        } catch let error where error.kind == .missing {
            return false
        }
    }

    /// The names in a folder below the keystore's; none when it is not there.
    func entries(_ folder: String) throws(StoreFault) -> [String] {
        var names: [String] = []
        do throws(SystemError) {
            try Folder(path: "\(path)/\(folder)", calls: calls).forEachEntry {
                names.append(String(decoding: $0.name, as: UTF8.self))
            }
        } catch {
            guard error.number == SystemError.none else { throw StoreFault(error, at: folder) }
        }
        return names
    }

    private func names(_ folder: String, _ faults: inout [StoreFault]) -> [String] {
        do throws(StoreFault) {
            return try entries(folder)
        } catch {
            faults.append(error)
            return []
        }
    }
}

import Glibc
import NKeys

/// Reads the tokens of a listing one after the other; one reader for each thread.
///
/// All readers of a listing share what is open. A reader keeps one buffer and hands the tokens out of it: what a
/// body is given is valid until the body returns. A file costs its system calls and little else.
///
/// ```swift
/// let accounts = try FolderStore(at: "stores/CORP").accounts()
/// let reader = StoreReader(accounts)
/// for index in 0..<accounts.count {
///     let claims = try reader.withToken(ofAccountAt: index) { judge($0) }
///     reader.forEachUser(ofAccountAt: index, onFault: report) { name, token in judge(token) }
/// }
/// ```
public final class StoreReader {
    private let listing: AccountListing
    private let calls: any FileCalls
    private let file: FileBuffer
    private let isResolver: Bool
    private var path: [CChar] = []
    private let entries: UnsafeMutableRawBufferPointer
    private var users = NameList()

    /// A reader of the accounts of a listing.
    public init(_ listing: AccountListing) {
        self.listing = listing
        calls = listing.store.root.calls
        file = FileBuffer(limit: listing.store.tokenLimit)
        isResolver = listing.store.layout == .resolverFolder
        entries = .allocate(byteCount: FolderEntry.bufferBytes, alignment: 16)
        path.reserveCapacity(600)
    }

    deinit {
        entries.deallocate()
    }

    /// Calls the body with the token of the account at an index, without decoration and blanks around it.
    ///
    /// What stands in place of the token may be anything: it is for the rules of tokens to judge.
    public func withToken<R>(
        ofAccountAt index: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(StoreFault) -> R {
        path.removeAll(keepingCapacity: true)
        append(nameAt: index)
        if !isResolver {
            path.append(CChar(UInt8(ascii: "/")))
            append(nameAt: index)
        }
        append(".jwt")
        path.append(0)
        let text: UnsafeRawBufferPointer
        do {
            text = try file.read(path, in: listing.folder?.descriptor ?? -1, calls: calls)
        } catch {
            // A link to a file among the folders gives ENOTDIR, an empty folder gives ENOENT.
            if !isResolver, error == .system(SystemError(ENOENT)) {
                throw StoreFault(path: accountPath(index), kind: .withoutToken)
            }
            throw StoreFault(error, at: tokenPath(index), limit: file.limit)
        }
        do {
            return try TokenFile.withToken(in: text, body)
        } catch {
            throw StoreFault(path: tokenPath(index), kind: .malformedFile(error))
        }
    }

    /// Calls the body with the name and the token of each user of the account at an index, in the order of the bytes
    /// of the names.
    ///
    /// What cannot be read is given to `onFault`, and the next user follows. A resolver's folder has no users.
    public func forEachUser(
        ofAccountAt index: Int, onFault: (StoreFault) -> Void,
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ token: UnsafeRawBufferPointer) -> Void
    ) {
        guard !isResolver, let folder = listing.folder else { return }
        path.removeAll(keepingCapacity: true)
        append(nameAt: index)
        append("/users")
        path.append(0)
        do {
            let descriptor = try calls.open(
                path, in: folder.descriptor, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK, mode: 0)
            defer { calls.close(descriptor) }
            users.removeAll()
            // The names first: the order is then the same everywhere.
            try FolderEntry.forEach(in: descriptor, calls, entries) { entry in
                if entry.hasSuffix(".jwt") { users.append(entry.name, kind: entry.kind) }
            }
            users.sort()
            for user in 0..<users.count { read(user, of: index, in: descriptor, onFault, body) }
        } catch {
            guard error.number != SystemError.none else { return }
            onFault(StoreFault(error, at: "\(accountPath(index))/users"))
        }
    }

    private func read(
        _ user: Int, of account: Int, in folder: Int32, _ onFault: (StoreFault) -> Void,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeRawBufferPointer) -> Void
    ) {
        users.withName(at: user) { entry in
            let name = UnsafeBufferPointer(rebasing: entry.dropLast(4))
            func fault(_ kind: StoreFault.Kind) {
                onFault(StoreFault(path: userPath(account, name), kind: kind))
            }
            if !name.allSatisfy({ $0 < 0x80 }), String(validating: name, as: UTF8.self) == nil {
                return fault(.nameNotText)
            }
            let kind = users.kind(at: user)
            guard kind != .folder, kind != .other, let start = entry.baseAddress else { return fault(.notAFile) }
            let text: UnsafeRawBufferPointer
            do throws(FileReadError) {
                // The list keeps a zero behind each name.
                text = try file.read(
                    UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), in: folder, calls: calls)
            } catch {
                return onFault(StoreFault(error, at: userPath(account, name), limit: file.limit))
            }
            do throws(DecoratedTextError) {
                try TokenFile.withToken(in: text) { body(name, $0) }
            } catch {
                fault(.malformedFile(error))
            }
        }
    }

    private func append(nameAt index: Int) {
        listing.names.withName(at: index) { name in
            for byte in name { path.append(CChar(bitPattern: byte)) }
        }
    }

    private func append(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { path.append(CChar(bitPattern: text.utf8Start[offset])) }
    }

    private func accountPath(_ index: Int) -> String {
        let name = listing.names.withName(at: index) { StoreName.printable($0) }
        return isResolver ? "\(name).jwt" : "accounts/\(name)"
    }

    private func tokenPath(_ index: Int) -> String {
        isResolver ? accountPath(index) : "\(accountPath(index))/\(listing.name(at: index)).jwt"
    }

    private func userPath(_ account: Int, _ name: UnsafeBufferPointer<UInt8>) -> String {
        "\(accountPath(account))/users/\(StoreName.printable(name)).jwt"
    }
}

import AccountServer
import Glibc
import NKeys
import Trust

/// Drives a store on a disk for tests that take the disk or the process away: `StoreCrasher KIND FOLDER`. Each line of
/// standard input is a command, and each is answered by one line.
///
///     open                  ready
///     loop SEED             INDEX NUMBER for each acknowledged change, until it is killed
///     put INDEX NUMBER      stored | conflict
///     many COUNT            stored: as many accounts that were not there, in one call
///     load                  loaded COUNT
///     check                 ready
///     ballast BYTES         full | filled: a file of that many bytes beside the store, or as many as there is room for
///     lighten               lightened: the file is gone
///     readonly | writable   mounted: the file system is mounted again so
///     close                 closed
///
/// What goes wrong is `fault KNOWN|UNKNOWN DESCRIPTION | HINT`.
@main struct StoreCrasher {
    let kind: String
    let folder: String
    var store: (any AccountStore)?
    var revisions: [StoreKey: StoreRevision] = [:]

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { return say("usage: StoreCrasher sqlite|folder FOLDER\n") }
        var crasher = StoreCrasher(kind: arguments[1], folder: arguments[2])
        while let line = readLine() {
            do throws(StoreFault) {
                say(try await crasher.answer(line.split(separator: " ").map(String.init)) + "\n")
            } catch {
                say("fault \(error.isOutcomeUnknown ? "UNKNOWN" : "KNOWN") \(error) | \(error.hint ?? "")\n")
            }
        }
    }

    private mutating func answer(_ words: [String]) async throws(StoreFault) -> String {
        switch words.first {
        case "open":
            let opened: any AccountStore =
                kind == "sqlite" ? try SQLiteStore(folder: folder) : try ResolverFolderStore(folder: folder)
            store = opened
            for item in try await opened.load() { revisions[item.key] = item.revision }
            return "ready"
        case "loop": return try await loop(seed: Int(words[1]) ?? 0)
        case "put": return try await put(Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        case "many":
            let changes = (0..<(Int(words[1]) ?? 0)).map {
                StoreChange(key: .account(CrashToken.key($0)), value: .token(CrashToken.text($0, $0)), expected: nil)
            }
            return try await opened().commit(changes).contains { $0 == .conflict(nil) } ? "conflict" : "stored"
        case "load": return try await "loaded \(opened().load().count)"
        case "check":
            try await opened().check()
            return "ready"
        case "ballast": return ballast(Int(words[1]) ?? 0)
        case "lighten": return unlink("\(folder)/../ballast") == 0 ? "lightened" : "error \(errno)"
        case "readonly": return mount(UInt(MS_REMOUNT | MS_RDONLY))
        case "writable": return mount(UInt(MS_REMOUNT))
        case "close":
            await store?.close()
            store = nil
            return "closed"
        default: return "unknown command"
        }
    }

    private var parent: String { "\(folder)/.." }

    private func mount(_ flags: UInt) -> String {
        Glibc.mount(nil, parent, nil, flags, nil) == 0 ? "mounted" : "error \(errno)"
    }

    private func opened() throws(StoreFault) -> any AccountStore {
        guard let store else { throw StoreFault("not open") }
        return store
    }

    /// Changes 40 accounts in turn, one to three in a call, and says what was acknowledged.
    private mutating func loop(seed: Int) async throws(StoreFault) -> String {
        let store = try opened()
        var number = seed
        while true {
            var changes: [StoreChange] = []
            for offset in 0...number % 3 {
                let key = StoreKey.account(CrashToken.key((number * 7 + offset) % 40))
                changes.append(
                    StoreChange(
                        key: key, value: .token(CrashToken.text((number * 7 + offset) % 40, number)),
                        expected: revisions[key]))
            }
            for (change, outcome) in zip(changes, try await store.commit(changes)) {
                guard case .stored(let revision) = outcome else { return "conflict" }
                revisions[change.key] = revision
            }
            var lines = ""
            for offset in 0...number % 3 { lines += "\((number * 7 + offset) % 40) \(number)\n" }
            say(lines)
            number += 1
        }
    }

    private mutating func put(_ index: Int, _ number: Int) async throws(StoreFault) -> String {
        let key = StoreKey.account(CrashToken.key(index))
        let change = StoreChange(
            key: key, value: .token(CrashToken.text(index, number)), expected: revisions[key])
        guard case .stored(let revision)? = try await opened().commit([change]).first else { return "conflict" }
        revisions[key] = revision
        return "stored"
    }

    private func ballast(_ bytes: Int) -> String {
        let file = open("\(parent)/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { return "error \(errno)" }
        defer { close(file) }
        let block = [UInt8](repeating: 0, count: 4096)
        var left = bytes
        while left > 0 {
            guard write(file, block, min(left, block.count)) > 0 else { return "full" }
            left -= block.count
        }
        return "filled"
    }
}

/// Writes at once, in one call, so that a kill finds it said whole or not at all.
private func say(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(1, bytes, bytes.count)
}

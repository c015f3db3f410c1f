import AccountServer
import Foundation
import NKeys
import RealServers
import StoreCrasher
import Testing

/// What is acknowledged is there after the process was killed; a disk without room loses nothing.
@Suite(.onOwnThread) struct StoreCrashTests {
    @Test(arguments: StoreKind.onDisk)
    func `after each of thirty kills everything that was acknowledged is there`(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SmallRandom(seed: seed)
        /// The last number that was acknowledged of each account.
        var acknowledged: [Int: Int] = [:]
        var lines = 0
        for round in 1...30 {
            let crasher = try CrashedStore(kind, in: folder.path)
            #expect(try crasher.ask("open") == "ready", "round \(round), seed \(seed)")
            try crasher.say("loop \(round * 100_000)")
            let asked = Int(random.next() % 60) + 1
            for _ in 0..<asked { note(crasher.line(), &acknowledged) }
            // It goes on meanwhile: the kill comes at any place of a later commit.
            var spin = random.next() % 300_000
            while spin > 0 { spin -= 1 }
            crasher.kill()
            while let line = crasher.line() { note(line, &acknowledged) }
            lines += asked

            let store = try await open(kind, folder)
            var found: [PublicKey: String] = [:]
            for item in try await store.load() {
                guard case .account(let key) = item.key, case .token(let text) = item.value else {
                    Issue.record("round \(round), seed \(seed): \(item.key)")
                    continue
                }
                found[key] = text
            }
            for (index, number) in acknowledged {
                let text = try #require(found[CrashToken.key(index)], "round \(round), seed \(seed): \(index) is gone")
                let stored = try #require(Int(text.split(separator: ".")[1]))
                // That, or a change that was made and whose acknowledgement the kill cut off.
                #expect(stored >= number && stored / 100_000 == max(number / 100_000, stored / 100_000))
                #expect(text == CrashToken.text(index, stored), "round \(round), seed \(seed)")
            }
            await store.close()
        }
        #expect(lines >= 30 && !acknowledged.isEmpty)
    }

    @Test(arguments: StoreKind.onDisk)
    func `a full disk is a fault with a hint, and with room again the store goes on`(kind: StoreKind) throws {
        let folder = try TemporaryFolder()
        let crasher = try CrashedStore(kind, in: folder.path, .own(bytes: 16_777_216))
        let opened = try #require(
            try crasher.ask("open"), "no disk to fill: mounting needs root, or name spaces for users")
        #expect(opened == "ready")
        for index in 0..<5 { #expect(try crasher.ask("put \(index) 1") == "stored") }
        #expect(try crasher.ask("check") == "ready")
        #expect(try crasher.ask("ballast 20000000") == "full")
        // What the log still has room for is stored.
        var (stored, answer) = (0, try crasher.ask("put 5 1"))
        while answer == "stored", stored < 10_000 {
            (stored, answer) = (stored + 1, try crasher.ask("put \(6 + stored) 1"))
        }
        #expect(answer?.hasPrefix("fault KNOWN") == true, "\(answer ?? "")")
        #expect(answer?.contains("| make room") == true, "\(answer ?? "")")
        #expect(try crasher.ask("put 0 2")?.contains("| make room") == true)
        #expect(try crasher.ask("check")?.contains("| make room") == true)
        #expect(try crasher.ask("load") == "loaded \(5 + stored)")
        #expect(try crasher.ask("lighten") == "lightened")
        #expect(try crasher.ask("check") == "ready")
        #expect(try crasher.ask("put 0 3") == "stored")
        #expect(try crasher.ask("put 9999 1") == "stored")
        #expect(try crasher.ask("load") == "loaded \(6 + stored)")
        #expect(try crasher.ask("close") == "closed")
        #expect(try crasher.ask("open") == "ready")
        #expect(try crasher.ask("load") == "loaded \(6 + stored)")
    }

    @Test(arguments: StoreKind.onDisk)
    func `a store on a read-only disk is refused with a hint, and is there when the disk can be written`(
        kind: StoreKind
    ) throws {
        let folder = try TemporaryFolder()
        let crasher = try CrashedStore(kind, in: folder.path, .own(bytes: 16_777_216))
        let opened = try #require(
            try crasher.ask("open"), "no disk to take away: mounting needs root, or name spaces for users")
        #expect(opened == "ready")
        #expect(try crasher.ask("put 1 1") == "stored")
        #expect(try crasher.ask("close") == "closed")
        #expect(try crasher.ask("readonly") == "mounted")
        let answer = try crasher.ask("open")
        #expect(answer?.hasPrefix("fault KNOWN") == true && answer?.contains("read-only") == true, "\(answer ?? "")")
        #expect(try crasher.ask("writable") == "mounted")
        #expect(try crasher.ask("open") == "ready")
        #expect(try crasher.ask("load") == "loaded 1")
        #expect(try crasher.ask("put 1 2") == "stored")
    }

    // MARK: -

    private func note(_ line: String?, _ acknowledged: inout [Int: Int]) {
        let words = (line ?? "").split(separator: " ").compactMap { Int($0) }
        // A line that the kill cut off is no acknowledgement; anything else is.
        guard words.count == 2 else { return }
        acknowledged[words[0]] = words[1]
    }

    private func open(_ kind: StoreKind, _ folder: TemporaryFolder) async throws -> any AccountStore {
        let path = "\(folder.path)/store"
        return kind.name == "sqlite" ? try SQLiteStore(folder: path) : try ResolverFolderStore(folder: path)
    }
}

/// SplitMix64: random by a seed that a failure names.
struct SmallRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

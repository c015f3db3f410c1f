import Glibc
import Testing

@testable import FolderStores

@Suite("Two writers at once")
struct ConcurrencyTests {
    /// Each task opens the store for itself, so that their locks meet as those of different processes do.
    @Test("writers that read and then change lose nothing")
    func counting() async throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        try folder.write("0." + String(repeating: "x", count: 100), to: "OP/accounts/A/A.jwt")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<50 {
                        let store = try FolderStore(at: folder.path)
                        let writer = try StoreWriter(store, whenLocked: .wait)
                        let text = String(decoding: try store.accountToken(named: "A"), as: UTF8.self)
                        let count = try #require(text.split(separator: ".").first.flatMap { Int($0) })
                        try writer.writeAccountToken(bytes("\(count + 1)"), named: "A", .replace)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(folder.text(of: "OP/accounts/A/A.jwt") == token("100"))
    }

    @Test("a reader sees the old or the new, whole, while a writer writes")
    func readingMeanwhile() async throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let long = [UInt8](repeating: UInt8(ascii: "l"), count: 100_000)
        let short = [UInt8](repeating: UInt8(ascii: "s"), count: 100)
        try folder.write(String(decoding: short, as: UTF8.self), to: "OP/accounts/A/A.jwt")
        let store = try FolderStore(at: folder.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let writer = try StoreWriter(store, whenLocked: .wait)
                for round in 0..<100 {
                    try writer.writeAccountToken(round % 2 == 0 ? long : short, named: "A", .replace)
                }
            }
            group.addTask {
                for _ in 0..<300 {
                    let token = try store.accountToken(named: "A")
                    #expect(token == long || token == short)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("of many that make the same thing, one does")
    func sameName() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/stores"
        let made = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4 {
                group.addTask {
                    var made = 0
                    for round in 0..<10 {
                        do throws(StoreFault) {
                            _ = try FolderStore.create(operator: "O\(round)", token: bytes("\(number)"), in: path)
                            made += 1
                        } catch {
                            #expect(error.kind == .exists)
                        }
                    }
                    return made
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(made == 10)
        #expect(try folder.all().filter { $0.hasSuffix(".nsc") }.count == 10)
    }

    @Test("a writer that is not to wait fails while another writes")
    func locked() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let store = try FolderStore(at: folder.path)
        let first = try StoreWriter(store, whenLocked: .fail)
        #expect(throws: StoreFault(path: ".credence.lock", kind: .locked)) {
            try StoreWriter(FolderStore(at: folder.path), whenLocked: .fail)
        }
        withExtendedLifetime(first) {}
    }

    @Test("the lock of a writer that is gone is free")
    func freed() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let store = try FolderStore(at: folder.path)
        for _ in 0..<3 { _ = try StoreWriter(store, whenLocked: .fail) }
    }
}

import Foundation
import Synchronization
import Testing

@testable import FolderStores

@Suite("Two writers at once")
struct ConcurrencyTests {
    /// Each thread opens the store for itself, so that their locks meet as those of different processes do.
    @Test("writers that read and then change lose nothing")
    func counting() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        try folder.write(token("0"), to: "OP/accounts/A/A.jwt")
        inThreads(3) { _ in
            for _ in 0..<100 {
                let store = try FolderStore(at: folder.path)
                let writer = try StoreWriter(store, whenLocked: .wait)
                let text = String(decoding: try store.accountToken(named: "A"), as: UTF8.self)
                let count = try #require(text.split(separator: ".").first.flatMap { Int($0) })
                try writer.writeAccountToken(bytes("\(count + 1)"), named: "A", .replace)
            }
        }
        #expect(folder.text(of: "OP/accounts/A/A.jwt") == token("300"))
    }

    @Test("a reader sees the old or the new, whole, while a writer writes")
    func readingMeanwhile() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let long = [UInt8](repeating: UInt8(ascii: "l"), count: 100_000)
        let short = [UInt8](repeating: UInt8(ascii: "s"), count: 100)
        try folder.write(String(decoding: short, as: UTF8.self), to: "OP/accounts/A/A.jwt")
        let store = try FolderStore(at: folder.path)
        inThreads(2) { thread in
            if thread == 0 {
                let writer = try StoreWriter(store, whenLocked: .wait)
                for round in 0..<200 {
                    try writer.writeAccountToken(round % 2 == 0 ? long : short, named: "A", .replace)
                }
            } else {
                for _ in 0..<1_000 {
                    let token = try store.accountToken(named: "A")
                    #expect(token.count == long.count || token.count == short.count)
                    #expect(token.first == token.last && token.first == token[token.count / 2])
                }
            }
        }
    }

    @Test("of many that make the same thing, one does")
    func sameName() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/stores"
        let made = Mutex(0)
        inThreads(4) { thread in
            for round in 0..<20 {
                do throws(StoreFault) {
                    _ = try FolderStore.create(operator: "O\(round)", token: bytes("\(thread)"), in: path)
                    made.withLock { $0 += 1 }
                } catch {
                    #expect(error.kind == .exists)
                }
            }
        }
        #expect(made.withLock { $0 } == 20)
        #expect(try folder.all().filter { $0.hasSuffix(".nsc") }.count == 20)
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

/// Runs the body in threads that start together, and waits for all; what it throws is an issue.
private func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
    let ready = DispatchSemaphore(value: 0)
    let start = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    for number in 0..<count {
        Thread {
            ready.signal()
            start.wait()
            #expect(throws: Never.self) { try body(number) }
            done.signal()
        }.start()
    }
    for _ in 0..<count { ready.wait() }
    for _ in 0..<count { start.signal() }
    for _ in 0..<count { done.wait() }
}

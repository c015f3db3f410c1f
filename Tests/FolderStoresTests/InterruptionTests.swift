import FailingFiles
import Foundation
import Testing

@testable import FolderStores

/// A change that fails or is killed at any of its steps leaves the old or the new, and the next change works.
@Suite("Changes that are interrupted")
struct InterruptionTests {
    /// A change, and what of the store tells whether it was made.
    struct Change: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var make: @Sendable (StoreWriter) throws(StoreFault) -> Void
        var state: @Sendable (FolderStore) -> [String?]
    }

    static let changes = [
        Change(testDescription: "replace an account's token") { (writer) throws(StoreFault) in
            try writer.writeAccountToken(bytes("new"), named: "A", .replace)
        } state: { store in
            [text { () throws(StoreFault) in try store.accountToken(named: "A") }]
        },
        Change(testDescription: "add an account") { (writer) throws(StoreFault) in
            try writer.writeAccountToken(bytes("new"), named: "C", .create)
        } state: { store in
            [text { () throws(StoreFault) in try store.accountToken(named: "C") }, count(store)]
        },
        Change(testDescription: "add a user") { (writer) throws(StoreFault) in
            try writer.writeUserToken(bytes("new"), named: "new", ofAccount: "A", .create)
        } state: { store in
            [
                text { () throws(StoreFault) in try store.userToken(named: "new", ofAccount: "A") },
                names(store, "A"),
            ]
        },
        Change(testDescription: "remove a user") { (writer) throws(StoreFault) in
            try writer.removeUser(named: "one", ofAccount: "A")
        } state: { store in
            [text { () throws(StoreFault) in try store.userToken(named: "one", ofAccount: "A") }, names(store, "A")]
        },
        Change(testDescription: "remove an account") { (writer) throws(StoreFault) in
            try writer.removeAccount(named: "A")
        } state: { store in
            [text { () throws(StoreFault) in try store.accountToken(named: "A") }, names(store, "A"), count(store)]
        },
    ]

    @Test("a change that is killed at any step is made or not made, and can be made after", arguments: changes)
    func killed(change: Change) throws {
        try interrupt(change) { .stopped(at: $0) }
    }

    @Test("a change of which any call fails says so, unless it is made, and can be made after", arguments: changes)
    func failing(change: Change) throws {
        try interrupt(change) { .once($0, errno: ENOSPC) }
    }

    @Test("what a killed writer left is not written into")
    func leftOver() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let store = try FolderStore(at: folder.path)
        let writer = try StoreWriter(store, whenLocked: .fail)
        // Longer than what comes, and a second name of a file that is in its place already.
        try folder.write(String(repeating: "left", count: 1_000), to: "OP/accounts/A/users/.credence.tmp")
        #expect(
            link("\(folder.path)/OP/accounts/B/users/one.jwt", "\(folder.path)/OP/accounts/B/users/.credence.tmp") == 0)
        for account in ["A", "B"] {
            try writer.writeUserToken(bytes("two2"), named: "two", ofAccount: account, .replace)
            #expect(try store.userToken(named: "two", ofAccount: account) == bytes("two2"))
        }
        #expect(try store.userToken(named: "one", ofAccount: "B") == bytes("Bone"))
    }

    private func interrupt(_ change: Change, _ failure: (Int) -> FailingCalls.Failure) throws {
        let (before, after, opening, steps) = try outcomes(of: change)
        #expect(before != after)
        #expect(steps > opening)
        for step in opening + 1...steps {
            let folder = try TemporaryFolder()
            try folder.makeStore()
            let calls = FailingCalls(failure(step))
            var isMade = false
            do throws(StoreFault) {
                let store = try FolderStore(at: folder.path, operator: nil, calls: calls)
                try change.make(StoreWriter(store, whenLocked: .fail))
                isMade = true
            } catch {}
            let store = try FolderStore(at: folder.path)
            let state = change.state(store)
            #expect(state == after || (!isMade && state == before), "step \(step)")
            // The lock is free, what was left behind is in nobody's way, and a change that was made is refused again.
            let writer = try StoreWriter(store, whenLocked: .fail)
            do throws(StoreFault) {
                try change.make(writer)
            } catch {
                #expect(state == after && [.exists, .missing].contains(error.kind), "step \(step): \(error)")
            }
            #expect(change.state(store) == after, "step \(step)")
            try writer.writeAccountToken(bytes("B2"), named: "B", .replace)
            try writer.writeUserToken(bytes("last"), named: "last", ofAccount: "B", .create)
            try writer.writeAccountToken(bytes("last"), named: "last", .create)
            try writer.removeAccount(named: "last")
            let left = try folder.all().filter { $0.contains(".credence") && !$0.hasSuffix(".lock") }
            #expect(left.allSatisfy { $0.hasSuffix("/.credence.tmp") }, "step \(step): \(left)")
        }
    }

    /// The states before and after a change, the calls that opening the store makes, and those up to the end.
    private func outcomes(of change: Change) throws -> (before: [String?], after: [String?], opening: Int, all: Int) {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let calls = FailingCalls()
        let store = try FolderStore(at: folder.path, operator: nil, calls: calls)
        let opening = calls.count
        let plain = try FolderStore(at: folder.path)
        let before = change.state(plain)
        try change.make(StoreWriter(store, whenLocked: .fail))
        return (before, change.state(plain), opening, calls.count)
    }

    private static func text(_ read: () throws(StoreFault) -> [UInt8]) -> String? {
        do {
            return try String(decoding: read(), as: UTF8.self)
        } catch {
            return error.kind == .missing ? nil : "\(error)"
        }
    }

    private static func count(_ store: FolderStore) -> String {
        do {
            return try "\(store.accounts().count) accounts"
        } catch {
            return "\(error)"
        }
    }

    private static func names(_ store: FolderStore, _ account: String) -> String {
        do {
            return try store.userNames(ofAccount: account).joined(separator: " ")
        } catch {
            return "\(error)"
        }
    }
}

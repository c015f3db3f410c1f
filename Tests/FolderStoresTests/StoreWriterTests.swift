import Foundation
import Testing

@testable import FolderStores

@Suite("Changing a store")
struct StoreWriterTests {
    private let folder: TemporaryFolder
    private let store: FolderStore

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeStore()
        store = try FolderStore(at: folder.path)
    }

    private func writer() throws(StoreFault) -> StoreWriter {
        try StoreWriter(store, whenLocked: .fail)
    }

    @Test("what is written is read")
    func written() throws {
        let writer = try writer()
        try writer.writeOperatorToken(bytes("operator2"))
        try writer.writeAccountToken(bytes("A2"), named: "A", .replace)
        try writer.writeAccountToken(bytes("C"), named: "C", .create)
        try writer.writeAccountToken(bytes("D"), named: "D", .createOrReplace)
        try writer.writeUserToken(bytes("Aone2"), named: "one", ofAccount: "A", .replace)
        try writer.writeUserToken(bytes("Cone"), named: "one", ofAccount: "C", .create)
        #expect(try store.operatorToken() == bytes("operator2"))
        #expect(try store.accountToken(named: "A") == bytes("A2"))
        #expect(try store.accountToken(named: "D") == bytes("D"))
        #expect(try store.userToken(named: "one", ofAccount: "A") == bytes("Aone2"))
        #expect(try store.userToken(named: "one", ofAccount: "C") == bytes("Cone"))
        #expect(try store.userNames(ofAccount: "A") == ["one", "two"])
        #expect(try !folder.all().contains { $0.hasSuffix(".tmp") || $0.hasSuffix(".new") })
    }

    @Test("nothing is overwritten that is to be new, and nothing is made that is to be replaced")
    func modes() throws {
        let writer = try writer()
        let before = try folder.all()
        expect(.exists) { () throws(StoreFault) in try writer.writeAccountToken(bytes("x"), named: "A", .create) }
        expect(.missing) { () throws(StoreFault) in try writer.writeAccountToken(bytes("x"), named: "Z", .replace) }
        expect(.exists) { () throws(StoreFault) in
            try writer.writeUserToken(bytes("x"), named: "one", ofAccount: "A", .create)
        }
        expect(.missing) { () throws(StoreFault) in
            try writer.writeUserToken(bytes("x"), named: "six", ofAccount: "A", .replace)
        }
        expect(.missing) { () throws(StoreFault) in
            try writer.writeUserToken(bytes("x"), named: "six", ofAccount: "Z", .create)
        }
        for token in [[], [UInt8]("a b".utf8), [UInt8]("a\n".utf8), [0]] {
            expect(.malformedFile(.notToken)) { () throws(StoreFault) in
                try writer.writeAccountToken(token, named: "A", .replace)
            }
        }
        #expect(try folder.all() == before)
        #expect(folder.text(of: "OP/accounts/A/A.jwt") == token("A"))
    }

    @Test("new files are for their owner alone, whatever the mask; a replaced file keeps its permissions")
    func permissions() async {
        // In a process of its own: the mask is one for all that the tests beside it write.
        await #expect(processExitsWith: .success) { try StoreWriterTests().judgePermissions() }
    }

    private func judgePermissions() throws {
        umask(0)
        let writer = try writer()
        try writer.writeAccountToken(bytes("C"), named: "C", .create)
        try writer.writeUserToken(bytes("C1"), named: "one", ofAccount: "C", .create)
        #expect(chmod("\(folder.path)/OP/accounts/A/A.jwt", 0o640) == 0)
        try writer.writeAccountToken(bytes("A2"), named: "A", .replace)
        #expect(try folder.permissions(of: "OP/accounts/C") == 0o700)
        #expect(try folder.permissions(of: "OP/accounts/C/users") == 0o700)
        #expect(try folder.permissions(of: "OP/accounts/C/C.jwt") == 0o600)
        #expect(try folder.permissions(of: "OP/accounts/C/users/one.jwt") == 0o600)
        #expect(try folder.permissions(of: "OP/accounts/A/A.jwt") == 0o640)
        umask(0o777)
        try writer.writeAccountToken(bytes("D"), named: "D", .create)
        #expect(try folder.permissions(of: "OP/accounts/D/users") == 0o700)
        #expect(try folder.permissions(of: "OP/accounts/D/D.jwt") == 0o600)
    }

    @Test(
        "a name that is not fit for a file, a template or an eye is refused for what is new",
        arguments: [
            ("", .empty), (".", .leadingDot), ("..", .leadingDot), (".hidden", .leadingDot), ("a/b", .separator),
            ("../x", .leadingDot), ("a\\b", .separator), ("a b", .blank), ("a\tb", .blank), ("a\u{A0}b", .blank),
            ("a\nb", .invisible), ("a\0b", .invisible), ("a\u{202E}b", .invisible), ("*", .wildcard),
            ("a.>", .wildcard), (String(repeating: "n", count: 201), .tooLong(limit: 200)),
        ] as [(String, StoreNameFault)])
    func names(name: String, fault: StoreNameFault) throws {
        #expect(throws: fault) { try StoreName.judge(name) }
        let writer = try writer()
        let before = try folder.all()
        for mode in [WriteMode.create, .createOrReplace] {
            #expect(throws: StoreFault.self) { try writer.writeAccountToken(bytes("x"), named: name, mode) }
            #expect(throws: StoreFault.self) {
                try writer.writeUserToken(bytes("x"), named: name, ofAccount: "A", mode)
            }
            #expect(throws: StoreFault.self) {
                try writer.writeUserToken(bytes("x"), named: "x", ofAccount: name, mode)
            }
        }
        #expect(throws: StoreFault.self) {
            try FolderStore.create(operator: name, token: bytes("x"), in: folder.path)
        }
        #expect(try folder.all() == before)
    }

    @Test("what nsc named otherwise can still be replaced and removed")
    func odderNames() throws {
        for name in ["a b", ">", ".x"] { try folder.write(token("old"), to: "OP/accounts/A/users/\(name).jwt") }
        let writer = try writer()
        for name in ["a b", ">", ".x"] {
            try writer.writeUserToken(bytes("new"), named: name, ofAccount: "A", .createOrReplace)
            #expect(try store.userToken(named: name, ofAccount: "A") == bytes("new"))
            try writer.removeUser(named: name, ofAccount: "A")
        }
        #expect(try store.userNames(ofAccount: "A") == ["one", "two"])
        for name in ["z-1", "A_b", "Zoë", "a.b@c", String(repeating: "n", count: 200)] {
            try writer.writeUserToken(bytes("new"), named: name, ofAccount: "A", .create)
        }
        #expect(try store.userNames(ofAccount: "A").count == 7)
    }

    @Test("nothing is written through a symbolic link")
    func links() throws {
        try folder.write(token("outside"), to: "outside/L.jwt")
        try folder.write(token("outside"), to: "outside/users/one.jwt")
        try folder.link("OP/accounts/L", to: "../../outside")
        try folder.link("OP/accounts/A/users/link.jwt", to: "../../../../outside/L.jwt")
        try folder.remove("OP/accounts/B/users")
        try folder.link("OP/accounts/B/users", to: "../../../outside/users")
        #expect(try store.accountToken(named: "L") == bytes("outside"))
        let writer = try writer()
        for (account, user) in [("L", "one"), ("A", "link"), ("B", "one")] {
            expect(.linkInStore) { () throws(StoreFault) in
                try writer.writeUserToken(bytes("x"), named: user, ofAccount: account, .createOrReplace)
            }
        }
        expect(.linkInStore) { () throws(StoreFault) in
            try writer.writeAccountToken(bytes("x"), named: "L", .replace)
        }
        for account in ["L", "B"] {
            expect(.linkInStore) { () throws(StoreFault) in try writer.removeAccount(named: account) }
            expect(.linkInStore) { () throws(StoreFault) in
                try writer.removeUser(named: "one", ofAccount: account)
            }
        }
        // A link is removed as what it is.
        try writer.removeUser(named: "link", ofAccount: "A")
        #expect(try store.userNames(ofAccount: "A") == ["one", "two"])
        #expect(folder.text(of: "outside/L.jwt") == token("outside"))
        #expect(folder.text(of: "outside/users/one.jwt") == token("outside"))
    }

    @Test("an account goes with its users, and not with what is not the store's")
    func removal() throws {
        let writer = try writer()
        try folder.write("mine", to: "OP/accounts/A/notes.txt")
        try folder.write("left", to: "OP/accounts/B/users/.credence.tmp")
        #expect(throws: StoreFault(path: "accounts/A/notes.txt", kind: .unexpectedEntry)) {
            try writer.removeAccount(named: "A")
        }
        try folder.remove("OP/accounts/A/notes.txt")
        try folder.write("mine", to: "OP/accounts/A/users/notes.txt")
        #expect(throws: StoreFault(path: "accounts/A/users/notes.txt", kind: .unexpectedEntry)) {
            try writer.removeAccount(named: "A")
        }
        try writer.removeAccount(named: "B")
        #expect(try store.accounts().count == 1)
        #expect(try store.userNames(ofAccount: "A") == ["one", "two"])
        expect(.missing) { () throws(StoreFault) in try writer.removeAccount(named: "B") }
        expect(.missing) { () throws(StoreFault) in try writer.removeAccount(named: "..") }
        #expect(try !folder.all().contains { $0.contains("accounts/B") || $0.hasSuffix(".removed") })
    }

    @Test("a resolver's folder takes accounts by key and nothing else")
    func resolverFolder() throws {
        let folder = try TemporaryFolder()
        let key = "AANLYGTB5HA6SLML3DMOSZMVVTRJXSVX2U5HQGNFOWN6XUEOQOLT3CIG"
        let other = "ABYHREJNX5BAI5LVH2SPHGV2ZICUSFAVVGBTSUPPRH4ICHP5BLC6ZYT5"
        try folder.write(token("one"), to: "\(key).jwt")
        let store = try FolderStore(at: folder.path)
        let writer = try StoreWriter(store, whenLocked: .fail)
        try writer.writeAccountToken(bytes("two"), named: key, .replace)
        try writer.writeAccountToken(bytes("three"), named: other, .create)
        #expect(try store.accountToken(named: key) == bytes("two"))
        #expect(try store.accounts().count == 2)
        for name in ["ORDERS", String(other.dropLast()) + "A", "../x"] {
            expect(.notAnAccountKey) { () throws(StoreFault) in
                try writer.writeAccountToken(bytes("x"), named: name, .create)
            }
        }
        expect(.notInThisLayout) { () throws(StoreFault) in
            try writer.writeUserToken(bytes("x"), named: "x", ofAccount: key, .create)
        }
        try writer.removeAccount(named: key)
        #expect(try store.accounts().count == 1)
    }

    @Test("a new operator's folder is a store that nsc knows, and never takes the place of another")
    func newOperator() throws {
        let path = "\(folder.path)/new/stores"
        let store = try FolderStore.create(operator: #"My"Op"#, token: bytes("op"), in: path)
        #expect(try store.operatorToken() == bytes("op"))
        #expect(try store.accounts().count == 0)
        let mark = try #require(folder.text(of: #"new/stores/My"Op/.nsc"#))
        #expect(mark == #"{"managed":false,"name":"My\"Op","kind":"operator","version":"1"}"#)
        #expect(try folder.permissions(of: "new/stores") == 0o700)
        #expect(throws: StoreFault(path: #"My"Op"#, kind: .exists)) {
            try FolderStore.create(operator: #"My"Op"#, token: bytes("other"), in: path)
        }
        #expect(try store.operatorToken() == bytes("op"))
        #expect(try folder.text(of: "OP/.nsc") != nil && FolderStore(at: path).operatorName == #"My"Op"#)
    }

    private func expect(
        _ kind: StoreFault.Kind, at location: SourceLocation = #_sourceLocation,
        _ change: () throws(StoreFault) -> Void
    ) {
        do {
            try change()
            Issue.record("nothing was refused", sourceLocation: location)
        } catch {
            #expect(error.kind == kind, sourceLocation: location)
        }
    }
}

/// The bytes of a made-up token.
func bytes(_ name: String) -> [UInt8] {
    [UInt8](token(name).utf8)
}

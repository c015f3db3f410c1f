import FailingFiles
import Foundation
import NKeys
import Testing

@testable import FolderStores

@Suite("Reading a store")
struct StoreReaderTests {
    @Test("every account and user that nsc wrote is read as it stands in its file")
    func corpus() throws {
        for name in ["CORP", "STRICT"] {
            let folder = "\(testdata)/nsc/stores/\(name)"
            let contents = try Contents(of: FolderStore(at: folder))
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jwt") }
            #expect(Set(contents.tokens.keys) == Set(files).subtracting(["\(name).jwt"]))
            #expect(contents.faults.isEmpty)
            for (file, token) in contents.tokens {
                #expect(try token == String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8))
            }
        }
    }

    @Test("a resolver's folder gives its accounts, and no users; deleted ones and others are passed over")
    func resolverFolder() throws {
        let folder = try TemporaryFolder()
        let key = "AANLYGTB5HA6SLML3DMOSZMVVTRJXSVX2U5HQGNFOWN6XUEOQOLT3CIG"
        let other = "ABYHREJNX5BAI5LVH2SPHGV2ZICUSFAVVGBTSUPPRH4ICHP5BLC6ZYT5"
        try folder.write(token("kept"), to: "\(key).jwt")
        for name in ["\(other).jwt.deleted", "readme.txt", "operator.jwt", "\(key.lowercased()).jwt"] {
            try folder.write(token("other"), to: name)
        }
        let store = try FolderStore(at: folder.path)
        #expect(try Contents(of: store).tokens == ["\(key).jwt": token("kept")])
        #expect(try String(decoding: store.accountToken(named: key), as: UTF8.self) == token("kept"))
        #expect(try Contents(of: FolderStore(at: "\(testdata)/nsc/resolver-dir")).tokens.count == 9)
    }

    @Test("decoration and blanks around a token are taken off, and a seed is never taken for a token")
    func decoration() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let plain = token("A")
        try folder.write(
            "-----BEGIN NATS ACCOUNT JWT-----\n\(plain)\n------END NATS ACCOUNT JWT------\n\n",
            to: "OP/accounts/A/A.jwt")
        try folder.write(" \(token("Aone"))\r\n", to: "OP/accounts/A/users/one.jwt")
        try folder.write("", to: "OP/accounts/A/users/two.jwt")
        try folder.write(
            "SUAGSZN5BRA74AL33BYAUQYCQSRYMXGRVK25FYAXTWCJMDAYD5XJFLGJ7E", to: "OP/accounts/B/users/one.jwt")
        let contents = try Contents(of: FolderStore(at: folder.path))
        #expect(contents.tokens["accounts/A/A.jwt"] == plain)
        #expect(contents.tokens["accounts/A/users/one.jwt"] == token("Aone"))
        #expect(
            contents.faults == [
                StoreFault(path: "accounts/A/users/two.jwt", kind: .malformedFile(.notToken)),
                StoreFault(path: "accounts/B/users/one.jwt", kind: .malformedFile(.notToken)),
            ])
        #expect(contents.tokens.count == 4)
    }

    @Test("what cannot be read is reported, and everything else is read")
    func faults() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        try folder.makeFolder("OP/accounts/A/users/folder.jwt")
        #expect(mkfifo("\(folder.path)/OP/accounts/A/users/pipe.jwt", 0o600) == 0)
        try folder.link("OP/accounts/A/users/loop.jwt", to: "loop.jwt")
        try folder.link("OP/accounts/A/users/dangling.jwt", to: "nowhere")
        try folder.write(String(repeating: "x", count: 301), to: "OP/accounts/A/users/large.jwt")
        try folder.write(String(repeating: "x", count: 300), to: "OP/accounts/A/users/limit.jwt")
        try folder.makeFolder("OP/accounts/C/users")
        try folder.makeFolder("OP/accounts/.git")
        try folder.write("x", to: "OP/accounts/readme.jwt")
        try folder.write("x", to: "OP/accounts/A/users/.credence.tmp")
        try folder.link("OP/accounts/L", to: "L")
        try folder.write("x", to: "OP/accounts/U/users")
        try folder.write(token("U"), to: "OP/accounts/U/U.jwt")
        let named = open("\(folder.path)/OP/accounts/A/users/b\u{1}d.jwt", O_CREAT | O_WRONLY, 0o600)
        close(named)
        for path in ["OP/accounts/A/users/n\u{00FF}.jwt", "OP/accounts/\u{00FF}"] {
            let bytes = path.unicodeScalars.map { CChar(truncatingIfNeeded: $0.value) } + [0]
            let parent = open(folder.path, O_RDONLY | O_DIRECTORY)
            defer { close(parent) }
            if path.hasSuffix(".jwt") {
                close(openat(parent, bytes, O_CREAT | O_WRONLY, 0o600))
            } else {
                #expect(mkdirat(parent, bytes, 0o700) == 0)
            }
        }

        let contents = try Contents(of: FolderStore(at: folder.path, tokenLimit: 300))
        #expect(
            Set(contents.faults) == [
                StoreFault(path: "accounts/A/users/folder.jwt", kind: .notAFile),
                StoreFault(path: "accounts/A/users/pipe.jwt", kind: .notAFile),
                StoreFault(path: "accounts/A/users/loop.jwt", kind: .linkLoop),
                StoreFault(path: "accounts/A/users/dangling.jwt", kind: .missing),
                StoreFault(path: "accounts/A/users/large.jwt", kind: .tooLarge(limit: 300)),
                StoreFault(path: "accounts/A/users/b\\x01d.jwt", kind: .malformedFile(.notToken)),
                StoreFault(path: "accounts/A/users/n\\xff.jwt", kind: .nameNotText),
                StoreFault(path: "accounts/\\xff", kind: .nameNotText),
                StoreFault(path: "accounts/C", kind: .withoutToken),
                StoreFault(path: "accounts/L/L.jwt", kind: .linkLoop),
                StoreFault(path: "accounts/L/users", kind: .linkLoop),
                StoreFault(path: "accounts/U/users", kind: .notAFolder),
            ])
        #expect(
            Set(contents.tokens.keys) == [
                "accounts/A/A.jwt", "accounts/A/users/limit.jwt", "accounts/A/users/one.jwt",
                "accounts/A/users/two.jwt", "accounts/B/B.jwt", "accounts/B/users/one.jwt",
                "accounts/B/users/two.jwt", "accounts/U/U.jwt",
            ])
    }

    @Test("links are followed, and names that nsc let through are read")
    func tolerance() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        try folder.write(token("far"), to: "elsewhere/FAR.jwt")
        try folder.link("OP/accounts/FAR", to: "../../elsewhere")
        for name in [">", "a.>", "a b", ".hidden", "ü"] {
            try folder.write(token(name), to: "OP/accounts/B/users/\(name).jwt")
        }
        try folder.write(token(".hidden"), to: "OP/accounts/.hidden/.hidden.jwt")
        let contents = try Contents(of: FolderStore(at: folder.path))
        #expect(contents.faults.isEmpty)
        #expect(contents.tokens["accounts/FAR/FAR.jwt"] == token("far"))
        #expect(contents.tokens["accounts/.hidden/.hidden.jwt"] == token(".hidden"))
        let users = try FolderStore(at: folder.path).userNames(ofAccount: "B")
        #expect(users == [".hidden", ">", "a b", "a.>", "one", "two", "ü"])
        for user in users { #expect(contents.tokens["accounts/B/users/\(user).jwt"] != nil) }
    }

    @Test("one token is read by name, and a name cannot lead elsewhere")
    func byName() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        try folder.write(token("secret"), to: "OP/secret.jwt")
        let store = try FolderStore(at: folder.path)
        #expect(try String(decoding: store.accountToken(named: "A"), as: UTF8.self) == token("A"))
        let user = try store.userToken(named: "two", ofAccount: "B")
        #expect(String(decoding: user, as: UTF8.self) == token("Btwo"))
        for name in ["", ".", "..", "A/../B", "../../secret", "A\0", "none"] {
            #expect(throws: StoreFault.self) { try store.accountToken(named: name) }
            #expect(throws: StoreFault.self) { try store.userToken(named: name, ofAccount: "A") }
            #expect(throws: StoreFault.self) { try store.userToken(named: "one", ofAccount: name) }
            #expect(try store.userNames(ofAccount: name) == [])
        }
    }

    @Test("whatever call of the system fails, it is reported, and nothing is read wrongly")
    func everyCallFails() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        let whole = FailingCalls()
        let expected = try Contents(of: FolderStore(at: folder.path, operator: nil, calls: whole))
        #expect(whole.count > 20)
        for number in 1...whole.count {
            let calls = FailingCalls(.once(number, errno: EIO))
            do throws(StoreFault) {
                let contents = try Contents(of: FolderStore(at: folder.path, operator: nil, calls: calls))
                // A look at one of the marks of a store may fail, when the other is seen.
                #expect(!contents.faults.isEmpty || contents.tokens == expected.tokens, "call \(number)")
                for (file, token) in contents.tokens { #expect(expected.tokens[file] == token) }
            } catch {
                // Opening or listing the store failed.
                #expect([.system(EIO), .noStore].contains(error.kind), "call \(number)")
            }
        }
    }

    @Test("a token of any length up to the limit is read whole")
    func lengths() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        for count in [65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_000_000, DecoratedToken.sizeLimit] {
            let text = String(repeating: "t", count: count - 2) + ".t"
            try folder.write(text, to: "OP/accounts/A/A.jwt")
            let store = try FolderStore(at: folder.path)
            #expect(try String(decoding: store.accountToken(named: "A"), as: UTF8.self) == text)
            #expect(Contents(of: try store.accounts()).tokens["accounts/A/A.jwt"] == text)
        }
        for limit in [0, 1, 100, 101] {
            let store = try FolderStore(at: folder.path, tokenLimit: limit)
            let fault = StoreFault(path: "accounts/A/A.jwt", kind: .tooLarge(limit: limit))
            #expect(throws: fault) { try store.accountToken(named: "A") }
        }
    }

    @Test("several threads read one listing")
    func threads() async throws {
        let folder = try TemporaryFolder()
        for account in 0..<40 {
            try folder.write(token("\(account)"), to: "OP/accounts/A\(account)/A\(account).jwt")
            try folder.write(token("user"), to: "OP/accounts/A\(account)/users/u.jwt")
        }
        let listing = try FolderStore(at: folder.path).accounts()
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { Contents(of: listing).tokens.count } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == [80, 80, 80, 80])
    }
}

/// All that a reader gives of a store.
private struct Contents {
    var tokens: [String: String] = [:]
    var faults: [StoreFault] = []

    init(of store: FolderStore) throws(StoreFault) {
        self.init(of: try store.accounts())
    }

    init(of listing: AccountListing) {
        faults = listing.faults
        let reader = StoreReader(listing)
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            let isResolver = listing.store.layout == .resolverFolder
            do {
                try reader.withToken(ofAccountAt: index) {
                    tokens[isResolver ? "\(name).jwt" : "accounts/\(name)/\(name).jwt"] = String(
                        decoding: $0, as: UTF8.self)
                }
            } catch {
                faults.append(error)
            }
            reader.forEachUser(ofAccountAt: index) {
                faults.append($0)
            } _: { user, token in
                let user = String(decoding: user, as: UTF8.self)
                tokens["accounts/\(name)/users/\(user).jwt"] = String(decoding: token, as: UTF8.self)
            }
        }
    }
}

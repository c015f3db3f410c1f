import FailingFiles
import Foundation
import NKeys
import Testing

@testable import FolderStores

@Suite("A keystore")
struct KeystoreTests {
    @Test("every seed that nsc wrote is found by its key")
    func corpus() throws {
        let store = Keystore(at: "\(testdata)/nsc/keys")
        let listed = try store.keys()
        let files = try FileManager.default.subpathsOfDirectory(atPath: store.path).filter { $0.hasSuffix(".nk") }
        #expect(listed.faults.isEmpty)
        #expect(listed.keys.count == files.count)
        #expect(listed.keys.map(\.text) == listed.keys.map(\.text).sorted())
        #expect(Set(listed.keys.map(Keystore.file)) == Set(files))
        for key in listed.keys { #expect(try store.keyPair(for: key)?.publicKey == key) }
        #expect(try store.keyPair(for: KeyPair.generate(.account).publicKey) == nil)
    }

    @Test("every creds file that nsc wrote is read, and is written the same, byte for byte")
    func credsOfCorpus() throws {
        let folder = try TemporaryFolder()
        let nsc = Keystore(at: "\(testdata)/nsc/keys")
        let own = Keystore(at: folder.path)
        let files = try FileManager.default.subpathsOfDirectory(atPath: nsc.path).filter { $0.hasSuffix(".creds") }
        #expect(files.count > 20)
        for file in files {
            let parts = file.dropLast(6).split(separator: "/").map(String.init)
            let (name, account, user) = (parts[1], parts[2], parts[3])
            let creds = try #require(try nsc.creds(user: user, account: account, operator: name))
            let written = try own.writeCreds(
                token: creds.token, seed: creds.seed, user: user, account: account, operator: name, .create)
            #expect(written == file)
            #expect(folder.text(of: file) == (try String(contentsOfFile: "\(nsc.path)/\(file)", encoding: .utf8)))
            #expect(try folder.permissions(of: file) == 0o600)
        }
    }

    @Test("a seed is kept for its owner alone, found, listed and removed")
    func keeping() async {
        // In a process of its own: the mask is one for all that the tests beside it write.
        await #expect(processExitsWith: .success) {
            umask(0)
            for role in KeyRole.allCases { try KeystoreTests().judgeKeeping(role) }
        }
    }

    private func judgeKeeping(_ role: KeyRole) throws {
        let folder = try TemporaryFolder()
        let store = Keystore(at: "\(folder.path)/a/keys")
        let pair = try KeyPair.generate(role)
        let text = pair.publicKey.text
        #expect(try store.keys().keys.isEmpty)
        #expect(try !store.remove(pair.publicKey))
        try store.add(pair)
        try store.add(pair)
        #expect(try store.keyPair(for: pair.publicKey)?.publicKey == pair.publicKey)
        #expect(try store.keys().keys == [pair.publicKey])
        let shard = "a/keys/keys/\(text.prefix(1))/\(text.dropFirst().prefix(2))"
        #expect(try folder.permissions(of: "\(shard)/\(text).nk") == 0o600)
        for path in ["a", "a/keys", "a/keys/keys", shard] { #expect(try folder.permissions(of: path) == 0o700) }
        #expect(try store.remove(pair.publicKey))
        #expect(try store.keyPair(for: pair.publicKey) == nil)
        #expect(try store.keys().keys.isEmpty)
    }

    @Test("a file that is not the seed of its key is reported, and is not overwritten")
    func otherSeeds() throws {
        let folder = try TemporaryFolder()
        let store = Keystore(at: folder.path)
        let pair = try KeyPair.generate(.account)
        let file = Keystore.file(for: pair.publicKey)
        let another = "SUAGSZN5BRA74AL33BYAUQYCQSRYMXGRVK25FYAXTWCJMDAYD5XJFLGJ7E"
        let contents: [(String, StoreFault.Kind)] = [
            (another, .otherSeed), ("", .malformedFile(.seed(.length(0)))),
            (String(repeating: "S", count: 5_000), .tooLarge(limit: 4_096)),
        ]
        for (content, kind) in contents {
            try folder.write(content, to: file)
            let fault = StoreFault(path: file, kind: kind)
            #expect(throws: fault) { try store.keyPair(for: pair.publicKey) }
            #expect(throws: fault) { try store.add(pair) }
            #expect(folder.text(of: file) == content)
            #expect(!fault.description.contains("SUAG"))
        }
        try folder.remove(file)
        try folder.link(file, to: "/dev/zero")
        #expect(throws: StoreFault(path: file, kind: .tooLarge(limit: 4_096))) {
            try store.keyPair(for: pair.publicKey)
        }
    }

    @Test("creds are made, replaced and removed, and names lead nowhere else")
    func creds() throws {
        let folder = try TemporaryFolder()
        let store = Keystore(at: folder.path)
        let seed = try Seed.generate(.user)
        func write(_ name: String, _ user: String, _ mode: WriteMode) throws -> String {
            try store.writeCreds(
                token: bytes(name), seed: seed, user: user, account: "A", operator: "O", mode)
        }
        #expect(try store.creds(user: "u", account: "A", operator: "O") == nil)
        #expect(try write("one", "u", .create) == "creds/O/A/u.creds")
        #expect(throws: StoreFault(path: "creds/O/A/u.creds", kind: .exists)) { try write("two", "u", .create) }
        #expect(chmod("\(folder.path)/creds/O/A/u.creds", 0o644) == 0)
        #expect(try write("two", "u", .replace) == "creds/O/A/u.creds")
        #expect(try folder.permissions(of: "creds/O/A/u.creds") == 0o600)
        #expect(try store.creds(user: "u", account: "A", operator: "O")?.token == bytes("two"))
        for user in ["", "..", "a/b", "../../x", "a\0"] {
            #expect(throws: StoreFault.self) { try write("x", user, .createOrReplace) }
            #expect(try store.creds(user: user, account: "A", operator: "O") == nil)
        }
        #expect(try write("three", "b", .create) == "creds/O/A/b.creds")
        try folder.write("", to: "creds/O/A/notes.txt")
        #expect(try store.credsNames(account: "A", operator: "O") == ["b", "u"])
        for account in ["none", "..", "", "a/b"] {
            #expect(try store.credsNames(account: account, operator: "O") == [])
        }
        #expect(try store.removeCreds(user: "b", account: "A", operator: "O"))
        try folder.makeFolder("outside")
        try folder.link("creds/O/L", to: "../../outside")
        #expect(throws: StoreFault(path: "creds/O/L/u.creds", kind: .linkInStore)) {
            try store.writeCreds(
                token: bytes("x"), seed: seed, user: "u", account: "L", operator: "O", .createOrReplace)
        }
        #expect(try store.removeCreds(user: "u", account: "A", operator: "O"))
        #expect(try !store.removeCreds(user: "u", account: "A", operator: "O"))
        #expect(try folder.all().filter { $0.hasSuffix(".creds") }.isEmpty)
    }

    @Test("a seed that cannot be written at any step is there whole or not at all, and can be written after")
    func interrupted() throws {
        let pair = try KeyPair.generate(.operator)
        let counting = FailingCalls()
        try Keystore(at: "\(TemporaryFolder().path)/keys", calls: counting).add(pair)
        #expect(counting.count > 15)
        for step in 1...counting.count {
            for failure in [FailingCalls.Failure.stopped(at: step), .once(step, errno: EIO)] {
                let folder = try TemporaryFolder()
                let path = "\(folder.path)/keys"
                try? Keystore(at: path, calls: FailingCalls(failure)).add(pair)
                let store = Keystore(at: path)
                _ = try store.keyPair(for: pair.publicKey)
                try store.add(pair)
                #expect(try store.keyPair(for: pair.publicKey)?.publicKey == pair.publicKey, "step \(step)")
                let files = try folder.all().filter { $0.contains(".tmp") || $0.contains(".nk") }
                #expect(files.filter { $0.hasSuffix(".nk") }.count == 1)
                for file in files { #expect(try folder.permissions(of: file) == 0o600) }
            }
        }
    }
}

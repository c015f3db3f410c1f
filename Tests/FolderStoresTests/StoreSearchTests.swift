import FolderStores
import Testing

@Suite("Finding a store")
struct StoreSearchTests {
    @Test("an operator's folder, and the folder that holds it, are the same store")
    func operatorFolder() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore()
        for path in [folder.path, "\(folder.path)/", "\(folder.path)/OP", "\(folder.path)/OP/"] {
            let store = try FolderStore(at: path)
            #expect(store.layout == .operatorFolder)
            #expect(store.operatorName == "OP")
            #expect(try String(decoding: store.operatorToken(), as: UTF8.self) == token("operator"))
        }
        #expect(try FolderStore(at: folder.path).path == "\(folder.path)/OP")
    }

    @Test("among several operators one is named")
    func severalOperators() throws {
        let stores = "\(testdata)/nsc/stores"
        #expect(throws: StoreFault(path: stores, kind: .severalOperators(["CORP", "STRICT"]))) {
            try FolderStore(at: stores)
        }
        #expect(try FolderStore(at: stores, operator: "STRICT").operatorName == "STRICT")
        #expect(throws: StoreFault(path: stores, kind: .noSuchOperator("NONE", others: ["CORP", "STRICT"]))) {
            try FolderStore(at: stores, operator: "NONE")
        }
        #expect(throws: StoreFault(path: "\(stores)/CORP", kind: .noSuchOperator("STRICT", others: ["CORP"]))) {
            try FolderStore(at: "\(stores)/CORP", operator: "STRICT")
        }
    }

    @Test("the folder of an operator may have another name than its token")
    func renamedFolder() throws {
        let folder = try TemporaryFolder()
        try folder.makeStore("copy of OP")
        let store = try FolderStore(at: "\(folder.path)/copy of OP")
        #expect(store.operatorName == "OP")
        try folder.write(token("other"), to: "copy of OP/other.jwt")
        let ambiguous = try FolderStore(at: "\(folder.path)/copy of OP")
        #expect(ambiguous.operatorName == nil)
        #expect(throws: StoreFault(path: ambiguous.path, kind: .withoutOperatorToken)) {
            try ambiguous.operatorToken()
        }
    }

    @Test("a folder of files named after accounts' keys is a resolver's")
    func resolverFolder() throws {
        let store = try FolderStore(at: "\(testdata)/nsc/resolver-dir")
        #expect(store.layout == .resolverFolder)
        #expect(store.operatorName == nil)
        #expect(throws: StoreFault(path: store.path, kind: .withoutOperatorToken)) { try store.operatorToken() }
    }

    @Test("what is no store is refused with what to do about it")
    func noStore() throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "empty/readme.txt")
        try folder.write("x", to: "empty/.hidden/accounts/A/A.jwt")
        try folder.link("loop", to: "loop")
        for (path, kind) in [
            ("nowhere", .missing), ("empty", .noStore), ("empty/readme.txt", .notAFolder), ("loop", .linkLoop),
        ] as [(String, StoreFault.Kind)] {
            let path = "\(folder.path)/\(path)"
            let fault = #expect(throws: StoreFault.self) { try FolderStore(at: path) }
            #expect(fault == StoreFault(path: path, kind: kind))
        }
        let fault = StoreFault(path: "empty", kind: .noStore)
        #expect(fault.description == "`empty`: holds no store")
        #expect(fault.hint?.contains("ACCOUNT_KEY.jwt") == true)
    }

    @Test("an operator without accounts is a store")
    func withoutAccounts() throws {
        let folder = try TemporaryFolder()
        try folder.write("{}", to: "OP/.nsc")
        try folder.write(token("operator"), to: "OP/OP.jwt")
        #expect(try FolderStore(at: folder.path).accounts().count == 0)
    }
}

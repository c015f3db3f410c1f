import NKeys
import Testing

@testable import Trust

/// The circles of the advisories (CVE-2020-28466, CVE-2022-42709 and those without a number), and what is none.
@Suite struct CircleTests {
    /// The imports that are out, for each account in the order given; accounts are signed one after another.
    private func out(_ accounts: [(imports: [String], mappings: [PlainMapping])], kind: PlainImport.Kind) throws
        -> [[Int]]
    {
        let forge = try BindingForge.shared.get()
        let keys = forge.accounts.prefix(accounts.count).map(\.publicKey)
        let plain = accounts.enumerated().map { number, account in
            PlainAccount(
                issuedAt: BindingForge.now.seconds - 100 + Int64(number),
                imports: account.imports.map { Self.read($0, importer: number, kind) }, mappings: account.mappings)
        }
        return try out(plain, keys: Array(keys), forge)
    }

    private func out(_ accounts: [PlainAccount], keys: [PublicKey], _ forge: BindingForge) throws -> [[Int]] {
        let trusted = try accounts.enumerated().map { number, account in
            try forge.account(keys[number], issuedAt: account.issuedAt, account.claims(keys))
        }
        return forge.inForce(trusted).map { account in
            account.imports.indices.filter { account.imports[$0].failures.contains { $0.rule == .importCycle } }
        }
    }

    /// An import as `local <- exporter:subject`, or `subject <- exporter` where the name is kept.
    private static func read(_ text: String, importer: Int, _ kind: PlainImport.Kind) -> PlainImport {
        let sides = text.split(separator: " ").map(String.init)
        let from = sides[2].split(separator: ":").map(String.init)
        return PlainImport(
            importer: importer, exporter: Int(from[0]) ?? 0, kind: kind, subject: from.count > 1 ? from[1] : sides[0],
            local: sides[0])
    }

    private func out(_ imports: [String]..., kind: PlainImport.Kind) throws -> [[Int]] {
        try out(imports.map { ($0, []) }, kind: kind)
    }

    // MARK: T4a and T4b

    @Test(arguments: PlainImport.Kind.allCases)
    func `of two accounts that import from each other the later one loses`(_ kind: PlainImport.Kind) throws {
        #expect(try out(["help <- 1"], ["help <- 0"], kind: kind) == [[], [0]])
        #expect(try out(["help.> <- 1"], ["*.me <- 0", "other <- 0"], kind: kind) == [[], [0]])
        #expect(try out(["help <- 1"], ["other <- 0"], kind: kind) == [[], []])
    }

    @Test func `of two accounts signed in one second the one with the greater key loses`() throws {
        let forge = try BindingForge.shared.get()
        let keys = [forge.accounts[1].publicKey, forge.accounts[0].publicKey]
        let accounts = (0..<2).map { number in
            PlainAccount(issuedAt: 1, imports: [Self.read("q <- \(1 - number)", importer: number, .service)])
        }
        #expect(try out(accounts, keys: keys, forge) == [[0], []])
    }

    @Test func `the refusal names the accounts on the circle`() throws {
        let forge = try BindingForge.shared.get()
        let keys = forge.accounts.prefix(2).map(\.publicKey)
        let accounts = try (0..<2).map { number in
            let account = PlainAccount(
                issuedAt: Int64(number + 1), imports: [Self.read("q <- \(1 - number)", importer: number, .service)])
            return try forge.account(keys[number], issuedAt: account.issuedAt, account.claims(Array(keys)))
        }
        let failure = try #require(forge.inForce(accounts)[1].imports[0].failures.first)
        #expect(failure.rule == .importCycle)
        #expect(failure.place.path == "imports[0]")
        #expect(failure.detail == .cycle([keys[1], keys[0]]))
    }

    @Test(arguments: PlainImport.Kind.allCases)
    func `circles through three accounts are found through renames and wildcards`(_ kind: PlainImport.Kind) throws {
        #expect(try out(["q <- 1:r"], ["r <- 2:s"], ["s <- 0:q"], kind: kind) == [[], [], [0]])
        #expect(try out(["q.> <- 1:r.>"], ["r.*.a <- 2:s.*.b"], ["s.x.* <- 0:q.x.*"], kind: kind) == [[], [], []])
        #expect(try out(["q.> <- 1:r.>"], ["r.*.a <- 2:s.*.b"], ["s.x.> <- 0:q.x.>"], kind: kind) == [[], [], []])
        #expect(try out(["q.> <- 1:r.>"], ["r.*.a <- 2:s.*.b"], ["s.x.b <- 0:q.x.a"], kind: kind) == [[], [], [0]])
        #expect(try out(["$2.$1 <- 1:*.*"], ["*.* <- 2"], ["a.b <- 0"], kind: kind) == [[], [], []])
        #expect(try out(["$2.$1 <- 1:*.*"], ["*.* <- 2"], ["a.b <- 0", "b.a <- 0"], kind: kind) == [[], [], [1]])
    }

    @Test func `a circle is found from whichever account a message can go round it twice`() throws {
        // From account 0 `a.a` comes back as `a.b`, and that as `b.b`; from account 1 nothing comes round twice.
        #expect(try out(["a.* <- 1:*.b"], ["*.b <- 0"], kind: .stream) == [[], [0]])
        #expect(try out(["*.b <- 1"], ["a.* <- 0:*.b"], kind: .stream) == [[], [0]])
    }

    @Test func `streams and services make no circle together`() throws {
        let forge = try BindingForge.shared.get()
        let keys = forge.accounts.prefix(2).map(\.publicKey)
        let accounts = [PlainImport.Kind.stream, .service].enumerated().map { number, kind in
            PlainAccount(
                issuedAt: Int64(number + 1), imports: [Self.read("q <- \(1 - number)", importer: number, kind)])
        }
        #expect(try out(accounts, keys: Array(keys), forge) == [[], []])
    }

    @Test func `names that grow on every round are a circle`() throws {
        #expect(try out(["a.> <- 1:a.a.>"], ["a.> <- 0"], kind: .service) == [[], [0]])
        #expect(try out(["a.> <- 1:b.a.>"], ["b.> <- 0"], kind: .service) == [[], []])
    }

    // MARK: T4c

    @Test(arguments: [["x.a <- 2", "x.* <- 2:y.*"], ["x.* <- 2:y.*", "x.a <- 2"]])
    func `a sibling that narrows the subject hides no circle`(_ siblings: [String]) throws {
        #expect(try out(["x.> <- 1"], siblings, ["y.b <- 0:x.b"], kind: .stream) == [[], [], [0]])
        #expect(try out(["x.> <- 1"], siblings, ["z.b <- 0:x.b"], kind: .stream) == [[], [], []])
    }

    @Test func `three siblings, in every order, hide no circle`() throws {
        let siblings = ["x.a.> <- 2:p.>", "x.*.b <- 2:q.*", "x.c.c <- 3:r"]
        for first in 0..<3 {
            for second in 0..<3 where second != first {
                let order = [siblings[first], siblings[second], siblings[3 - first - second]]
                let closed = try out(["x.> <- 1"], order, ["q.d <- 0:x.d.b"], ["r <- 0:x.a.a"], kind: .stream)
                #expect(closed == [[], [], [0], []], "\(order)")
            }
        }
    }

    // MARK: T4d

    @Test(arguments: PlainImport.Kind.allCases)
    func `renaming that leads elsewhere is no circle`(_ kind: PlainImport.Kind) throws {
        #expect(try out(["b.* <- 1:a.*"], ["c.foo <- 0:a.foo"], kind: kind) == [[], []])
        #expect(try out(["b.> <- 1:a.>"], ["a.> <- 0:c.>"], kind: kind) == [[], []])
        #expect(try out(["b.> <- 1:a.>"], ["a.> <- 0:b.>"], kind: kind) == [[], [0]])
    }

    private func mapped(_ importer: String, _ exporter: String, _ mappings: [(String, String, Int)]) throws -> [[Int]] {
        let list = mappings.map { PlainMapping(source: $0.0, destinations: [(subject: $0.1, weight: $0.2)]) }
        return try out([([importer], []), ([exporter], list)], kind: .service)
    }

    @Test func `a mapping that leads elsewhere makes no circle, one that leads back makes one`() throws {
        #expect(try mapped("q <- 1", "q <- 0", []) == [[], [0]])
        #expect(try mapped("q <- 1", "q <- 0", [("q", "r", 100)]) == [[], []])
        #expect(try mapped("q <- 1", "q <- 0", [("q", "r", 99)]) == [[], [0]])
        #expect(try mapped("q <- 1", "r <- 0:q", [("q", "r", 1)]) == [[], [0]])
        #expect(try mapped("q.* <- 1", "r.* <- 0:q.*", [("q.*", "r.{{partition(4,1)}}", 100)]) == [[], [0]])
        #expect(try mapped("q.* <- 1", "r.*.* <- 0:q.*.*", [("q.*", "r.{{partition(4,1)}}", 100)]) == [[], []])
    }

    @Test func `what a mapping takes away is not followed as if it had stayed`() throws {
        #expect(try mapped("q.> <- 1", "q.x <- 0", [("q.x", "r", 100)]) == [[], []])
        #expect(try mapped("q.> <- 1", "q.* <- 0", [("q.x", "r", 100)]) == [[], [0]])
        #expect(try mapped("q.> <- 1", "q.*.y <- 0", [("q.x.>", "r.>", 100), ("q.*.*", "s.$1.$2", 100)]) == [[], []])
        // The first mapping that matches applies: the second sees only the rest.
        #expect(try mapped("*.* <- 1", "b.c <- 0:a.b", [("a.*", "d", 100), ("*.b", "b.c", 100)]) == [[], []])
        #expect(try mapped("*.* <- 1", "b.c <- 0:e.b", [("a.*", "d", 100), ("*.b", "b.c", 100)]) == [[], [0]])
    }

    @Test func `mappings are of what is published, and not of streams`() throws {
        let list = [PlainMapping(source: "q", destinations: [(subject: "r", weight: 100)])]
        #expect(try out([(["q <- 1"], []), (["q <- 0"], list)], kind: .stream) == [[], [0]])
    }
}

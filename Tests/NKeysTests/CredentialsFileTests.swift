import NKeys
import Testing

/// Creds, decorated tokens and seed files: those of nsc, and what clients make of others.
@Suite struct CredentialsFileTests {
    private let token = "eyJ0eXAi.eyJqdGki.c2ln"

    @Test func `the creds of nsc are read, and written again byte for byte`() throws {
        let files =
            try Corpus.files(in: "nsc/keys/creds", suffix: ".creds")
            + Corpus.files(in: "nsc/tokens", suffix: ".creds")
        #expect(files.count > 20)
        for (path, bytes) in files {
            let creds = try bytes.withUnsafeBytes { try CredentialsFile(parsing: $0) }
            #expect(creds.token.count { $0 == UInt8(ascii: ".") } == 2)
            let written = try CredentialsFile.render(token: creds.token, seed: creds.seed)
            #expect(written.withUnsafeBytes { $0.elementsEqual(bytes) }, "\(path)")
        }
    }

    @Test func `the tokens of nsc are read, and written again byte for byte`() throws {
        let decorated = try Corpus.files(in: "nsc/tokens", suffix: ".jwt")
        #expect(decorated.count > 10)
        for (path, bytes) in decorated {
            let file = try DecoratedToken(parsing: bytes)
            #expect(file.label == .activation)
            #expect(try DecoratedToken.render(file.token, label: .activation) == bytes, "\(path)")
        }
        let bare = try Corpus.files(in: "nsc/stores", suffix: ".jwt")
        #expect(bare.count > 10)
        for (path, bytes) in bare {
            let file = try DecoratedToken(parsing: bytes)
            #expect(file.token == bytes && file.label == nil, "\(path)")
        }
    }

    @Test func `the seed files of nsc are read`() throws {
        let files = try Corpus.files(in: "nsc/keys/keys", suffix: ".nk")
        #expect(files.count > 10)
        for (path, bytes) in files {
            let seed = try bytes.withUnsafeBytes { try Seed(parsing: $0) }
            #expect(path.hasSuffix("/\(try KeyPair(seed).publicKey).nk"))
            let locked = try #require(
                SecretBytes(capacity: bytes.count + 1) {
                    $0.copyBytes(from: bytes + [10]); return $0.count
                })
            #expect(try Seed(parsing: locked).role == seed.role)
        }
    }

    @Test(arguments: Variation.accepted)
    func `creds are read as clients read them`(variation: Variation) throws {
        let seed = try Seed.generate(.user)
        let creds = try read(variation, seed)
        #expect(String(decoding: creds.token, as: UTF8.self) == token)
        #expect(try KeyPair(creds.seed).publicKey == KeyPair(seed).publicKey)
    }

    @Test(arguments: Variation.refused)
    func `creds that are something else are refused with the reason`(variation: Variation) throws {
        let seed = try Seed.generate(.user)
        let error = #expect(throws: DecoratedTextError.self) { try read(variation, seed) }
        #expect(error == variation.error)
    }

    @Test(arguments: KeyRole.allCases.filter { $0 != .user })
    func `the seed of another key than a user's is refused`(role: KeyRole) throws {
        let seed = try Seed.generate(role)
        let standard = try #require(Variation.accepted.first)
        #expect(throws: DecoratedTextError.seedRole(role)) { try read(standard, seed) }
        #expect(throws: DecoratedTextError.seedRole(role)) {
            try CredentialsFile.render(token: Array(token.utf8), seed: seed)
        }
    }

    @Test func `a file is at most a token of 1 MiB and its decoration`() throws {
        let limit = CredentialsFile.sizeLimit
        let large = [UInt8](repeating: 0x41, count: limit + 1)
        #expect(throws: DecoratedTextError.tooLarge(limit + 1)) { try DecoratedToken(parsing: large) }
        large.withUnsafeBytes { bytes in
            #expect(throws: DecoratedTextError.tooLarge(limit + 1)) { try CredentialsFile(parsing: bytes) }
            #expect(throws: DecoratedTextError.tooLarge(limit + 1)) { try Seed(parsing: bytes) }
        }
        #expect(try DecoratedToken(parsing: Array(large.dropLast())).token.count == limit)
        let creds = try CredentialsFile.render(token: Array(large.prefix(1_048_576)), seed: Seed.generate(.user))
        #expect(try CredentialsFile(parsing: creds).token.count == 1_048_576)
    }

    @Test func `a seed is never taken for a token`() throws {
        let seed = try Seed.generate(.account).withUnsafeText { Array($0) }
        #expect(throws: DecoratedTextError.notToken) { try DecoratedToken(parsing: seed + [0x0A]) }
        let section = Array("---\u{2D}--\n".utf8) + seed + Array("\n------\n".utf8)
        #expect(throws: DecoratedTextError.notToken) { try DecoratedToken(parsing: section) }
        #expect(throws: DecoratedTextError.notToken) { try DecoratedToken(parsing: []) }
    }

    @Test func `what no token can hold is not written`() throws {
        for text in ["", "a b", "a\nb", "a.b.\u{E9}"] {
            #expect(throws: DecoratedTextError.notToken) { try DecoratedToken.render(Array(text.utf8), label: .user) }
        }
    }

    private func read(_ variation: Variation, _ seed: Seed) throws -> CredentialsFile {
        let text = seed.withUnsafeText { String(decoding: $0, as: UTF8.self) }
        let file = variation.text.replacing("TOKEN", with: token).replacing("SEED!", with: text)
        return try Array(file.utf8).withUnsafeBytes { try CredentialsFile(parsing: $0) }
    }
}

/// One way to write a creds file, with `TOKEN` and `SEED!` in place of the values.
struct Variation: Sendable, CustomTestStringConvertible {
    let what: String
    let text: String
    var error: DecoratedTextError?

    var testDescription: String { what }

    private static let begin = "-----BEGIN NATS USER JWT-----\n"
    private static let jwt = begin + "TOKEN\n------END NATS USER JWT------\n"
    private static let nkey = "-----BEGIN USER NKEY SEED-----\nSEED!\n------END USER NKEY SEED------\n"

    static let accepted: [Variation] = [
        Variation(what: "standard", text: jwt + "\n" + nkey),
        Variation(what: "comments around", text: "# mine\n" + jwt + "some - text -- here\n" + nkey + "bye"),
        Variation(what: "no blank line between", text: jwt + nkey),
        Variation(what: "four dashes", text: (jwt + nkey).replacing("------", with: "----")),
        Variation(what: "no line end after the last line", text: String((jwt + nkey).dropLast())),
        Variation(what: "no end of the seed's section", text: jwt + "-----BEGIN USER NKEY SEED-----\nSEED!\n"),
        Variation(what: "nothing after the seed", text: jwt + "-----BEGIN USER NKEY SEED-----\nSEED!\n\n\n"),
        Variation(what: "CR LF", text: (jwt + "\n" + nkey).replacing("\n", with: "\r\n")),
        Variation(what: "other labels", text: "--- jwt ---\nTOKEN\n--- end ---\n--- key ---\nSEED!\n--- end ---\n"),
        Variation(what: "lower-case labels", text: (jwt + nkey).replacing("BEGIN", with: "begin")),
        Variation(what: "seed first", text: nkey + jwt),
        Variation(what: "a line of dashes before", text: "----------\n" + jwt + nkey),
        Variation(what: "a line of dashes and a word before", text: "------\n\nword\n" + jwt + nkey),
    ]

    static let refused: [Variation] = [
        Variation(what: "empty", text: "", error: .noSection),
        Variation(what: "bare lines", text: "TOKEN\nSEED!\n", error: .noSection),
        Variation(what: "no seed", text: jwt, error: .noSeed),
        Variation(what: "no token", text: nkey, error: .noToken),
        Variation(what: "two seeds", text: jwt + nkey + nkey, error: .twoSeeds(line: 7)),
        Variation(what: "two tokens", text: jwt + jwt + nkey, error: .twoTokens(line: 4)),
        Variation(
            what: "a third section", text: jwt + nkey + "------\nx\n------\n", error: .unexpectedSection(line: 7)),
        Variation(
            what: "token on two lines", text: (jwt + nkey).replacing("TOKEN", with: "TO\nKEN"),
            error: .malformedSection(line: 1)),
        Variation(
            what: "blank line before the seed", text: (jwt + nkey).replacing("SEED!", with: "\nSEED!"),
            error: .malformedSection(line: 4)),
        Variation(
            what: "blank after the token", text: (jwt + nkey).replacing("TOKEN", with: "TOKEN "),
            error: .malformedSection(line: 1)),
        Variation(
            what: "indented", text: (jwt + nkey).replacing("TOKEN", with: "  TOKEN"),
            error: .malformedSection(line: 1)),
        Variation(
            what: "seed first without labels", text: "------\nSEED!\n------\n------\nTOKEN\n------\n",
            error: .seed(.alphabet(at: 0))),
        Variation(
            what: "two seeds under other labels", text: "------\nSEED!\n------\n------\nSEED!\n------\n",
            error: .notToken),
        Variation(
            what: "seed cut short", text: (jwt + nkey).replacing("SEED!", with: "SUAAA"), error: .seed(.length(5))),
        Variation(
            what: "token in place of the seed", text: jwt + nkey.replacing("SEED!", with: "TOKEN"),
            error: .seed(.alphabet(at: 0))),
    ]
}

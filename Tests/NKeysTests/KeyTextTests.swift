import NKeys
import Testing

/// Keys and seeds as text: the good ones, and everything next to them.
@Suite struct KeyTextTests {
    @Test(arguments: KeyRole.allCases)
    func `a generated key and its seed read back as what they are`(role: KeyRole) throws {
        let pair = try KeyPair.generate(role)
        let text = pair.publicKey.text
        #expect(text.utf8.count == 56)
        #expect(text.utf8.first == role.letter)
        #expect(try PublicKey(text) == pair.publicKey)
        #expect(try PublicKey(text, role: role).role == role)
        #expect(try PublicKey(role: role, rawBytes: pair.publicKey.rawBytes) == pair.publicKey)
        let seed = pair.seed.withUnsafeText { String(decoding: $0, as: UTF8.self) }
        #expect(seed.utf8.count == 58)
        #expect(Array(seed.utf8.prefix(2)) == [UInt8(ascii: "S"), role.letter])
        #expect(try KeyPair(Seed(seed)).publicKey == pair.publicKey)
    }

    @Test(arguments: KeyRole.allCases)
    func `a key is accepted in places for its own role only`(role: KeyRole) throws {
        let key = try KeyPair.generate(role).publicKey
        for other in KeyRole.allCases where other != role {
            let error = #expect(throws: KeyTextError.self) { try PublicKey(key.text, role: other) }
            #expect(error == .role(expected: KeyRoles(other), found: role))
        }
        #expect(try PublicKey(key.text, anyOf: [.operator, .account, .user, .server, .cluster, .curve]) == key)
    }

    @Test(arguments: KeyRole.allCases)
    func `every one-byte change of a public key is refused`(role: KeyRole) throws {
        let good = Array(try KeyPair.generate(role).publicKey.text.utf8)
        expectOnly(good, among: oneByteChanges(of: good)) { try? PublicKey(utf8: $0) }
    }

    @Test(arguments: KeyRole.allCases)
    func `every one-byte change of a seed is refused`(role: KeyRole) throws {
        let good = try Seed.generate(role).withUnsafeText { Array($0) }
        expectOnly(good, among: oneByteChanges(of: good)) { try? Seed(utf8: $0) }
    }

    @Test(arguments: KeyRole.allCases)
    func `every proper substring of a key, and every insertion of one byte, is refused`(role: KeyRole) throws {
        let pair = try KeyPair.generate(role)
        let key = Array(pair.publicKey.text.utf8)
        let seed = pair.seed.withUnsafeText { Array($0) }
        for good in [key, seed] {
            let substrings = (0..<good.count).flatMap { start in
                (start...good.count).map { Array(good[start..<$0]) }
            }
            let inserted = (0...good.count).flatMap { offset in
                [0x0A, 0x0D, 0x20, 0x00, 0x3D, 0x41].map { good[..<offset] + [$0] + good[offset...] }
            }
            let neighbours = substrings.filter { $0 != good } + inserted.map { Array($0) }
            expectOnly(good, among: neighbours) { try? PublicKey(utf8: $0) }
            expectOnly(good, among: neighbours) { try? Seed(utf8: $0) }
        }
    }

    @Test func `bits that mean nothing must be zero`() throws {
        // The last character of a seed holds three bits of it, then two spare ones.
        let seed = try Seed.generate(.user).withUnsafeText { Array($0) }
        let last = try #require(PlainKeyText.alphabet.firstIndex(of: seed[57]))
        for spare in 1...3 {
            let text = seed.dropLast() + [PlainKeyText.alphabet[last | spare]]
            expectError(.trailingBits, for: Array(text)) { try Seed(utf8: $0) }
        }
        // A public key has none, but the low three bits of its prefix are always zero.
        let bytes = try KeyPair.generate(.account).publicKey.rawBytes
        for low in 1...7 as ClosedRange<UInt8> {
            expectError(.prefix, for: PlainKeyText.sealed([low] + bytes)) { try PublicKey(utf8: $0) }
            expectError(.prefix, for: PlainKeyText.sealed([0x90, low] + bytes)) { try Seed(utf8: $0) }
        }
    }

    @Test func `only the six roles have a prefix`() throws {
        let bytes = try KeyPair.generate(.account).publicKey.rawBytes
        for prefix in UInt8.min...UInt8.max {
            let text = PlainKeyText.sealed([prefix] + bytes)
            let key = text.withUnsafeBufferPointer { try? PublicKey(utf8: $0) }
            #expect(key?.role == KeyRole.allCases.first { $0.rawValue == prefix })
            let seed = PlainKeyText.sealed([0x90 | prefix >> 5, prefix << 3] + bytes)
            let role = seed.withUnsafeBufferPointer { try? Seed(utf8: $0) }?.role
            #expect(role == KeyRole.allCases.first { $0.rawValue == prefix })
        }
    }

    @Test func `a payload of any other length is refused, its checksum being right`() {
        for count in 0...80 where count != 32 {
            let bytes = [UInt8](repeating: 7, count: count)
            let key = PlainKeyText.sealed([KeyRole.account.rawValue] + bytes)
            let seed = PlainKeyText.sealed([0x90, 0] + bytes)
            expectError(.length(key.count), for: key) { try PublicKey(utf8: $0) }
            if count != 30 { expectError(.length(seed.count), for: seed) { try Seed(utf8: $0) } }
            #expect(throws: KeyTextError.length(count)) { try PublicKey(role: .account, rawBytes: bytes) }
        }
    }

    @Test func `an error says what is wrong and never repeats the text`() throws {
        let seed = try Seed.generate(.user).withUnsafeText { Array($0) }
        expectError(.isSeed, for: seed) { try PublicKey(utf8: $0) }
        expectError(.alphabet(at: 3), for: seed[..<3] + [0x61] + seed[4...]) { try Seed(utf8: $0) }
        expectError(.whitespace(at: 58), for: seed + [0x0A]) { try Seed(utf8: $0) }
        expectError(.length(1_000), for: [UInt8](repeating: 0x53, count: 1_000)) { try Seed(utf8: $0) }
        expectError(.length(1_000), for: [UInt8](repeating: 0x53, count: 1_000)) { try PublicKey(utf8: $0) }
        let key = Array(try KeyPair.generate(.user).publicKey.text.utf8)
        expectError(.isPublicKey, for: key) { try Seed(utf8: $0) }
        let error = #expect(throws: KeyTextError.self) {
            try PublicKey(String(decoding: key, as: UTF8.self), role: .account)
        }
        #expect(error.map { "\($0)" } == "expected the key of an account, found that of a user")
    }

    private func oneByteChanges(of good: [UInt8]) -> [[UInt8]] {
        good.indices.flatMap { offset in
            (UInt8.min...UInt8.max).map { byte in
                var text = good
                text[offset] = byte
                return text
            }
        }
    }

    private func expectOnly<Key>(
        _ good: [UInt8], among texts: [[UInt8]], _ read: (UnsafeBufferPointer<UInt8>) -> Key?
    ) {
        let wrong = texts.filter { text in (text.withUnsafeBufferPointer(read) != nil) && text != good }
        #expect(wrong.isEmpty)
    }

    private func expectError<Key>(
        _ expected: KeyTextError, for text: some Collection<UInt8>, at location: SourceLocation = #_sourceLocation,
        reading: (UnsafeBufferPointer<UInt8>) throws -> Key
    ) {
        var found: KeyTextError?
        Array(text).withUnsafeBufferPointer { bytes in
            do { _ = try reading(bytes) } catch { found = error as? KeyTextError }
        }
        #expect(found == expected, sourceLocation: location)
    }
}

import Testing

@testable import NKeys

@Suite struct SealingKeyTests {
    private static func key(_ fill: UInt8) throws -> SealingKey {
        let bytes = [UInt8](repeating: fill, count: SealingKey.size)
        let key = SealingKey(bytes.span.bytes)
        return try #require(key)
    }

    @Test func `a mark holds for its message and its key alone`() throws {
        let message = Array("an account token".utf8)
        let mark = try Self.key(1).mark(on: message)
        #expect(mark.count == 32)
        #expect(try Self.key(1).isMark(mark, on: message))
        #expect(try !Self.key(2).isMark(mark, on: message))
        #expect(try !Self.key(1).isMark(mark, on: message + [0]))
        for index in mark.indices {
            var other = mark
            other[index] ^= 1
            #expect(try !Self.key(1).isMark(other, on: message))
        }
        #expect(try !Self.key(1).isMark(Array(mark.dropLast()), on: message))
        #expect(try !Self.key(1).isMark([], on: message))
    }

    @Test func `a key has thirty-two bytes and does not print`() throws {
        for count in [0, 31, 33] {
            let bytes = [UInt8](repeating: 1, count: count)
            let isKey = SealingKey(bytes.span.bytes) != nil
            #expect(!isKey)
        }
        #expect("\(try Self.key(7))" == "a sealing key")
    }

    /// FIPS 180-4: the examples for one block and for none.
    @Test func `sha-256 is what the standard says`() {
        let text = SHA256.hash("abc".utf8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.base32([]) == "4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ")
    }
}

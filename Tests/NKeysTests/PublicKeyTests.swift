import NKeys
import Testing

/// Public keys as values: order, equality, the points that are none.
@Suite struct PublicKeyTests {
    @Test func `keys sort as their texts do`() throws {
        var mutations = Mutations(seed: 4)
        var keys = try (0..<300).map { _ in try anyKey(&mutations) }
        // Neighbours that share all but one bit, so that each of the 53 characters decides once.
        for bit in 0..<256 {
            var bytes = [UInt8](repeating: 0x5A, count: 32)
            bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            keys.append(try PublicKey(role: .curve, rawBytes: bytes))
        }
        #expect(keys.sorted().map(\.text) == keys.map(\.text).sorted())
        for key in keys { #expect(!(key < key)) }
    }

    @Test func `keys are equal when role and bytes are`() throws {
        let bytes = try KeyPair.generate(.account).publicKey.rawBytes
        let keys = try KeyRole.allCases.map { try PublicKey(role: $0, rawBytes: bytes) }
        #expect(Set(keys).count == KeyRole.allCases.count)
        for offset in bytes.indices {
            var other = bytes
            other[offset] ^= 1
            #expect(try PublicKey(role: .curve, rawBytes: other) != keys[5])
        }
        #expect(try PublicKey(keys[0].text).hashValue == keys[0].hashValue)
    }

    @Test func `points of small order and second spellings are no key, except for curves`() throws {
        // The eight points of small order by their y, as RFC 8032 writes them, with either sign.
        let order8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
        let order8Negated = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
        let zero = String(repeating: "0", count: 64)
        let minusOne = "ec" + String(repeating: "f", count: 60) + "7f"
        for text in [zero, order8, order8Negated] {
            expectNoKey(.smallOrder, bytes(text, signed: false))
            expectNoKey(.smallOrder, bytes(text, signed: true))
        }
        for text in ["01" + zero.dropFirst(2), minusOne] {
            expectNoKey(.smallOrder, bytes(text, signed: false))
            expectNoKey(.nonCanonicalPoint, bytes(text, signed: true))
        }
        // y = p ... 2^255 - 1, that is 0 ... 18 written in another way.
        for low in 0xED...0xFF as ClosedRange<UInt8> {
            let text = String(low, radix: 16) + minusOne.dropFirst(2)
            expectNoKey(.nonCanonicalPoint, bytes(text, signed: false))
            expectNoKey(.nonCanonicalPoint, bytes(text, signed: true))
        }
        // The largest y that is reduced and not of small order.
        #expect(try PublicKey(role: .user, rawBytes: bytes("eb" + minusOne.dropFirst(2), signed: false)).role == .user)
    }

    private func expectNoKey(_ error: KeyTextError, _ bytes: [UInt8], at location: SourceLocation = #_sourceLocation) {
        for role in KeyRole.allCases {
            let text = String(decoding: PlainKeyText.sealed([role.rawValue] + bytes), as: UTF8.self)
            if role == .curve {
                #expect((try? PublicKey(text)) != nil, sourceLocation: location)
            } else {
                #expect(throws: error, sourceLocation: location) { try PublicKey(text) }
                #expect(throws: error, sourceLocation: location) { try PublicKey(role: role, rawBytes: bytes) }
            }
        }
    }

    private func bytes(_ hex: String, signed: Bool) -> [UInt8] {
        let digits = Array(hex)
        var bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
        if signed { bytes[31] |= 0x80 }
        return bytes
    }

    private func anyKey(_ mutations: inout Mutations) throws -> PublicKey {
        let role = KeyRole.allCases[Int.random(in: 0..<6, using: &mutations)]
        return try PublicKey(role: role, rawBytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &mutations) })
    }
}

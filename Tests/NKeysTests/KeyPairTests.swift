import NKeys
import Testing

/// Signing and sealing.
@Suite struct KeyPairTests {
    private let message = Array("the quick brown fox".utf8)

    @Test(arguments: KeyRole.allCases.filter { $0 != .curve })
    func `a signature is valid for its message and its key alone`(role: KeyRole) throws {
        let pair = try KeyPair.generate(role)
        let signature = try pair.sign(message)
        #expect(pair.publicKey.isValid(signature, for: message))
        let isValidInSpan = pair.publicKey.isValid(signature, for: message.span)
        #expect(isValidInSpan)
        let fromSpan = try pair.sign(message.span)
        #expect(fromSpan == signature)
        #expect(!pair.publicKey.isValid(signature, for: message + [0]))
        #expect(!pair.publicKey.isValid(signature, for: []))
        #expect(try !KeyPair.generate(role).publicKey.isValid(signature, for: message))
        for bit in 0..<512 {
            var bytes = signature.rawBytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let changed = try #require(Signature(rawBytes: bytes))
            #expect(!pair.publicKey.isValid(changed, for: message))
        }
    }

    @Test func `an empty message can be signed and sealed`() throws {
        let pair = try KeyPair.generate(.user)
        #expect(pair.publicKey.isValid(try pair.sign([]), for: []))
        let curve = try KeyPair.generate(.curve)
        let sealed = try curve.seal([], to: curve.publicKey)
        #expect(sealed.count == SharedKey.overhead)
        #expect(try curve.open(sealed, from: curve.publicKey) == [])
    }

    @Test func `a curve key neither signs nor verifies`() throws {
        let curve = try KeyPair.generate(.curve)
        #expect(throws: KeyUseError.keyType(.curve)) { try curve.sign(message) }
        let pair = try KeyPair.generate(.user)
        let signature = try pair.sign(message)
        let disguised = try PublicKey(role: .curve, rawBytes: pair.publicKey.rawBytes)
        #expect(!disguised.isValid(signature, for: message))
    }

    @Test func `a signature is 64 bytes`() {
        for count in 0...200 {
            let bytes = [UInt8](repeating: 1, count: count)
            #expect((Signature(rawBytes: bytes) != nil) == (count == 64))
            let fromSpan = Signature(rawBytes: bytes.span)
            #expect((fromSpan != nil) == (count == 64))
        }
        let bytes = Array(0..<64 as Range<UInt8>)
        #expect(Signature(rawBytes: bytes)?.rawBytes == bytes)
        let fromSpan = Signature(rawBytes: bytes.span)
        #expect(fromSpan?.rawBytes == bytes)
    }

    @Test func `what is sealed opens for the two peers and nobody else`() throws {
        let sender = try KeyPair.generate(.curve)
        let recipient = try KeyPair.generate(.curve)
        let other = try KeyPair.generate(.curve)
        let sealed = try sender.seal(message, to: recipient.publicKey)
        #expect(sealed.count == message.count + 44)
        #expect(try recipient.open(sealed, from: sender.publicKey) == message)
        #expect(try SharedKey(sender, with: recipient.publicKey).open(sealed) == message)
        #expect(throws: KeyUseError.decrypt) { try other.open(sealed, from: sender.publicKey) }
        #expect(throws: KeyUseError.decrypt) { try recipient.open(sealed, from: other.publicKey) }
        #expect(try sender.seal(message, to: recipient.publicKey) != sealed)
    }

    @Test func `every change of a sealed message is noticed`() throws {
        let curve = try KeyPair.generate(.curve)
        let key = try SharedKey(curve, with: curve.publicKey)
        let sealed = try key.seal(message)
        for offset in sealed.indices {
            var changed = sealed
            changed[offset] ^= 1
            #expect(throws: offset < 4 ? KeyUseError.prefix : .decrypt) { try key.open(changed) }
        }
        for count in 0..<sealed.count {
            let expected: KeyUseError = count < SharedKey.overhead ? .length(count) : .decrypt
            #expect(throws: expected) { try key.open(Array(sealed.prefix(count))) }
        }
    }

    @Test func `only curve keys seal, and only for peers that share a secret`() throws {
        let user = try KeyPair.generate(.user)
        let curve = try KeyPair.generate(.curve)
        #expect(throws: KeyUseError.keyType(.user)) { try user.seal(message, to: curve.publicKey) }
        #expect(throws: KeyUseError.keyType(.user)) { try curve.seal(message, to: user.publicKey) }
        // GHSA-mr45-rx8q-wcm9: a key of zeros must never come into use.
        let zero = try PublicKey(role: .curve, rawBytes: [UInt8](repeating: 0, count: 32))
        #expect(throws: KeyUseError.lowOrder) { try curve.seal(message, to: zero) }
        let one = try PublicKey(role: .curve, rawBytes: [1] + [UInt8](repeating: 0, count: 31))
        #expect(throws: KeyUseError.lowOrder) { try curve.open([], from: one) }
    }

    @Test func `a given nonce must be 24 bytes`() throws {
        let curve = try KeyPair.generate(.curve)
        let key = try SharedKey(curve, with: curve.publicKey)
        message.withUnsafeBytes { bytes in
            for count in [0, 12, 23, 25] {
                #expect(throws: KeyUseError.length(count)) {
                    try key.seal(bytes, unsafeNonce: [UInt8](repeating: 0, count: count))
                }
            }
        }
    }
}

import NKeys

/// What holds for every input that is offered as a key. Run over mutated vectors by the tests and by the fuzzer.
enum KeyTextInvariants {
    /// What is wrong with how this input was judged; nil if nothing is.
    static func violation(for input: UnsafeBufferPointer<UInt8>) -> String? {
        publicKeyViolation(for: input) ?? seedViolation(for: input) ?? changeViolation(for: input)
    }

    private static func publicKeyViolation(for input: UnsafeBufferPointer<UInt8>) -> String? {
        let plain = PlainKeyText.opened(input).flatMap { body in
            body.count == 33 ? KeyRole.allCases.first { $0.rawValue == body[0] }.map { ($0, body.dropFirst()) } : nil
        }
        let key: PublicKey
        do {
            key = try PublicKey(utf8: input)
        } catch {
            let isPoint = error == .smallOrder || error == .nonCanonicalPoint
            return plain != nil && !isPoint ? "the plain reader accepts what is refused: \(error)" : nil
        }
        guard let (role, bytes) = plain else { return "the plain reader refuses what is accepted" }
        guard key.role == role, key.rawBytes.elementsEqual(bytes) else { return "the plain reader reads another key" }
        guard key.text.utf8.elementsEqual(input) else { return "the key is written in another way than it was read" }
        guard (try? PublicKey(role: role, rawBytes: bytes)) == key else { return "the bytes make another key" }
        for other in KeyRole.allCases where other != role {
            if (try? PublicKey(key.text, role: other)) != nil { return "the key is of two roles" }
        }
        return (try? Seed(utf8: input)) == nil ? nil : "a public key is a seed too"
    }

    private static func seedViolation(for input: UnsafeBufferPointer<UInt8>) -> String? {
        let plain = PlainKeyText.opened(input).flatMap { body -> KeyRole? in
            guard body.count == 34, body[0] & 0xF8 == 18 << 3, body[1] & 7 == 0 else { return nil }
            return KeyRole.allCases.first { $0.rawValue == body[0] << 5 | body[1] >> 3 }
        }
        let seed: Seed
        do {
            seed = try Seed(utf8: input)
        } catch {
            return plain == nil ? nil : "the plain reader accepts a seed that is refused: \(error)"
        }
        guard seed.role == plain else { return "the plain reader reads another seed" }
        guard seed.withUnsafeText({ $0.elementsEqual(input) }) else {
            return "the seed is written in another way than it was read"
        }
        guard let pair = try? KeyPair(seed), pair.publicKey.role == seed.role else { return "the seed makes no pair" }
        return (try? PublicKey(pair.publicKey.text)) == pair.publicKey ? nil : "its public key cannot be read"
    }

    /// Bytes in whose place a lax reader might read this one: its other case, its neighbours in the alphabet, the one
    /// whose lowest bit differs, the one whose highest does. Few, so that a campaign of many inputs ends: the tests
    /// try all 255 for some keys.
    private static func neighbours(of byte: UInt8) -> [UInt8] {
        let value = PlainKeyText.alphabet.firstIndex(of: byte) ?? 0
        let near = [value ^ 1, (value + 1) % 32, (value + 31) % 32].map { PlainKeyText.alphabet[$0] }
        return near + [byte ^ 0x20, byte ^ 0x80]
    }

    /// Takes the input for a role, 32 bytes and changes of their text (a place and a byte each), so that the checksum does
    /// not keep the fuzzer out.
    private static func changeViolation(for input: UnsafeBufferPointer<UInt8>) -> String? {
        guard (33...48).contains(input.count) else { return nil }
        let role = KeyRole.allCases[Int(input[0]) % KeyRole.allCases.count]
        guard let key = try? PublicKey(role: role, rawBytes: input[1..<33]) else { return nil }
        var text = Array(key.text.utf8)
        guard text == PlainKeyText.sealed([role.rawValue] + input[1..<33]) else { return "another text" }
        let place = Int(input[input.count - 1]) % text.count
        for byte in neighbours(of: text[place]) {
            var changed = text
            changed[place] = byte
            if changed.withUnsafeBufferPointer({ (try? PublicKey(utf8: $0)) != nil }) { return "a second spelling" }
        }
        var seed = PlainKeyText.sealed([18 << 3 | role.rawValue >> 5, role.rawValue << 3] + input[1..<33])
        for change in stride(from: 33, to: input.count - 1, by: 2) {
            text[Int(input[change]) % text.count] = input[change + 1]
            seed[Int(input[change]) % seed.count] = input[change + 1]
        }
        return text.withUnsafeBufferPointer { publicKeyViolation(for: $0) }
            ?? seed.withUnsafeBufferPointer { publicKeyViolation(for: $0) ?? seedViolation(for: $0) }
    }
}

import NKeys
import Testing

/// `nkeys.json`: texts of keys and seeds, signatures, sealed messages.
@Suite struct NKeysVectors {
    @Test func `keys, signatures and sealed messages are judged as the vectors say`() throws {
        try VectorFile.run("nkeys.json") { vector in
            vector.mismatch(with: try outcome(of: vector), knowing: Self.knownRules)
        }
    }

    private func outcome(of vector: VectorCase) throws -> VectorOutcome {
        do {
            switch vector.operation {
            case "decode_public": return try decodePublic(vector)
            case "decode_seed": return try decodeSeed(vector)
            case "seed": return try seed(vector)
            case "sign": return try sign(vector)
            case "verify": return try verify(vector)
            case "seal": return try seal(vector)
            case "open": return try open(vector)
            default: return .wrong("unknown op `\(vector.operation)`")
            }
        } catch let error as KeyTextError {
            return .refused(Self.rules(of: error))
        } catch let error as KeyUseError {
            return .refused(Self.rules(of: error))
        }
    }

    private func decodePublic(_ vector: VectorCase) throws -> VectorOutcome {
        let text = try vector.string("text")
        let key = try PublicKey(text)
        guard key.text == text else { return .wrong("the key is written in another way than it was read") }
        if let type = vector.fields["type"] as? String, type != key.role.name {
            return .wrong("expected role \(type), got \(key.role.name)")
        }
        for role in KeyRole.allCases where role != key.role {
            guard (try? PublicKey(text, role: role)) == nil else { return .wrong("accepted as \(role.name) too") }
        }
        return .accepted()
    }

    private func decodeSeed(_ vector: VectorCase) throws -> VectorOutcome {
        let text = try vector.string("text")
        let seed = try Seed(text)
        guard seed.withUnsafeText({ $0.elementsEqual(text.utf8) }) else {
            return .wrong("the seed is written in another way than it was read")
        }
        let pair = try KeyPair(seed)
        if let type = vector.fields["go_type"] as? String, type != pair.role.name {
            return .wrong("expected role \(type), got \(pair.role.name)")
        }
        if let text = vector.fields["go_public"] as? String, text != pair.publicKey.text {
            return .wrong("expected public key \(text), got \(pair.publicKey)")
        }
        return .accepted()
    }

    private func seed(_ vector: VectorCase) throws -> VectorOutcome {
        let pair = try KeyPair(Seed(vector.string("seed")))
        guard try pair.publicKey.text == vector.string("public") else {
            return .wrong("expected public key \(try vector.string("public")), got \(pair.publicKey)")
        }
        guard try pair.role.name == vector.string("type") else { return .wrong("got role \(pair.role.name)") }
        let privateText = try vector.string("private")
        do {
            _ = try PublicKey(privateText)
            return .wrong("the private key is accepted as a public key")
        } catch .isPrivateKey {}
        do {
            _ = try Seed(privateText)
            return .wrong("the private key is accepted as a seed")
        } catch .isPrivateKey {}
        return .accepted()
    }

    private func sign(_ vector: VectorCase) throws -> VectorOutcome {
        let pair = try KeyPair(Seed(vector.string("seed")))
        let signature = try pair.sign(vector.bytes("message_hex"))
        guard try signature.rawBytes == vector.bytes("signature_hex") else { return .wrong("got another signature") }
        return .accepted()
    }

    private func verify(_ vector: VectorCase) throws -> VectorOutcome {
        let key = try PublicKey(vector.string("public"))
        guard let signature = Signature(rawBytes: try vector.bytes("signature_hex")) else {
            return .refused(["signature-length"])
        }
        guard key.isValid(signature, for: try vector.bytes("message_hex")) else {
            return .refused(key.role == .curve ? ["key-type"] : Self.signatureRules)
        }
        return .accepted()
    }

    private func seal(_ vector: VectorCase) throws -> VectorOutcome {
        let sender = try KeyPair(Seed(vector.string("sender_seed")))
        let recipient = try PublicKey(vector.string("recipient_public"))
        let plaintext = try vector.bytes("plaintext_hex")
        let nonce = try vector.bytes("nonce_hex")
        let sealed = try plaintext.withUnsafeBytes {
            try SharedKey(sender, with: recipient).seal($0, unsafeNonce: nonce)
        }
        guard sealed == (try vector.bytes("sealed_hex")) else { return .wrong("got another sealed message") }
        let opener = try KeyPair(Seed(vector.string("recipient_seed")))
        guard try opener.open(sealed, from: PublicKey(vector.string("sender_public"))) == plaintext else {
            return .wrong("it opens to something else")
        }
        return .accepted()
    }

    private func open(_ vector: VectorCase) throws -> VectorOutcome {
        let recipient = try KeyPair(Seed(vector.string("recipient_seed")))
        let sender = try PublicKey(vector.string("sender_public"))
        let plaintext = try recipient.open(vector.bytes("sealed_hex"), from: sender)
        if vector.expectsAcceptance, plaintext != (try vector.bytes("plaintext_hex")) {
            return .wrong("it opens to something else")
        }
        return .accepted()
    }

    /// The faults that only verification finds; libsodium does not say which of them it was.
    private static let signatureRules: Set<String> = [
        "signature", "ed25519-s-range", "ed25519-point", "ed25519-small-order", "ed25519-noncanonical-point",
    ]

    private static func rules(of error: KeyTextError) -> Set<String> {
        switch error {
        case .length: ["key-length"]
        case .alphabet: ["b32-alphabet"]
        case .whitespace: ["b32-whitespace"]
        case .trailingBits: ["b32-trailing-bits"]
        case .checksum: ["checksum"]
        case .prefix, .isSeed, .isPrivateKey, .isPublicKey: ["prefix"]
        case .role: ["key-type"]
        case .smallOrder: ["ed25519-small-order"]
        case .nonCanonicalPoint: ["ed25519-noncanonical-point"]
        case .memory: []
        }
    }

    private static func rules(of error: KeyUseError) -> Set<String> {
        switch error {
        case .keyType: ["key-type"]
        case .length: ["xkey-length"]
        case .prefix: ["xkey-prefix", "xkey-decrypt", "prefix"]
        case .lowOrder: ["x25519-low-order"]
        case .decrypt: ["xkey-decrypt"]
        case .memory: []
        }
    }

    private static let knownRules: Set<String> = signatureRules.union([
        "key-length", "b32-alphabet", "b32-whitespace", "b32-trailing-bits", "checksum", "prefix", "key-type",
        "signature-length", "xkey-length", "xkey-prefix", "x25519-low-order", "xkey-decrypt",
    ])
}

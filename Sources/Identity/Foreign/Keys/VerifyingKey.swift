import JWTKit

/// A key that verifies signatures of one algorithm, and of no other (RFC 8725, section 3.1).
struct VerifyingKey: Sendable {
    /// `kid`; nil for none.
    let identifier: [UInt8]?
    /// The algorithm.
    let algorithm: ForeignAlgorithm
    /// The length of its signatures, in bytes.
    let signatureBytes: Int
    private let implementation: any JWTAlgorithm

    /// A key of a set, for one algorithm that it fits; nil when its numbers are no key.
    init?(_ key: KeyDescription, for algorithm: ForeignAlgorithm) async {
        guard key.fits(algorithm), let made = try? await Self.implementation(key.material, algorithm) else {
            return nil
        }
        switch key.material {
        case .rsa(_, _, let bytes): signatureBytes = bytes
        case .curve(let curve, _, _): signatureBytes = 2 * curve.width
        case .ed25519: signatureBytes = 64
        }
        (identifier, self.algorithm, implementation) = (key.identifier, algorithm, made)
    }

    /// A secret, which is at least as long as the algorithm's hash (RFC 7518, section 3.2); nil otherwise.
    init?(secret: [UInt8], for algorithm: ForeignAlgorithm) async {
        guard let length = algorithm.hashBytes, secret.count >= length, let digest = algorithm.digest else {
            return nil
        }
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: secret), digestAlgorithm: digest)
        guard let made = try? await collection.getKey() else { return nil }
        (identifier, self.algorithm, signatureBytes, implementation) = (nil, algorithm, length, made)
    }

    /// Whether this is the signature of these bytes. It never says why not.
    func verifies(_ signature: [UInt8], of bytes: ArraySlice<UInt8>) -> Bool {
        guard signature.count == signatureBytes else { return false }
        return (try? implementation.verify(signature, signs: bytes)) ?? false
    }

    private static func implementation(
        _ material: KeyDescription.Material, _ algorithm: ForeignAlgorithm
    ) async throws -> any JWTAlgorithm {
        let collection = JWTKeyCollection()
        switch material {
        case .rsa(let modulus, let exponent, _):
            let key = try Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
            guard let digest = algorithm.digest else { throw JWTError.noKeyProvided }
            if algorithm.isProbabilistic {
                await collection.add(pss: key, digestAlgorithm: digest)
            } else {
                await collection.add(rsa: key, digestAlgorithm: digest)
            }
        case .curve(.p256, let x, let y): await collection.add(ecdsa: try ES256PublicKey(parameters: (x, y)))
        case .curve(.p384, let x, let y): await collection.add(ecdsa: try ES384PublicKey(parameters: (x, y)))
        case .curve(.p521, let x, let y): await collection.add(ecdsa: try ES512PublicKey(parameters: (x, y)))
        case .ed25519(let x): await collection.add(eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519))
        }
        return try await collection.getKey()
    }
}

extension ForeignAlgorithm {
    /// The hash, where the algorithm does not come with one of its own.
    fileprivate var digest: DigestAlgorithm? {
        switch self {
        case .rs256, .ps256, .es256, .hs256: .sha256
        case .rs384, .ps384, .es384, .hs384: .sha384
        case .rs512, .ps512, .es512, .hs512: .sha512
        case .edDSA: nil
        }
    }

    /// Whether it is RSASSA-PSS.
    fileprivate var isProbabilistic: Bool { [.ps256, .ps384, .ps512].contains(self) }
}

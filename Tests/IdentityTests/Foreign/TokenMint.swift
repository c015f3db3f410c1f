import Foundation
import JWTKit
import RealServers
import Trust

@testable import Identity

/// A private key of a foreign issuer, kept by jwt-kit, which makes its signatures: another implementation than the strict
/// reading under test.
struct MintKey: Sendable {
    let kid: String
    let algorithm: ForeignAlgorithm
    /// Its public members, as JSON without the braces.
    let publicMembers: String
    /// Its public key as PEM; empty for a secret.
    let pem: String
    private let implementation: any JWTAlgorithm

    /// A new RSA key, made by openssl.
    static func rsa(_ algorithm: ForeignAlgorithm, kid: String, bits: Int = 2048) async throws -> MintKey {
        let pem = try await withoutBlocking { try runProgram("openssl", ["genrsa", "\(bits)"]) }
        let key = try Insecure.RSA.PrivateKey(pem: pem)
        let collection = JWTKeyCollection()
        let digest: DigestAlgorithm =
            algorithm.rawValue.hasSuffix("256") ? .sha256 : algorithm.rawValue.hasSuffix("384") ? .sha384 : .sha512
        if algorithm.rawValue.hasPrefix("PS") {
            await collection.add(pss: key, digestAlgorithm: digest)
        } else {
            await collection.add(rsa: key, digestAlgorithm: digest)
        }
        let numbers = try key.publicKey.getKeyPrimitives()
        return MintKey(
            kid: kid, algorithm: algorithm,
            publicMembers:
                #""kty":"RSA","n":"\#(base64URL(numbers.modulus))","e":"\#(base64URL(numbers.publicExponent))""#,
            pem: key.publicKey.pemRepresentation, implementation: try await collection.getKey())
    }

    /// A new key of ECDSA.
    static func curve(_ algorithm: ForeignAlgorithm, kid: String) async throws -> MintKey {
        let collection = JWTKeyCollection()
        let (name, parameters, pem): (String, ECDSAParameters?, String)
        switch algorithm {
        case .es384:
            let key = ES384PrivateKey()
            (name, parameters, pem) = ("P-384", key.parameters, key.publicKey.pemRepresentation)
            await collection.add(ecdsa: key)
        case .es512:
            let key = ES512PrivateKey()
            (name, parameters, pem) = ("P-521", key.parameters, key.publicKey.pemRepresentation)
            await collection.add(ecdsa: key)
        default:
            let key = ES256PrivateKey()
            (name, parameters, pem) = ("P-256", key.parameters, key.publicKey.pemRepresentation)
            await collection.add(ecdsa: key)
        }
        guard let parameters, let x = Data(base64Encoded: parameters.x), let y = Data(base64Encoded: parameters.y)
        else {
            throw ServerFault("no point")
        }
        return MintKey(
            kid: kid, algorithm: algorithm,
            publicMembers: #""kty":"EC","crv":"\#(name)","x":"\#(base64URL(x))","y":"\#(base64URL(y))""#, pem: pem,
            implementation: try await collection.getKey())
    }

    /// A new key of Ed25519.
    static func edwards(kid: String) async throws -> MintKey {
        let key = try EdDSA.PrivateKey()
        let collection = JWTKeyCollection()
        await collection.add(eddsa: key)
        return MintKey(
            kid: kid, algorithm: .edDSA,
            publicMembers: #""kty":"OKP","crv":"Ed25519","x":"\#(base64URL(key.publicKey.rawRepresentation))""#,
            pem: key.publicKey.pemRepresentation, implementation: try await collection.getKey())
    }

    /// A secret.
    static func secret(_ bytes: [UInt8], _ algorithm: ForeignAlgorithm = .hs256) async throws -> MintKey {
        let collection = JWTKeyCollection()
        let digest: DigestAlgorithm = algorithm == .hs256 ? .sha256 : algorithm == .hs384 ? .sha384 : .sha512
        await collection.add(hmac: HMACKey(from: bytes), digestAlgorithm: digest)
        return MintKey(
            kid: "secret", algorithm: algorithm, publicMembers: "", pem: "",
            implementation: try await collection.getKey())
    }

    /// The key as an element of a key set.
    var jwk: String { #"{"kid":"\#(kid)","use":"sig","alg":"\#(algorithm.rawValue)",\#(publicMembers)}"# }

    func signature(of bytes: [UInt8]) throws -> [UInt8] { try implementation.sign(bytes) }
}

func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Base64URL.encode(Array(bytes)), as: UTF8.self)
}

/// A key set of these keys.
func keySet(_ keys: [MintKey]) -> [UInt8] { Array(#"{"keys":[\#(keys.map(\.jwk).joined(separator: ","))]}"#.utf8) }

/// Makes tokens of any content: members are JSON text, nil takes one out.
struct TokenMint {
    static let now: Int64 = 1_800_000_000
    var issuer = "https://login.example.com"

    func claims(_ changes: [String: String?] = [:]) -> String {
        let usual: [String: String?] = [
            "iss": #""\#(issuer)""#, "sub": #""alice""#, "aud": #""credence""#, "iat": "\(Self.now)",
            "exp": "\(Self.now + 300)", "jti": #""one""#, "groups": #"["orders","stock"]"#,
        ]
        return Self.object(usual.merging(changes) { $1 })
    }

    func header(_ key: MintKey, _ changes: [String: String?] = [:]) -> String {
        let usual: [String: String?] = [
            "alg": #""\#(key.algorithm.rawValue)""#, "kid": #""\#(key.kid)""#, "typ": #""at+jwt""#,
        ]
        return Self.object(usual.merging(changes) { $1 })
    }

    /// A token whose signature is right, whatever it says.
    func token(_ key: MintKey, header: [String: String?] = [:], claims: [String: String?] = [:]) throws -> String {
        try signed(key, header: self.header(key, header), claims: self.claims(claims))
    }

    /// A token of these texts, signed.
    func signed(_ key: MintKey, header: String, claims: String) throws -> String {
        let signed = base64URL(header.utf8) + "." + base64URL(claims.utf8)
        return signed + "." + base64URL(try key.signature(of: Array(signed.utf8)))
    }

    private static func object(_ members: [String: String?]) -> String {
        let texts = members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }
        return "{\(texts.joined(separator: ","))}"
    }
}

import NKeys
import Trust

/// A public key as it stands in a key set (RFC 7517, RFC 7518 section 6, RFC 8037), read strictly: only what can verify
/// signatures of `ForeignAlgorithm` is one.
struct KeyDescription: Sendable {
    /// A curve of ECDSA.
    enum Curve: String, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// The length of a coordinate, in bytes.
        var width: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// What the key is made of, as its text, checked to be base64url in its one spelling.
    enum Material: Sendable {
        case rsa(modulus: String, exponent: String, bytes: Int)
        case curve(Curve, x: String, y: String)
        case ed25519(x: String)
    }

    /// `kid`, compared byte by byte; nil for none.
    let identifier: [UInt8]?
    /// `alg`; nil for none.
    let algorithm: ForeignAlgorithm?
    /// The numbers.
    let material: Material

    /// Why an element of a key set is no key here.
    enum Refusal: Error, Hashable, Sendable {
        /// It is meant for something else; key sets have such keys by right.
        case other(String)
        /// It is wrong, or weak, or more than its issuer should show.
        case fault(String)
    }

    /// The longest `kid`, in bytes. It is compared and nothing else.
    static let maximumIdentifierBytes = 256
    /// Bits of an RSA modulus: RFC 7518, section 3.3, and at most what keeps a verification short.
    static let modulusBits = 2048...8192
    /// Members that hold private parts.
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    /// Reads an element of a key set.
    init(_ key: JSONMembers) throws(Refusal) {
        guard let kind = key.text("kty") else { throw .fault("`kty` is missing or no text") }
        if kind == "oct" { throw .fault("a secret stands in a key set: it is a secret no more") }
        if let found = Self.privateMembers.first(where: { key[$0] != nil }) {
            throw .fault("the private member `\(found)` stands in a key set: the key is a secret no more")
        }
        guard ["RSA", "EC", "OKP"].contains(kind) else { throw .other("`kty` is none that is taken") }
        try Self.judgeUse(key)
        identifier = try Self.identifier(key)
        algorithm = try Self.algorithm(key)
        switch kind {
        case "RSA": material = try Self.rsa(key)
        case "EC": material = try Self.curve(key)
        default: material = try Self.ed25519(key)
        }
        if let algorithm, !fits(algorithm) { throw .fault("`alg` is none of this type of key") }
    }

    /// Whether a key of this type verifies signatures of this algorithm.
    func fits(_ algorithm: ForeignAlgorithm) -> Bool {
        switch (material, algorithm) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512): true
        case (.curve(.p256, _, _), .es256), (.curve(.p384, _, _), .es384), (.curve(.p521, _, _), .es512): true
        case (.ed25519, .edDSA): true
        default: false
        }
    }

    // MARK: Members

    private static func judgeUse(_ key: JSONMembers) throws(Refusal) {
        if let use = key["use"] {
            guard case .string(let use) = use else { throw .fault("`use` is no text") }
            if use != "sig" { throw .other("`use` is not `sig`") }
        }
        if let operations = key["key_ops"] {
            guard case .list(let operations) = operations else { throw .fault("`key_ops` is no list") }
            if !operations.contains(.string("verify")) { throw .other("`key_ops` has no `verify`") }
        }
    }

    private static func identifier(_ key: JSONMembers) throws(Refusal) -> [UInt8]? {
        guard let value = key["kid"] else { return nil }
        guard case .string(let text) = value, text.utf8.count <= maximumIdentifierBytes else {
            throw .fault("`kid` is no text of at most \(maximumIdentifierBytes) bytes")
        }
        return Array(text.utf8)
    }

    private static func algorithm(_ key: JSONMembers) throws(Refusal) -> ForeignAlgorithm? {
        guard let value = key["alg"] else { return nil }
        guard case .string(let name) = value else { throw .fault("`alg` is no text") }
        guard let algorithm = ForeignAlgorithm(rawValue: name) else { throw .other("`alg` is none that is taken") }
        return algorithm
    }

    private static func bytes(_ key: JSONMembers, _ name: String) throws(Refusal) -> (text: String, bytes: [UInt8]) {
        guard let text = key.text(name), let bytes = Base64URL.bytes(text.utf8) else {
            throw .fault("`\(name)` is missing, or not base64url in its one spelling")
        }
        return (text, bytes)
    }

    private static func rsa(_ key: JSONMembers) throws(Refusal) -> Material {
        // Some issuers put a zero in front (RFC 7518, section 6.3.1.1, warns of them); the number is the same.
        let modulus = try bytes(key, "n").bytes.drop { $0 == 0 }
        let exponent = try bytes(key, "e").bytes.drop { $0 == 0 }
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard modulusBits.contains(bits) else {
            throw .fault("an RSA key of \(bits) bits: \(modulusBits.lowerBound) to \(modulusBits.upperBound) are taken")
        }
        guard let last = modulus.last, last & 1 == 1 else { throw .fault("the RSA modulus is even") }
        guard exponent.count <= 4, let lowest = exponent.last, lowest & 1 == 1, exponent.count > 1 || lowest > 1 else {
            throw .fault("the RSA exponent is even, 1 or longer than 32 bits")
        }
        return .rsa(modulus: text(modulus), exponent: text(exponent), bytes: modulus.count)
    }

    private static func curve(_ key: JSONMembers) throws(Refusal) -> Material {
        guard let name = key.text("crv") else { throw .fault("`crv` is missing or no text") }
        guard let curve = Curve(rawValue: name) else { throw .other("`crv` is none that is taken") }
        let (x, y) = (try bytes(key, "x"), try bytes(key, "y"))
        guard x.bytes.count == curve.width, y.bytes.count == curve.width else {
            throw .fault("`x` and `y` have \(curve.width) bytes each on \(curve.rawValue)")
        }
        return .curve(curve, x: x.text, y: y.text)
    }

    private static func ed25519(_ key: JSONMembers) throws(Refusal) -> Material {
        guard let name = key.text("crv") else { throw .fault("`crv` is missing or no text") }
        guard name == "Ed25519" else { throw .other("`crv` is none that is taken") }
        let x = try bytes(key, "x")
        // Under a point of small order one signature stands for every message; the role is of no account here.
        guard (try? PublicKey(role: .user, rawBytes: x.bytes)) != nil else {
            throw .fault("`x` is no Ed25519 key: not 32 bytes, of small order, or in a second spelling")
        }
        return .ed25519(x: x.text)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: Base64URL.encode(Array(bytes)), as: UTF8.self)
    }
}

import Trust

#if canImport(Identity)
    @testable import Identity
#endif

/// What holds for any bytes that are offered as a foreign token or as a key set.
enum ForeignInvariants {
    private static let now = UnixTime.zero.advanced(by: 1_800_000_000)
    private static let header = Array(#"{"alg":"ES256","kid":"ES256","typ":"at+jwt"}"#.utf8)
    private static let claims = Array(
        #"{"iss":"https://login.example.com","sub":"a","aud":"credence","iat":1800000000,"exp":1800000300}"#.utf8)

    /// The invariant that is broken; nil when all hold.
    static func violation(for input: [UInt8]) -> String? {
        let tokens = [
            String(decoding: input, as: UTF8.self), token(input, claims), token(header, input),
        ]
        for token in tokens {
            if let violation = tokenViolation(token) { return violation }
        }
        return keysViolation(input)
    }

    private static func token(_ header: [UInt8], _ claims: [UInt8]) -> String {
        "\(text(header)).\(text(claims)).AAAA"
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: Base64URL.encode(bytes), as: UTF8.self) }

    private static func tokenViolation(_ text: String) -> String? {
        let token = CompactToken(text)
        let isWhole = token.header != nil && token.claims != nil && token.signature != nil
        guard token.faults.isEmpty == isWhole else { return "a token without a fault is not whole, or the other way" }
        if isWhole {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].utf8.elementsEqual(Base64URL.encode(token.signature ?? [])) else {
                return "a signature has two spellings"
            }
            guard token.signedBytes.elementsEqual((parts[0] + "." + parts[1]).utf8) else {
                return "what is signed is not what was received"
            }
        }
        for kind in [ForeignIssuer.TokenKind.access, .id, .plain] {
            var issuer = ForeignIssuer(
                issuer: "https://login.example.com", audiences: ["credence"], algorithms: [.es256], keys: .discovery)
            (issuer.kind, issuer.use, issuer.requiredClaims) = (kind, .once, ["a.b"])
            var judge = ForeignJudge(token, at: now)
            judge.judgeHeader()
            judge.issuer = token.claims?.text("iss")
            judge.judgeAlgorithm(issuer)
            judge.judgeType(issuer)
            judge.judgeAudience(issuer)
            judge.judgeTimes(issuer)
            judge.judgeClaims(issuer)
            judge.judgeReplay(OneTimeTokens(capacity: 1), issuer)
            if judge.failures.isEmpty, judge.issuer != nil, judge.content == nil {
                return "nothing failed, and nothing was read"
            }
            if let content = judge.content, content.audiences.isEmpty || content.expires.seconds > NumericDate.maximum {
                return "a content that cannot be"
            }
            for finding in judge.failures + judge.warnings where finding.message.utf8.contains(0x0A) {
                return "a message of two lines: \(finding.code)"
            }
        }
        if let members = token.claims { _ = ForeignClaims(members).value(at: ["realm_access", "roles"]) }
        return nil
    }

    private static func keysViolation(_ input: [UInt8]) -> String? {
        guard let document = try? KeyDocument(input) else { return nil }
        let places = document.keys.map(\.index) + document.leftOut.map(\.index)
        guard places.sorted() == Array(0..<places.count), places.count <= KeyDocument.maximumKeys else {
            return "a key is neither taken nor left out, or both"
        }
        let names = document.keys.compactMap(\.key.identifier)
        guard Set(names).count == names.count else { return "two keys have one name" }
        for (_, key) in document.keys {
            let fitting = ForeignAlgorithm.allCases.filter { key.fits($0) }
            if fitting.isEmpty || fitting.contains(where: \.isSymmetric) {
                return "a key for no algorithm, or a secret"
            }
            if case .rsa(let modulus, _, let bytes) = key.material, Base64URL.bytes(modulus.utf8)?.count != bytes {
                return "a modulus that is not as long as it says"
            }
        }
        return nil
    }
}

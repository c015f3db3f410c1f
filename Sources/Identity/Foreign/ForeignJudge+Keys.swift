extension ForeignJudge {
    // MARK: By whose configuration

    /// F-issuer: `iss`, byte by byte one of the configured ones. Not verified yet, it only says by whose configuration the
    /// token is judged.
    mutating func judgeIssuer(
        _ configured: (String) -> ForeignTokenVerifier.Configured?
    ) -> ForeignTokenVerifier.Configured? {
        guard let claims = token.claims else { return nil }
        guard let name = claims.text("iss") else {
            fail(.foreignIssuer, at: "iss", "missing, or no text")
            return nil
        }
        guard let found = configured(name) else {
            fail(.foreignIssuer, at: "iss", "the issuer is not configured")
            return nil
        }
        if found.isFaulty {
            fail(.foreignIssuer, at: "iss", "the issuer's configuration has a fault: none of its tokens is taken")
            return nil
        }
        issuer = name
        return found
    }

    // MARK: The signature

    /// F-keys, F-key, F-signature. A signature that is wrong is wrong: nothing says how.
    mutating func judgeSignature(_ keys: any KeySource) async {
        guard let header = token.header, let signature = token.signature, token.claims != nil, let algorithm else {
            return
        }
        var identifier: [UInt8]?
        if let value = header["kid"] {
            guard case .string(let text) = value, text.utf8.count <= KeyDescription.maximumIdentifierBytes else {
                fail(
                    .foreignKey, at: "header.kid",
                    "no text of at most \(KeyDescription.maximumIdentifierBytes) bytes")
                return
            }
            identifier = Array(text.utf8)
        }
        switch await keys.selection(identifier, algorithm, failures.isEmpty ? .allowed : .pointless) {
        case .notAsked: break
        case .unavailable(let reason): fail(.foreignKeys, at: "", reason)
        case .selected(.unknown):
            let what =
                identifier == nil ? "no key of the issuer is for this algorithm" : "no key of the issuer has this name"
            fail(.foreignKey, at: "header.kid", what)
        case .selected(.unfit): fail(.foreignKey, at: "header.kid", "the key of this name is for another algorithm")
        case .selected(.ambiguous):
            fail(.foreignKey, at: "header.kid", "missing, and several keys of the issuer fit")
        case .selected(.key(let key)):
            isSigned = key.algorithm == algorithm && key.verifies(signature, of: token.signedBytes)
            if !isSigned { fail(.foreignSignature, at: "signature", "not the issuer's signature of this token") }
        }
    }
}

import Trust

extension ForeignJudge {
    // MARK: What it is

    /// F-type: `typ` is that of the tokens the issuer issues for us (RFC 9068, sections 2.1 and 4; RFC 8725, section 3.11),
    /// and nothing shows that it was made for another use.
    mutating func judgeType(_ issuer: ForeignIssuer) {
        guard let header = token.header, let claims = token.claims else { return }
        var type: String?
        if let value = header["typ"] {
            guard case .string(let text) = value else {
                fail(.foreignType, at: "header.typ", "no text")
                return
            }
            type = Self.mediaType(text)
        }
        switch issuer.kind {
        case .access:
            if type != "at+jwt" {
                fail(.foreignType, at: "header.typ", "not `at+jwt`: no access token (an ID token is none)")
            }
        case .id:
            if type != nil, type != "jwt" { fail(.foreignType, at: "header.typ", "not `JWT`: no ID token") }
            judgeOtherUse(claims, ["events"])
        case .plain:
            if type != nil, type != "jwt" { fail(.foreignType, at: "header.typ", "not `JWT`") }
            judgeOtherUse(claims, ["nonce", "at_hash", "c_hash", "s_hash", "events"])
        }
    }

    /// Claims that only tokens of another use have: ID tokens (OpenID Connect Core, sections 2 and 3.3.2.11), and
    /// notifications such as those of a logout (RFC 8417).
    private mutating func judgeOtherUse(_ claims: JSONMembers, _ names: [String]) {
        if let name = names.first(where: { claims[$0] != nil }) {
            fail(.foreignType, at: name, "the claim shows that the token is for another use")
        }
    }

    /// A media type as `typ` has it: ASCII case is ignored, and `application/` may be left out (RFC 7515, section 4.1.9).
    private static func mediaType(_ text: String) -> String {
        let bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let lower = String(decoding: bytes, as: UTF8.self)
        let rest = lower.dropFirst("application/".count)
        return lower.hasPrefix("application/") && !rest.contains("/") ? String(rest) : lower
    }

    // MARK: For whom it is

    /// F-audience: one of our names is in `aud` (RFC 7519, section 4.1.3). In an ID token, who it was asked for by is one of
    /// us as well (OpenID Connect Core, section 3.1.3.7).
    mutating func judgeAudience(_ issuer: ForeignIssuer) {
        guard let claims = token.claims else { return }
        switch claims["aud"] {
        case .string(let one): audiences = [one]
        case .list(let list):
            let texts = list.compactMap { if case .string(let text) = $0 { text } else { nil } }
            if texts.count == list.count, !texts.isEmpty { audiences = texts }
        default: break
        }
        guard let audiences else {
            fail(.foreignAudience, at: "aud", "missing, or neither text nor a list of texts")
            return
        }
        if !audiences.contains(where: { Self.names($0, issuer) }) {
            fail(.foreignAudience, at: "aud", "none of our names: the token is for somebody else")
        }
        guard issuer.kind == .id else { return }
        guard let party = claims["azp"] else {
            if audiences.count > 1 {
                fail(.foreignAudience, at: "azp", "missing, and the ID token is for several: for whom was it issued")
            }
            return
        }
        guard case .string(let party) = party, Self.names(party, issuer) else {
            fail(.foreignAudience, at: "azp", "none of our names: the ID token was issued for somebody else")
            return
        }
    }

    private static func names(_ text: String, _ issuer: ForeignIssuer) -> Bool {
        text != "*" && issuer.audiences.contains { $0.utf8.elementsEqual(text.utf8) }
    }

    // MARK: When it is good

    /// F-expired, F-not-before, F-issued-at, F-age, each by the clock of the caller and within the issuer's leeway; at the
    /// second at which a token ends it has ended.
    mutating func judgeTimes(_ issuer: ForeignIssuer) {
        let leeway = issuer.leeway
        if let end = time("exp", .required) {
            expires = end
            if now >= end.advanced(by: leeway) {
                fail(.foreignExpired, at: "exp", "the token has ended")
            }
        }
        if let start = time("nbf", .optional), now.advanced(by: leeway) < start {
            fail(.foreignNotBefore, at: "nbf", "the token is not good yet")
        }
        if let issued = time("iat", .required) {
            issuedAt = issued
            if now.advanced(by: leeway) < issued {
                fail(
                    .foreignIssuedAt, at: "iat",
                    "issued in the future: the clocks disagree, or it is to outlive its end")
            }
            if now > issued.advanced(by: issuer.maximumAge) {
                fail(.foreignAge, at: "iat", "older than the \(issuer.maximumAge) s that are taken")
            }
        }
    }

    private enum Presence { case required, optional }

    private mutating func time(_ name: String, _ presence: Presence) -> UnixTime? {
        guard let claims = token.claims else { return nil }
        guard let value = claims[name] else {
            if presence == .required { fail(.foreignClaims, at: name, "missing") }
            return nil
        }
        guard let time = NumericDate.time(value) else {
            fail(.foreignClaims, at: name, "not seconds since 1970, plainly written and before the year 10000")
            return nil
        }
        return time
    }

    // MARK: What it says

    /// F-claims: `sub`, `jti` of its type where it is there, and what the issuer is configured to say.
    mutating func judgeClaims(_ issuer: ForeignIssuer) {
        guard let claims = token.claims else { return }
        if let text = claims.text("sub"), !text.isEmpty {
            subject = text
        } else {
            fail(.foreignClaims, at: "sub", "missing, empty or no text")
        }
        if let value = claims["jti"] {
            if case .string(let text) = value { identifier = text } else { fail(.foreignClaims, at: "jti", "no text") }
        }
        let others: Set<String> = ["iss", "sub", "aud", "exp", "iat"]
        for name in issuer.requiredClaims.subtracting(others).sorted() where !claims.has(name) {
            fail(.foreignClaims, at: name, "missing, and configured to be there")
        }
    }
}

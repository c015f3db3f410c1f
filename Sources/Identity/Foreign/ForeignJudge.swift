import Trust

/// The judgement of one foreign token: every F rule, in the order of the catalogue, each adding what failed.
struct ForeignJudge {
    /// What a token says that passed: every part there and of its type.
    struct Content {
        let issuer: String
        let subject: String
        let audiences: [String]
        let issuedAt: UnixTime
        let expires: UnixTime
        let identifier: String?
        let claims: JSONMembers
    }

    let token: CompactToken
    let now: UnixTime
    /// What failed so far, in the order in which it was judged.
    private(set) var failures: [IdentityFinding]
    /// What is reported beside it.
    private(set) var warnings: [IdentityFinding] = []
    /// Whether the signature was verified.
    var isSigned = false
    /// The algorithm, once it is known to be one of the issuer's.
    var algorithm: ForeignAlgorithm?
    /// Claims that were read, each nil until its rule passed.
    var issuer: String?
    var subject: String?
    var audiences: [String]?
    var issuedAt: UnixTime?
    var expires: UnixTime?
    var identifier: String?

    init(_ token: CompactToken, at now: UnixTime) {
        (self.token, self.now, failures) = (token, now, token.faults)
    }

    /// Why the token is refused; only where something failed.
    var refusal: IdentityRefusal {
        guard let first = failures.first else {
            return IdentityRefusal(.foreignForm, at: "", "the token could not be judged as a whole")
        }
        return IdentityRefusal(first, Array(failures.dropFirst()), warnings: warnings)
    }

    /// What the token says; nil unless every part was read.
    var content: Content? {
        guard let issuer, let subject, let audiences, let issuedAt, let expires, let claims = token.claims else {
            return nil
        }
        return Content(
            issuer: issuer, subject: subject, audiences: audiences, issuedAt: issuedAt, expires: expires,
            identifier: identifier, claims: claims)
    }

    mutating func fail(_ rule: IdentityRule, at place: String, _ message: String) {
        failures.append(IdentityFinding(rule, at: place, message))
    }

    // MARK: The header

    /// F-header: nothing that changes how a token is to be read (RFC 7515, section 4.1.11; RFC 7797; RFC 7516). And
    /// F-embedded-key: keys and their addresses are never taken from a token, and that they are there is told (RFC 8725,
    /// section 3.10).
    mutating func judgeHeader() {
        guard let header = token.header else { return }
        for name in ["crit", "b64", "zip", "enc"] where header[name] != nil {
            fail(.foreignHeader, at: "header.\(name)", "a token that is to be read in another way is not taken")
        }
        if header["cty"] != nil {
            fail(.foreignHeader, at: "header.cty", "a token inside a token is not taken")
        }
        for name in ["jku", "jwk", "x5u", "x5c"] where header[name] != nil {
            warnings.append(
                IdentityFinding(
                    .foreignEmbeddedKey, at: "header.\(name)",
                    "ignored: keys come from the configuration and never from a token"))
        }
    }

    /// F-alg: `alg`, in its one spelling one of the issuer's. There is no `none` among them.
    mutating func judgeAlgorithm(_ issuer: ForeignIssuer) {
        guard let header = token.header else { return }
        guard let name = header.text("alg") else {
            fail(.foreignAlgorithm, at: "header.alg", "missing, or no text")
            return
        }
        guard let algorithm = issuer.algorithms.first(where: { $0.rawValue.utf8.elementsEqual(name.utf8) }) else {
            fail(.foreignAlgorithm, at: "header.alg", "none of the algorithms that are configured for the issuer")
            return
        }
        self.algorithm = algorithm
    }

    // MARK: One-time tokens

    /// F-replay: last, so that only a token that would be accepted uses up its `jti`.
    mutating func judgeReplay(_ taken: OneTimeTokens?, _ issuer: ForeignIssuer) {
        guard let taken else { return }
        guard let identifier else {
            fail(.foreignReplay, at: "jti", "missing, and each token of this issuer is taken once")
            return
        }
        guard identifier.utf8.count <= OneTimeTokens.maximumIdentifierBytes else {
            fail(.foreignReplay, at: "jti", "longer than \(OneTimeTokens.maximumIdentifierBytes) bytes")
            return
        }
        guard isSigned, failures.isEmpty, let expires else { return }
        switch taken.take(identifier, until: expires.advanced(by: issuer.leeway), at: now) {
        case .taken: break
        case .replayed: fail(.foreignReplay, at: "jti", "this token was taken before")
        case .full:
            fail(.foreignReplay, at: "jti", "too many one-time tokens are remembered: taken again when some have ended")
        }
    }
}

import NKeys

/// Whether the signature of one text has been checked before: it need not be checked twice, and nothing else about a
/// token stays as it was.
enum KnownSignature: Sendable {
    case notChecked, valid, invalid
}

/// Judges one token by every T rule, in catalogue order.
struct TokenJudge {
    enum Expectation {
        case type(TokenType)
        /// Any type but generic.
        case known
        case any
    }

    let verifier: TokenVerifier
    let expected: Expectation
    let now: UnixTime
    /// What is known of the signature of this very text; after judging, what has been found.
    private(set) var signature: KnownSignature
    var judgement: Judgement
    /// The payload as far as it could be read; it proves nothing.
    private(set) var read: Payload?
    private(set) var type: TokenType?
    private(set) var version: TokenVersion?
    /// The bytes of header and payload, without padding, as far as they could be decoded.
    var header: [UInt8]?
    private(set) var payload: [UInt8]?

    static let laterRules: [Rule] = [
        .tokenAlgorithm, .tokenVersion, .tokenLegacy, .tokenType, .tokenIssuer, .tokenSubject, .tokenSignature,
        .tokenExpired, .tokenNotBefore, .tokenIssuedAt, .tokenLifetime, .tokenKey, .tokenContent,
    ]

    init(
        verifier: TokenVerifier, expected: Expectation, now: UnixTime, signature: KnownSignature = .notChecked
    ) {
        self.verifier = verifier
        self.expected = expected
        self.now = now
        self.signature = signature
        judgement = Judgement(verifier.policy)
    }

    mutating func judge(_ text: UnsafeBufferPointer<UInt8>) {
        guard let segments = split(text) else { return }
        let signature = decodeSignature(UnsafeBufferPointer(rebasing: text[segments.signature]))
        let header = readHeader(UnsafeBufferPointer(rebasing: text[segments.header]))
        guard let bytes = decode(UnsafeBufferPointer(rebasing: text[segments.payload]), .payload) else {
            return judgement.couldNotJudge([.tokenJSON] + Self.laterRules)
        }
        if case .any = expected { payload = Array(bytes.dropLast(JSONReader.padding)) }
        bytes.withUnsafeBytes { raw in
            let lent = PaddedBytes(raw, count: raw.count - JSONReader.padding)
            guard var (reader, payload) = readPayload(lent) else { return judgement.couldNotJudge(Self.laterRules) }
            judge(header, &payload, &reader, signature, segments, text)
            reader.report(to: &judgement)
            payload.complete(version, reader.unknownMembers)
            read = consume payload
        }
    }

    /// The rules that are independent of one another, once header and payload are read.
    private mutating func judge(
        _ header: TokenHeader?, _ payload: inout Payload, _ reader: inout ClaimsReader, _ signature: Signature?,
        _ segments: TokenText, _ text: UnsafeBufferPointer<UInt8>
    ) {
        judgeHeader(header)
        let shape = payload.shape
        if case .version(let version) = shape { self.version = version }
        judgeAlgorithm(header, shape)
        judgeVersion(shape)
        judgeType(payload)
        judgeIssuer(payload)
        judgeSubject(payload)
        let signed = version == .one ? segments.payload : 0..<segments.payload.upperBound
        judgeSignature(signature, payload.issuer, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[signed])))
        judgeTimes(payload)
        judgeContent(payload, &reader)
    }

    // MARK: Header, version and type

    private mutating func judgeHeader(_ header: TokenHeader?) {
        guard let header else { return }
        for problem in header.problems {
            let detail: Detail =
                switch problem.kind {
                case .duplicateName: .duplicateMember
                case .caseVariant: .memberDiffersByCase
                case .type(let expected, let found): .wrongJSONType(expected: expected, found: found)
                default: .notAnInteger
                }
            judgement.refuse(.tokenJSON, at: "header", detail)
        }
        switch header.isJWT {
        case true?: break
        case false?: judgement.fail(.tokenHeader, at: "header.typ", .headerType)
        case nil: judgement.fail(.tokenHeader, at: "header.typ", .headerTypeMissing)
        }
        for name in header.others { judgement.fail(.tokenHeader, at: "header", .headerMember(name)) }
    }

    private mutating func judgeAlgorithm(_ header: TokenHeader?, _ shape: Payload.Shape) {
        guard let header else { return }
        let expected: TokenHeader.Algorithm? = version.map { $0 == .two ? .two : .one }
        let name = expected == .one ? "ed25519" : "ed25519-nkey"
        switch header.algorithm {
        case nil: judgement.fail(.tokenAlgorithm, at: "header.alg", .algorithmMissing)
        case .other?: judgement.fail(.tokenAlgorithm, at: "header.alg", .algorithm(expected: name))
        case let found?:
            guard let expected else { return judgement.couldNotJudge([.tokenAlgorithm]) }
            if found != expected {
                judgement.fail(.tokenAlgorithm, at: "header.alg", .algorithmOfOtherVersion(expected: name))
            }
        }
    }

    private mutating func judgeVersion(_ shape: Payload.Shape) {
        switch shape {
        case .version(.two): break
        case .version(.one):
            if verifier.policy.legacyTokens == .accepted {
                judgement.warn(.tokenLegacy, at: "type", .legacyToken)
            } else {
                judgement.fail(.tokenLegacy, at: "type", .legacyToken)
            }
        case .mixed: judgement.refuse(.tokenVersion, at: "type", .versionMixed)
        case .unversioned: judgement.refuse(.tokenVersion, at: "version", .versionMissing)
        case .unknown(let version): judgement.refuse(.tokenVersion, at: "version", .versionUnknown(version))
        }
    }

    private mutating func judgeType(_ payload: Payload) {
        let found = payload.type
        type = found
        switch expected {
        case .any: break
        case .known where found == .generic:
            judgement.refuse(.tokenType, at: "type", .typeMismatch(expected: nil, found: found))
        case .type(let type) where type != found:
            judgement.refuse(.tokenType, at: "type", .typeMismatch(expected: type, found: found))
        default: break
        }
    }

    // MARK: Issuer, subject, signature

    private mutating func judgeIssuer(_ payload: Payload) {
        let type = payload.type
        switch payload.issuer {
        case .absent: judgement.refuse(.tokenIssuer, at: "iss", .claimMissing("iss"))
        case .bad(let error):
            judgement.refuse(.tokenIssuer, at: "iss", .issuerNotAKey)
            judgement.refuse(.tokenKey, at: "iss", .key(error))
        case .key(let issuer):
            let isSelf = payload.subject.key == issuer
            let selfSigned = type == .account && verifier.policy.accountSigning == .byOperatorOrSelf
            let roles: KeyRoles =
                switch type {
                case .operator: .operator
                case .account: selfSigned ? [.operator, .account] : .operator
                case .user, .activation, .authorizationResponse: .account
                case .authorizationRequest: .server
                case .generic: [.operator, .account, .user, .server, .cluster]
                }
            if !roles.contains(issuer.role) {
                judgement.fail(.tokenIssuer, at: "iss", .issuerRole(issuer.role, type: type))
            } else if !isSelf, type == .operator || (type == .account && issuer.role == .account) {
                judgement.fail(.tokenIssuer, at: "iss", .issuerNotSubject)
            }
        }
    }

    private mutating func judgeSubject(_ payload: Payload) {
        let type = payload.type
        switch payload.subject {
        case .absent: judgement.refuse(.tokenSubject, at: "sub", .claimMissing("sub"))
        case .bad(let error):
            judgement.refuse(.tokenSubject, at: "sub", .subjectNotAKey)
            judgement.refuse(.tokenKey, at: "sub", .key(error))
        case .key(let subject):
            let roles: KeyRoles =
                switch type {
                case .operator: .operator
                case .account, .activation: .account
                case .user, .authorizationResponse: .user
                case .authorizationRequest: [.user, .account]
                case .generic: [.operator, .account, .user, .server, .cluster, .curve]
                }
            if !roles.contains(subject.role) {
                judgement.fail(.tokenSubject, at: "sub", .subjectRole(subject.role, type: type))
            }
        }
    }

    private mutating func judgeSignature(
        _ signature: Signature?, _ issuer: Payload.KeyClaim, _ signed: UnsafeRawBufferPointer
    ) {
        switch issuer {
        case .bad(.smallOrder), .bad(.nonCanonicalPoint):
            judgement.refuse(.tokenSignature, at: "signature", .signatureKeyUnusable)
        case .key(let issuer):
            guard let signature else { return }
            guard version != nil else { return judgement.couldNotJudge([.tokenSignature]) }
            if self.signature == .notChecked {
                self.signature = issuer.isValid(signature, for: signed) ? .valid : .invalid
            }
            if self.signature == .invalid {
                judgement.fail(.tokenSignature, at: "signature", .signatureInvalid)
            }
        case .absent, .bad: judgement.couldNotJudge([.tokenSignature])
        }
    }

    // MARK: Times and content

    private mutating func judgeTimes(_ payload: Payload) {
        if let expires = payload.expires, now >= expires {
            judgement.fail(.tokenExpired, at: "exp", .expired(at: expires, now: now))
        }
        if let notBefore = payload.notBefore, now < notBefore {
            judgement.fail(.tokenNotBefore, at: "nbf", .notYetValid(from: notBefore, now: now))
        }
        if let issuedAt = payload.issuedAt {
            if issuedAt > now.advanced(by: verifier.policy.issuedAtLeeway) {
                judgement.fail(.tokenIssuedAt, at: "iat", .issuedInFuture(at: issuedAt, now: now))
            }
        } else {
            judgement.fail(.tokenIssuedAt, at: "iat", .claimMissing("iat"))
        }
        guard let limit = verifier.policy.maximumLifetime[payload.type] else { return }
        guard let expires = payload.expires else {
            return judgement.fail(.tokenLifetime, at: "exp", .lifetimeUnlimited(limit: limit))
        }
        let seconds = expires.seconds - (payload.issuedAt ?? .zero).seconds
        if seconds > limit { judgement.fail(.tokenLifetime, at: "exp", .lifetime(seconds: seconds, limit: limit)) }
    }

    private mutating func judgeContent(_ payload: Payload, _ reader: inout ClaimsReader) {
        switch payload.content {
        case .none: judgement.refuse(.tokenContent, at: "nats", .claimMissing("nats"))
        case .operator(let claims): reader.judge(claims, subject: payload.subject.key)
        case .account(let claims):
            reader.judge(claims, subject: payload.subject.key, issuer: payload.issuer.key)
        case .activation:
            let isKnown = payload.hasKind || (version == .one && payload.contentType != nil)
            if !isKnown { judgement.refuse(.tokenContent, at: "kind", .claimMissing("kind")) }
        case .authorizationResponse: judgeServerAudience(payload.audience)
        case .user, .authorizationRequest, .generic: break
        }
    }

    /// An authorization response is for one server: its `aud` is that server's key.
    private mutating func judgeServerAudience(_ audience: String?) {
        guard let audience else { return judgement.fail(.tokenContent, at: "aud", .claimMissing("aud")) }
        do throws(KeyTextError) {
            _ = try PublicKey(audience, role: .server)
        } catch {
            judgement.fail(.tokenContent, at: "aud", .key(error))
        }
    }
}

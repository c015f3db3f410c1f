import NKeys

/// A token's payload as read: the claims that every token has, the marks of its version and type, and the content.
struct Payload {
    enum KeyClaim {
        case absent
        case key(PublicKey)
        case bad(KeyTextError)

        var key: PublicKey? {
            if case .key(let key) = self { key } else { nil }
        }
    }

    enum Content {
        case none
        case `operator`(OperatorClaims)
        case account(AccountClaims)
        case user(UserClaims)
        case activation(ActivationClaims)
        // Apart, so that what users and accounts pass along is small.
        indirect case authorizationRequest(AuthorizationRequestClaims)
        indirect case authorizationResponse(AuthorizationResponseClaims)
        case generic(GenericClaims)
    }

    var issuer = KeyClaim.absent
    var subject = KeyClaim.absent
    var audience: String?
    var id = ""
    var name = ""
    var issuedAt: UnixTime?
    var expires: UnixTime?
    var notBefore: UnixTime?

    /// The marks of version 1: these stand at the top level.
    var topType: String?
    var topTags: [String] = []
    var topIssuerAccount: PublicKey?

    /// The marks of version 2: these stand in `nats`.
    var version: Int64?
    var contentType: String?
    /// Whether an activation has `kind`.
    var hasKind = false
    /// Whether `nats` is there.
    var hasContent = false
    var content = Content.none

    /// What the marks say of the version.
    enum Shape: Equatable {
        case version(TokenVersion)
        case mixed
        case unversioned
        case unknown(Int64)
    }

    var shape: Shape {
        let kindOfVersionOne = topType == "activation" && contentType.flatMap(ExportKind.init(rawValue:)) != nil
        switch (topType, version, contentType) {
        case (nil, 2, _): return .version(.two)
        case (nil, nil, nil): return .version(.one)
        case (nil, nil, _): return .unversioned
        case (nil, .some(let version), _): return .unknown(version)
        case (.some, nil, nil): return .version(.one)
        case (.some, nil, .some): return kindOfVersionOne ? .version(.one) : .mixed
        case (.some, .some, _): return .mixed
        }
    }

    /// The type that the token states, `generic` when it is no known name.
    var type: TokenType {
        if let topType {
            let type = TokenType(rawValue: topType) ?? .generic
            return [.operator, .account, .user, .activation].contains(type) ? type : .generic
        }
        return contentType.flatMap(TokenType.init(rawValue:)) ?? .generic
    }

    /// The claims that every token has; nil when issuer or subject is no key.
    var common: CommonClaims? {
        guard let issuer = issuer.key, let subject = subject.key else { return nil }
        return CommonClaims(
            issuer: issuer, subject: subject, audience: audience, id: id, name: name, issuedAt: issuedAt,
            expires: expires, notBefore: notBefore)
    }
}

extension CommonClaims {
    /// Stands in while content is read before issuer and subject are known; never leaves this module.
    static let unread = CommonClaims(issuer: .ofNobody, subject: .ofNobody)
}

extension ClaimsReader {
    private static let topMembers: MemberSet = [
        .aud, .exp, .jti, .iat, .iss, .name, .nbf, .sub, .nats, .type, .tags, .issuerAccount,
    ]

    /// Reads the whole payload, its content as that of a token of type `type`.
    mutating func payload(as type: TokenType) throws(Fault) -> Payload {
        var payload = Payload()
        var scope = try json.beginText(known: Self.topMembers)
        while let member = try json.nextMember(&scope) {
            switch member {
            case .iss: payload.issuer = try keyClaim()
            case .sub: payload.subject = try keyClaim()
            case .aud:
                let audience = try json.string()
                payload.audience = audience == "" ? nil : audience
            case .jti: payload.id = try string()
            case .name: payload.name = try string()
            case .iat:
                let time = try json.time()
                payload.issuedAt = time == .zero ? nil : time
            case .exp: payload.expires = try json.time()
            case .nbf: payload.notBefore = try json.time()
            case .type: payload.topType = try json.string()
            case .tags: payload.topTags = try strings()
            case .issuerAccount: payload.topIssuerAccount = try key(.account)
            case .nats:
                payload.hasContent = true
                payload.content = try content(of: type, &payload)
            default: try unknownClaim(scope)
            }
        }
        try json.endText()
        return payload
    }

    private mutating func content(of type: TokenType, _ payload: inout Payload) throws(Fault) -> Payload.Content {
        switch type {
        case .operator: return .operator(try self.operator(&payload))
        case .account: return .account(try account(&payload))
        case .user: return .user(try user(&payload))
        case .activation: return .activation(try activation(&payload))
        case .authorizationRequest: return .authorizationRequest(try authorizationRequest(&payload))
        case .authorizationResponse: return .authorizationResponse(try authorizationResponse(&payload))
        case .generic:
            let start = json.index
            guard var scope = try json.beginObject(known: [.type, .version, .tags]) else { return .none }
            while let member = try json.nextMember(&scope) {
                switch member {
                case .type where json.type == .string: payload.contentType = try json.string()
                case .version where json.type == .number: payload.version = try json.integer()
                default: try json.skipValue()
                }
            }
            let content = String(decoding: json.bytes.slice(start..<json.index), as: UTF8.self)
            return .generic(GenericClaims(common: .unread, content: content))
        }
    }

    /// `iss` or `sub`. An empty text is as good as none.
    private mutating func keyClaim() throws(Fault) -> Payload.KeyClaim {
        let result = try json.withString { text in text.isEmpty ? nil : Self.readKey(text) }
        switch result {
        case .some(.some(.success(let key))): return .key(key)
        case .some(.some(.failure(let error))): return .bad(error)
        default: return .absent
        }
    }
}

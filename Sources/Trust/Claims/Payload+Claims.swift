extension Payload {
    /// Fills in what stands outside the content: the claims that every token has, members that are not known, and
    /// what version 1 keeps at the top level. Does nothing when issuer or subject is no key.
    mutating func complete(_ version: TokenVersion?, _ unknown: [UnknownMember]) {
        guard let common else { return }
        let isLegacy = version == .one
        switch content {
        case .none: break
        case .operator(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            if isLegacy { claims.tags = topTags }
            content = .operator(claims)
        case .account(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            if isLegacy { claims.tags = topTags }
            content = .account(claims)
        case .user(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            if isLegacy {
                claims.tags = topTags
                claims.issuerAccount = topIssuerAccount
                // Version 1 had no limits in numbers.
                claims.limits.subscriptions = claims.limits.subscriptions ?? -1
                claims.limits.data = claims.limits.data ?? -1
                claims.limits.payload = claims.limits.payload ?? -1
            }
            content = .user(claims)
        case .activation(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            if isLegacy {
                claims.tags = topTags
                claims.issuerAccount = topIssuerAccount
                if let kind = contentType.flatMap(ExportKind.init(rawValue:)) { claims.kind = kind }
            }
            content = .activation(claims)
        case .authorizationRequest(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            content = .authorizationRequest(claims)
        case .authorizationResponse(var claims):
            content = .none
            claims.common = common
            claims.unknown = unknown
            content = .authorizationResponse(claims)
        case .generic(var claims):
            content = .none
            claims.common = common
            content = .generic(claims)
        }
    }

    /// The typed claims once they are complete; nil when issuer or subject is no key. Of a refused token they prove
    /// nothing.
    func claims<Claims: TokenClaims>(as type: Claims.Type) -> Claims? {
        guard issuer.key != nil, subject.key != nil else { return nil }
        return switch content {
        case .none: nil
        case .operator(let claims): claims as? Claims
        case .account(let claims): claims as? Claims
        case .user(let claims): claims as? Claims
        case .activation(let claims): claims as? Claims
        case .authorizationRequest(let claims): claims as? Claims
        case .authorizationResponse(let claims): claims as? Claims
        case .generic(let claims): claims as? Claims
        }
    }

    /// The same, whatever their type is.
    var anyClaims: (any TokenClaims)? {
        guard issuer.key != nil, subject.key != nil else { return nil }
        return switch content {
        case .none: nil
        case .operator(let claims): claims
        case .account(let claims): claims
        case .user(let claims): claims
        case .activation(let claims): claims
        case .authorizationRequest(let claims): claims
        case .authorizationResponse(let claims): claims
        case .generic(let claims): claims
        }
    }
}

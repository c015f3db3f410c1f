extension Payload {
    /// The typed claims; nil when issuer or subject is no key. Of a refused token they prove nothing.
    func claims(_ version: TokenVersion?, _ unknown: [UnknownMember]) -> (any TokenClaims)? {
        guard let common else { return nil }
        let isLegacy = version == .one
        switch content {
        case .none: return nil
        case .operator(var claims):
            claims.common = common
            claims.unknown = unknown
            if isLegacy { claims.tags = topTags }
            return claims
        case .account(var claims):
            claims.common = common
            claims.unknown = unknown
            if isLegacy { claims.tags = topTags }
            return claims
        case .user(var claims):
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
            return claims
        case .activation(var claims):
            claims.common = common
            claims.unknown = unknown
            if isLegacy {
                claims.tags = topTags
                claims.issuerAccount = topIssuerAccount
                if let kind = contentType.flatMap(ExportKind.init(rawValue:)) { claims.kind = kind }
            }
            return claims
        case .authorizationRequest(var claims):
            claims.common = common
            claims.unknown = unknown
            return claims
        case .authorizationResponse(var claims):
            claims.common = common
            claims.unknown = unknown
            return claims
        case .generic(let content): return GenericClaims(common: common, content: content)
        }
    }
}

import NKeys
import Trust

/// The roles of a configuration. The first that takes a token decides.
public struct RoleTable: Sendable {
    /// The roles, in their order.
    public let roles: [Role]

    /// These roles.
    public init(_ roles: [Role]) { self.roles = roles }

    /// What the bearer of the token gets.
    ///
    /// A role takes a token of its issuer whose claims meet all of its conditions. With `audience`, the first role that
    /// takes the token and admits the audience decides; X-audience when roles take the token, but none for this audience.
    /// X-role when no role takes the token, and when its claims do not fit what the role makes of them: no later role is
    /// tried then.
    /// - Complexity: linear in the roles, their conditions and the values that claims hold.
    public func grant(
        _ token: VerifiedForeignToken, for audience: AudienceName?
    ) -> IdentityVerdict<RoleGrant> {
        grant(ForeignSubject(token), for: audience)
    }

    func grant(_ token: ForeignSubject, for audience: AudienceName?) -> IdentityVerdict<RoleGrant> {
        let takers = roles.lazy.filter { $0.takes(token) }
        guard let first = takers.first else {
            return .refused(IdentityRefusal(.exchangeRole, at: "subject_token", "no role takes this token"))
        }
        guard let audience else { return first.grant(to: token) }
        guard let role = takers.first(where: { $0.audiences.contains(audience) }) else {
            return .refused(
                IdentityRefusal(
                    .exchangeAudience, at: "audience", "no role gives users for `\(audience)` to this token's bearer"))
        }
        return role.grant(to: token)
    }
}

/// What roles look at of a token that was verified.
struct ForeignSubject: Sendable {
    let issuer: String
    let expires: UnixTime
    let claims: ForeignClaims

    init(_ token: VerifiedForeignToken) {
        self.init(issuer: token.issuer, expires: token.expires, claims: token.claims)
    }

    init(issuer: String, expires: UnixTime, claims: ForeignClaims) {
        (self.issuer, self.expires, self.claims) = (issuer, expires, claims)
    }
}

/// What a role gives to the bearer of one token.
public struct RoleGrant: Sendable {
    /// The role.
    public let role: Role
    /// What the user is called.
    public let userName: String
    /// The user's tags.
    public let tags: [String]
    /// When the foreign token ends.
    public let sourceExpires: UnixTime

    /// What a user that is issued to `key` has by the role: it ends with the foreign token, or after the role's or the
    /// longest time, whichever comes first.
    public func order(for key: PublicKey, at now: UnixTime, atMost maximumLifetime: Int64) -> UserOrder {
        let lifetime = max(0, min(role.lifetime, maximumLifetime))
        var order = UserOrder(
            key: key, target: role.target, signingKey: role.signingKey, name: userName,
            expires: min(now.advanced(by: lifetime), sourceExpires))
        order.tags = tags
        order.permissions = role.permissions
        return order
    }
}

extension Role {
    /// Whether the token is one of the role's issuer, and its claims are what the role asks for.
    func takes(_ token: ForeignSubject) -> Bool {
        // Byte by byte: equal strings may be spelled in several ways.
        issuer.utf8.elementsEqual(token.issuer.utf8) && conditions.allSatisfy { $0.holds(for: token.claims) }
    }

    fileprivate func grant(to token: ForeignSubject) -> IdentityVerdict<RoleGrant> {
        var findings: [IdentityFinding] = []
        func fill(_ template: ClaimTemplate, _ use: ClaimTemplate.Use, _ place: String) -> String {
            do throws(ClaimTemplate.Misfit) { return try template.filled(from: token.claims, for: use) } catch {
                let message = "role `\(name)`, \(place): \(error.message)"
                findings.append(IdentityFinding(.exchangeRole, at: "subject_token", message))
                return ""
            }
        }
        let userName = fill(userName, .name, "user_name")
        let tags = tags.enumerated().map { fill($0.element, .tag, "tags[\($0.offset)]") }
        if let first = findings.first { return .refused(IdentityRefusal(first, Array(findings.dropFirst()))) }
        return .accepted(
            RoleGrant(role: self, userName: userName, tags: tags, sourceExpires: token.expires), warnings: [])
    }
}

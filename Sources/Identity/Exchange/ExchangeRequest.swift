import Trust

/// A request for an exchange (RFC 8693, section 2.1) as far as its form tells: every parameter is what it should be, and
/// nothing has been verified.
struct ExchangeRequest: Sendable {
    /// What a token is said to be (RFC 8693, section 3).
    enum TokenType: String {
        case access = "urn:ietf:params:oauth:token-type:access_token"
        case id = "urn:ietf:params:oauth:token-type:id_token"
        case jwt = "urn:ietf:params:oauth:token-type:jwt"
    }

    static let grant = "urn:ietf:params:oauth:grant-type:token-exchange"

    let subjectToken: String
    let subjectType: TokenType
    let actorToken: String?
    let audience: AudienceName
    /// What is asked for; nil for all that there is.
    let permissions: PermissionClaims?
    let proof: String
    /// For how long, in seconds; nil for as long as is usual.
    let lifetime: Int64?

    /// Reads a request. Parameters that are not known are passed over (RFC 6749, section 3.2).
    ///
    /// - Throws: every fault of the form.
    init(_ form: ExchangeForm, audiences: AudienceRegistry) throws(IdentityRefusal) {
        guard let grant = form["grant_type"] else {
            throw IdentityRefusal(.exchangeRequest, at: "grant_type", "the parameter is missing")
        }
        guard grant == Self.grant else {
            throw IdentityRefusal(.exchangeGrant, at: "grant_type", "only `\(Self.grant)` is known here")
        }
        var reader = Reader(form: form)
        let subjectToken = reader.needed("subject_token")
        let subjectType = reader.type("subject_token_type", [.access, .id, .jwt])
        let actorToken = form["actor_token"]
        if actorToken != nil {
            _ = reader.type("actor_token_type", [.jwt])
        } else if form["actor_token_type"] != nil {
            reader.fault(.exchangeRequest, "actor_token_type", "there is no `actor_token` that it tells the type of")
        }
        if form["requested_token_type"] != nil { _ = reader.type("requested_token_type", [.jwt]) }
        let audience = reader.audience(audiences)
        let permissions = reader.scope()
        let lifetime = reader.lifetime()
        let proof = form["credence_proof"]
        if proof == nil {
            reader.fault(
                .exchangeProof, ExchangeProof.place,
                "the parameter is missing: the key of the new user has to be proved")
        }
        guard reader.faults.isEmpty, let subjectToken, let subjectType, let audience, let proof else {
            let first = reader.faults.first ?? IdentityFinding(.exchangeRequest, at: "", "the form cannot be read")
            throw IdentityRefusal(first, Array(reader.faults.dropFirst()))
        }
        (self.subjectToken, self.subjectType, self.actorToken) = (subjectToken, subjectType, actorToken)
        (self.audience, self.permissions, self.proof, self.lifetime) = (audience, permissions, proof, lifetime)
    }

    private struct Reader {
        let form: ExchangeForm
        var faults: [IdentityFinding] = []

        mutating func fault(_ rule: IdentityRule, _ place: String, _ message: String) {
            faults.append(IdentityFinding(rule, at: place, message))
        }

        mutating func needed(_ name: String) -> String? {
            guard let value = form[name] else {
                fault(.exchangeRequest, name, "the parameter is missing")
                return nil
            }
            return value
        }

        mutating func type(_ name: String, _ known: [TokenType]) -> TokenType? {
            guard let text = needed(name) else { return nil }
            guard let type = TokenType(rawValue: text), known.contains(type) else {
                let names = known.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                fault(.exchangeTokenType, name, "the type is none of \(names)")
                return nil
            }
            return type
        }

        /// The one audience, named by `audience` or by `resource` (RFC 8707), and known.
        mutating func audience(_ registry: AudienceRegistry) -> AudienceName? {
            let name = form["audience"] == nil ? "resource" : "audience"
            guard let text = form[name] else {
                fault(.exchangeAudience, "audience", "a token is for one audience: name it")
                return nil
            }
            if name == "audience", form["resource"] != nil {
                fault(.exchangeAudience, "resource", "a token is for one audience: name it once")
                return nil
            }
            let audience: AudienceName
            do throws(AudienceFault) { audience = try AudienceName(text) } catch {
                fault(.exchangeAudience, name, "\(error)")
                return nil
            }
            guard registry.entries.contains(where: { $0.name == audience }) else {
                fault(.exchangeAudience, name, "the audience `\(audience)` is not known here")
                return nil
            }
            return audience
        }

        mutating func scope() -> PermissionClaims? {
            guard let text = form["scope"] else { return nil }
            do throws(ExchangeScope.Fault) { return try ExchangeScope.permissions(text) } catch {
                fault(.exchangeScope, "scope", "\(error)")
                return nil
            }
        }

        mutating func lifetime() -> Int64? {
            guard let text = form["credence_lifetime"] else { return nil }
            let isNumber = text.utf8.count <= 10 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let seconds = Int64(text), seconds > 0 else {
                fault(.exchangeRequest, "credence_lifetime", "it is no number of seconds from 1 on")
                return nil
            }
            return seconds
        }
    }
}

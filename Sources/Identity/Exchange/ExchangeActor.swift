import NKeys
import Trust

/// Who acts for whom (RFC 8693, sections 4.1 and 4.4): `act` and `may_act`, read and written.
enum ExchangeActor {
    /// How many actors may stand inside each other. Who is the fifth to act for somebody is a fault of somebody's.
    static let maximumDepth = 4

    static let name = "act"

    /// The `act` of a token that is issued: the actor, and in it those who acted before; nil where nobody acts.
    ///
    /// - Throws: X-actor where they are too many.
    static func member(_ actor: TrustedUser?, before: Chain) throws(IdentityRefusal) -> UnknownMember? {
        var links = before.links
        if let actor {
            links.insert(.init(subject: actor.key.text, issuer: actor.account.key.text), at: 0)
        }
        guard !links.isEmpty else { return nil }
        guard links.count <= maximumDepth else {
            throw IdentityRefusal(.exchangeActor, at: "act", "more than \(maximumDepth) actors stand inside each other")
        }
        var text = ""
        for link in links.reversed() {
            var json = JSONWriter(escapes: .tokens)
            json.object { json in
                json.member("sub", link.subject)
                if let issuer = link.issuer { json.member("iss", issuer) }
                guard !text.isEmpty else { return }
                json.name(name)
                json.unsafeValue(text.utf8)
            }
            text = json.text
        }
        guard let member = UnknownMember(claim: name, object: text) else {
            throw IdentityRefusal(.exchangeActor, at: "act", "it cannot be written")
        }
        return member
    }

    /// Those who acted, the last first.
    struct Chain: Hashable, Sendable {
        struct Link: Hashable, Sendable {
            let subject: String
            let issuer: String?
        }

        var links: [Link] = []

        init() {}

        /// The `act` of one of our user tokens.
        init(of user: UserClaims) throws(IdentityRefusal) {
            guard let member = user.claim(ExchangeActor.name) else { return }
            var next: JSONTree? = member
            while let tree = next {
                guard links.count < maximumDepth, case .object(let members) = tree,
                    case .string(let subject)? = members.first(where: { $0.name == "sub" })?.value
                else { throw Self.unreadable }
                var issuer: String?
                if case .string(let text)? = members.first(where: { $0.name == "iss" })?.value { issuer = text }
                links.append(.init(subject: subject, issuer: issuer))
                next = members.first { $0.name == ExchangeActor.name }?.value
            }
        }

        /// The `act` of a foreign token.
        init(of claims: ForeignClaims) throws(IdentityRefusal) {
            var path = [ExchangeActor.name]
            while claims.value(at: path) != nil {
                guard links.count < maximumDepth, case .text(let subject)? = claims.value(at: path + ["sub"]) else {
                    throw Self.unreadable
                }
                var issuer: String?
                if case .text(let text)? = claims.value(at: path + ["iss"]) { issuer = text }
                links.append(.init(subject: subject, issuer: issuer))
                path.append(ExchangeActor.name)
            }
        }

        private static let unreadable = IdentityRefusal(
            .exchangeActor, at: "subject_token.act",
            "`act` of the subject token names no `sub`, or more than \(maximumDepth) actors")
    }

    /// Whether the subject token itself lets this user act: `may_act`.
    static func isNamed(_ actor: TrustedUser, in user: UserClaims) -> Bool {
        guard case .object(let members)? = user.claim("may_act") else { return false }
        func text(_ name: String) -> String?? {
            guard let value = members.first(where: { $0.name == name })?.value else { return .none }
            if case .string(let text) = value { return .some(text) }
            return .some(nil)
        }
        return isNamed(actor, subject: text("sub"), issuer: text("iss"))
    }

    /// The same for a foreign token.
    static func isNamed(_ actor: TrustedUser, in claims: ForeignClaims) -> Bool {
        func text(_ name: String) -> String?? {
            guard let value = claims.value(at: ["may_act", name]) else { return .none }
            if case .text(let text) = value { return .some(text) }
            return .some(nil)
        }
        return isNamed(actor, subject: text("sub"), issuer: text("iss"))
    }

    /// `iss` counts where it is there: then it is the account of which the actor is a user.
    private static func isNamed(_ actor: TrustedUser, subject: String??, issuer: String??) -> Bool {
        guard case .some(.some(let subject)) = subject, subject == actor.key.text else { return false }
        guard case .some(let issuer) = issuer else { return true }
        return issuer == actor.account.key.text
    }
}

extension UserClaims {
    /// A claim of others that stands beside `iss`; nil when there is none that is an object.
    func claim(_ name: String) -> JSONTree? {
        let member = unknown.first { $0.level == .payload && $0.name == name }
        return member.flatMap { try? JSONTree(Array($0.value.utf8)) }
    }
}

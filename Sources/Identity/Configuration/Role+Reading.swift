import NKeys
import Subjects
import Trust

extension Role {
    /// What the rest of the file says that a role may name.
    struct Context {
        /// The issuers; nil when they are at fault themselves.
        let issuers: Set<String>?
        let audiences: Set<AudienceName>
        let maximumLifetime: Int64
    }

    /// Reads a role; nil when it is at fault.
    init?(reading given: ConfigurationObject, in context: Context) {
        var object = given
        let name = object.neededText("name", "the role's name, for the log,")
        let issuer = object.neededText("issuer", "the issuer whose tokens it takes")
        if let issuer, let issuers = context.issuers, !issuers.contains(issuer) {
            object.fault("issuer", "`\(issuer)` is none of `issuers`")
        }
        let conditions = Self.conditions(&object)
        let audiences = object.audienceNames("audiences") ?? []
        for audience in audiences where !context.audiences.contains(audience) {
            object.fault("audiences", "`\(audience)` is none of `audiences`: list it there, with what it is")
        }
        let target = Self.target(&object)
        let signingKey = object.key("signing_key", .account)
        if signingKey == nil, !object.wasGiven("signing_key") {
            object.fault("signing_key", "the key that signs is missing")
        }
        let narrowingKey = object.key("narrowing_key", .account)
        if let narrowingKey, narrowingKey == signingKey {
            object.fault("narrowing_key", "it is the `signing_key`: leave it out")
        }
        if narrowingKey != nil, case .named? = target {
            object.fault("narrowing_key", "a server without operator has no signing keys: leave it out")
        }
        let userName = object.text("user_name").flatMap { object.template($0, at: object.place(of: "user_name")) }
        let tags = Self.tags(&object)
        let permissions = Self.permissions(&object)
        if !object.wasGiven("permissions"), case .named? = target {
            object.fault("permissions", "say what users may do: a server without operator allows everything otherwise")
        }
        let lifetime = object.integer("lifetime", in: 1...context.maximumLifetime, unit: "seconds")
        let delegates = object.keys("delegates", .user)
        object.end()
        guard let name, let issuer, let target, let signingKey else { return nil }
        self.init(name, issuer: issuer, target: target, signingKey: signingKey)
        self.conditions = conditions
        self.audiences = Set(audiences)
        self.narrowingKey = narrowingKey
        self.userName = userName ?? .subject
        self.tags = tags
        self.permissions = permissions
        self.lifetime = lifetime ?? min(self.lifetime, context.maximumLifetime)
        self.delegates = Set(delegates ?? [])
    }

    private static func conditions(_ given: inout ConfigurationObject) -> [ClaimCondition] {
        guard var object = given.object("claims") else { return [] }
        let names = object.remaining
        if names.isEmpty { given.fault("claims", "it is empty: leave it out, or say what a token has to have") }
        var conditions: [ClaimCondition] = []
        for name in names {
            let path: [String]
            do throws(ClaimPath.Fault) { path = try ClaimPath.names(in: name) } catch {
                _ = object.take(name)
                let shown = String(name.unicodeScalars.prefix(64).map { $0.isControl ? " " : Character($0) })
                object.fault(shown, "\(error)")
                continue
            }
            var values: Set<String> = []
            for value in object.conditionValues(name) where !values.insert(value).inserted {
                object.fault(name, "`\(value)` stands in it twice")
            }
            conditions.append(ClaimCondition(path: path, oneOf: values))
        }
        return conditions
    }

    private static func target(_ object: inout ConfigurationObject) -> Target? {
        let account = object.key("account", .account)
        let named = object.text("server_account")
        let given = ["account", "server_account"].filter(object.wasGiven)
        guard given.count == 1 else {
            object.fault("account", "give either `account`, or `server_account` for a server without operator")
            return nil
        }
        if let account { return .account(account) }
        guard let named else { return nil }
        let isName = named.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "*") }
        guard isName, named.utf8.count <= 128 else {
            object.fault(
                "server_account", "it is no name of an account: it has no blanks, no `*` and at most 128 bytes")
            return nil
        }
        return .named(named)
    }

    /// How many tags a role gives.
    private static let maximumTags = 64

    private static func tags(_ object: inout ConfigurationObject) -> [ClaimTemplate] {
        var tags: [ClaimTemplate] = []
        for element in object.elements("tags") ?? [] {
            guard let text = ConfigurationObject.text(element.value, at: element.place, object.faults),
                let template = object.template(text, at: element.place)
            else { continue }
            if tags.contains(template) { object.faults.add(element.place, "`\(text)` stands in the list twice") }
            // Roles find tags by names in lower case, and no other way.
            let tagName = text.prefix { $0 != ":" && $0 != "{" }
            if text.contains(":"), tagName != tagName.lowercased() {
                object.faults.add(element.place, "the name of a tag is in lower case: `\(tagName.lowercased())`")
            }
            tags.append(template)
        }
        if tags.count > maximumTags { object.fault("tags", "there are more than \(maximumTags)") }
        return tags
    }

    private static func permissions(_ given: inout ConfigurationObject) -> PermissionClaims {
        var permissions = PermissionClaims()
        guard var object = given.object("permissions") else { return permissions }
        if var publish = object.object("pub") {
            permissions.publishAllow = publish.entries("allow", .publish)
            permissions.publishDeny = publish.entries("deny", .publish)
            publish.end()
        }
        if var subscribe = object.object("sub") {
            permissions.subscribeAllow = subscribe.entries("allow", .subscribe)
            permissions.subscribeDeny = subscribe.entries("deny", .subscribe)
            subscribe.end()
        }
        if var responses = object.object("resp") {
            let maximum = responses.integer("max", in: 1...1_000_000, unit: "answers")
            let time = responses.integer("ttl", in: 1...86_400, unit: "seconds")
            permissions.responses = ResponseClaims(
                maximum: maximum ?? 0,
                timeToLive: (time ?? 0).multipliedReportingOverflow(by: 1_000_000_000).partialValue)
            responses.end()
        }
        object.end()
        if permissions.isEmpty {
            given.fault(
                "permissions", "it says nothing, and so allows everything: leave it out, or allow or deny subjects")
        }
        return permissions
    }
}

extension ConfigurationObject {
    func template(_ text: String, at place: String) -> ClaimTemplate? {
        do throws(ClaimTemplate.Fault) { return try ClaimTemplate(text) } catch {
            faults.add(place, "\(error)")
            return nil
        }
    }

    /// Entries of permissions. An empty list is refused like any: alone it would count as none, and allow everything.
    fileprivate mutating func entries(_ name: String, _ list: PermissionEntry.Place) -> [PermissionEntry]? {
        elements(name)?.compactMap { element in
            guard let text = Self.text(element.value, at: element.place, faults) else { return nil }
            do throws(SubjectError) { return try PermissionEntry(text, in: list) } catch {
                faults.add(element.place, "`\(text)` is no pattern of subjects: \(error)")
                return nil
            }
        }
    }

    /// The values that a claim may have: one, or a list of them.
    fileprivate mutating func conditionValues(_ name: String) -> [String] {
        let place = place(of: name)
        if case .list? = peek(name) {
            return (elements(name) ?? []).compactMap { Self.conditionValue($0.value, at: $0.place, faults) }
        }
        return take(name).flatMap { Self.conditionValue($0, at: place, faults) }.map { [$0] } ?? []
    }

    private static func conditionValue(
        _ value: JSONTree, at place: String, _ faults: ConfigurationFaults
    ) -> String? {
        switch value {
        case .integer(let number): return "\(number)"
        case .boolean(let isTrue): return isTrue ? "true" : "false"
        case .string: return text(value, at: place, faults)
        case .object, .list, .number, .null:
            faults.add(place, "a claim is compared with a text, a whole number or a truth value, or a list of them")
            return nil
        }
    }
}

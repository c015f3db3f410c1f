import NKeys
import Subjects

/// What a user asks to do.
public enum MessageOperation: Hashable, Sendable {
    /// To publish, a request or a message.
    case publish(Subject)
    /// To subscribe, in a queue group or by itself.
    case subscribe(SubjectPattern, queue: QueueName?)

    fileprivate var title: String {
        switch self {
        case .publish(let subject): "publish `\(subject.text)`"
        case .subscribe(let pattern, nil): "subscribe `\(pattern.text)`"
        case .subscribe(let pattern, let queue?): "subscribe `\(pattern.text)` in the queue group `\(queue.text)`"
        }
    }
}

extension Explainer {
    /// Why a user may do something, or not: the chain that the user stands on, the source of its permissions, the entry
    /// that decides and where it was written, and the account's imports that the subject meets.
    ///
    /// An import that is refused fails in the tree without a say in the outcome.
    /// - Parameters:
    ///   - inForce: the user's account with its imports judged; nil when they are not to be told.
    ///   - cluster: see `AccountClaims.mapped`.
    /// - Throws: `PermissionsError.tooMany`, when the user's permissions cannot be compiled.
    public func operation(
        _ operation: MessageOperation, _ verdict: Verdict<TrustedUser>, token: JudgedToken, account: JudgedToken?,
        inForce: AccountInForce?, cluster: String? = nil
    ) throws(PermissionsError) -> Explanation {
        let why = self.user(verdict, token: token, account: account)
        guard let user = verdict.proof else {
            return Explanation(operation.title, .fails, message: "the user is refused, and may do nothing", [why])
        }
        var sets = CompiledPermissionSets()
        let permissions = try sets.permissions(user.permissions)
        var children = [why, explainSource(of: permissions.effective, user)]
        let isAllowed: Bool
        switch operation {
        case .publish(let subject):
            let decision = permissions.decide(publish: subject, in: user.account.claims, cluster: cluster)
            isAllowed = decision.isAllowed
            children += explain(decision, subject, user)
            let images =
                decision.mapping == nil
                ? [SubjectPattern(subject)] : decision.destinations.compactMap(\.destination.share.image.pattern)
            children += images.flatMap { image in explainImports(.service, meeting: image, of: inForce) }
        case .subscribe(let pattern, let queue):
            let rules = permissions.rules
            let decision = queue.map { rules.decide(subscribe: pattern, queue: $0) } ?? rules.decide(subscribe: pattern)
            isAllowed = decision.isAllowed
            let cause = permissions.cause(of: decision, in: .subscribe)
            children.append(explain(cause, isAllowed, pattern.text, user))
            if isAllowed, rules.filtersDeliveries {
                children += permissions.effective.denials(under: pattern, queue: queue).map { entry, place in
                    Explanation(
                        "messages on `\(entry.text)`", .warns, at: place,
                        message: "not delivered under the subscription",
                        claims: [.init("entry", entry.text)])
                }
            }
            children += explainImports(.stream, meeting: pattern, of: inForce)
        }
        return Explanation(
            operation.title, isAllowed ? .holds : .fails, message: isAllowed ? "allowed" : "denied", children)
    }

    // MARK: Permissions

    /// Which of the sources applies: the role's template, or else the user's own, or else the account's defaults.
    private func explainSource(of effective: EffectivePermissions, _ user: TrustedUser) -> Explanation {
        let own = user.scope == nil ? "the user's own permissions" : "the template of the user's role"
        let isOwn: Bool
        let isDefault: Bool
        switch effective.source {
        case .template, .user: (isOwn, isDefault) = (true, false)
        case .accountDefaults: (isOwn, isDefault) = (false, true)
        case .unrestricted: (isOwn, isDefault) = (false, false)
        }
        func tell(_ about: String, _ applies: Bool, at place: Place, _ token: TokenName, _ reason: String)
            -> Explanation
        {
            Explanation(
                about, applies ? .holds : .notAsked, at: place, message: applies ? "this source applies" : reason,
                token: token)
        }
        let (userName, accountName) = (TokenName(user.claims), TokenName(user.account.claims))
        let keys = user.account.claims.signingKeys
        let ownPlace: Place =
            user.scope.flatMap { scope in keys.firstIndex { $0.key == scope.key } }
            .map { Place("signing_keys").element($0).member("template") } ?? .whole
        return Explanation(
            "the one source of the user's permissions", .holds,
            message: isOwn ? own : isDefault ? "the account's default permissions" : "none, so everything is allowed",
            [
                tell(
                    own, isOwn, at: ownPlace, user.scope == nil ? userName : accountName,
                    "it has no entry and no response permission"),
                tell(
                    "the account's default permissions", isDefault, at: "default_permissions", accountName,
                    isOwn ? "an earlier source applies" : "they have no entry and no response permission"),
            ])
    }

    private func explain(_ decision: PublishDecision, _ subject: Subject, _ user: TrustedUser) -> [Explanation] {
        guard let mapping = decision.mapping else {
            return decision.cause.map { [explain($0, decision.isAllowed, subject.text, user)] } ?? []
        }
        let destinations = decision.destinations.map { one in
            let image = one.destination.share.image.pattern?.text
            var claims: [Explanation.Claim] = [.init("percent", "\(one.destination.share.percent)")]
            if let cluster = one.destination.cluster { claims.append(.init("cluster", cluster)) }
            if let cause = one.cause {
                return explain(cause, one.isAllowed, image ?? subject.text, user, more: claims)
            }
            return Explanation(
                "mapped messages", one.isAllowed ? .holds : .fails,
                message: one.isAllowed ? "lost on purpose" : "they would have no valid subject", claims: claims)
        }
        return [
            Explanation(
                "the account maps `\(mapping.text)`, and every subject that a message may go to is checked",
                decision.isAllowed ? .holds : .fails, at: "mappings", token: TokenName(user.account.claims),
                destinations)
        ]
    }

    private func explain(
        _ cause: PermissionCause, _ isAllowed: Bool, _ subject: String, _ user: TrustedUser,
        more: [Explanation.Claim] = []
    ) -> Explanation {
        let token: TokenName? =
            switch cause.source {
            case .user: TokenName(user.claims)
            case .template, .accountDefaults: TokenName(user.account.claims)
            case .unrestricted: nil
            }
        var claims = more
        if let list = cause.list { claims.append(.init("list", list == .allow ? "allow" : "deny")) }
        if let entry = cause.entry { claims.append(.init("entry", entry.text)) }
        return Explanation(
            "the permission for `\(subject)`", isAllowed ? .holds : .fails, at: cause.place, message: cause.message,
            token: token, claims: claims)
    }

    // MARK: Imports

    /// As many imports as are told: an account may have any number, and any number may meet a wildcard.
    private static let fewImports = 100

    /// The imports of a kind that take a request further, or feed a subscription, and those that would if they held.
    private func explainImports(
        _ kind: ExportKind, meeting subjects: SubjectPattern, of account: AccountInForce?
    ) -> [Explanation] {
        guard let account else { return [] }
        let met = account.account.claims.imports.enumerated().filter { _, item in
            item.kind == kind && item.localPattern?.overlaps(subjects) == true
        }
        let told = met.prefix(Self.fewImports).map { index, item in
            explain(item, at: index, account.imports[index], subjects)
        }
        guard met.count > told.count else { return told }
        return told + [
            Explanation("\(met.count - told.count) more imports", .notAsked, message: "too many to be told")
        ]
    }

    private func explain(
        _ item: Import, at index: Int, _ verdict: Verdict<Binding>, _ subjects: SubjectPattern
    ) -> Explanation {
        let local = item.localPattern
        var claims: [Explanation.Claim] = [
            .init("account", item.account.text), .init("known here as", local?.text ?? item.subject.text),
        ]
        let verb = item.kind == .service ? "takes it to" : "feeds it from"
        let title = "\(item.kind.rawValue) import \(index) \(verb) `\(item.account.text)`"
        let place = Place("imports").element(index)
        guard let binding = verdict.proof else {
            let answers = RuleAnswers(failures: verdict.failures)
            let rules = Set(verdict.failures.map(\.rule)).sorted().map { answers.tell($0) }
            return Explanation(
                title, .fails, at: place, message: "not in force, so nothing goes through it", claims: claims, rules)
        }
        if let there = local?.intersection(subjects).flatMap({ binding.renaming.outward($0) }) {
            claims.append(.init("known there as", there.text))
        }
        return Explanation(
            title, .holds, at: place, message: "in force", token: binding.token.map { TokenName($0.claims) },
            claims: claims)
    }
}

extension MappingShare.Image {
    /// Where messages go; nil for those that go nowhere.
    fileprivate var pattern: SubjectPattern? {
        if case .subject(let pattern) = self { pattern } else { nil }
    }
}

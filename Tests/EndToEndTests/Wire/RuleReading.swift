/// The rules of Docs/TrustRules.md on permissions read aloud, with or without what the real server does otherwise:
/// slow, plainly right, and without any code of what it judges.
struct RuleReading {
    /// An operation that is allowed or not.
    enum Operation {
        /// A message on a subject, which may hold tokens that look like wildcards.
        case publish(String)
        /// A message after a request was received. `isOwed`: it is a reply that the response permission admits.
        case answer(String, isOwed: Bool)
        case subscribe(PermissionSet.Entry)
        /// The delivery of a message to the only subscription of a connection.
        case deliver(String, under: PermissionSet.Entry)
    }

    let laxities: Set<Laxity>

    func allows(_ operation: Operation, by set: PermissionSet) -> Bool {
        // Lists without an entry say nothing when there is nothing beside them.
        let set = set.isEmpty ? PermissionSet.unrestricted : set
        switch operation {
        case .publish(let subject): return publishes(subject, by: set)
        case .answer(let subject, let isOwed): return isOwed || publishes(subject, by: set)
        case .subscribe(let subscription): return subscribes(subscription, by: set)
        case .deliver(let subject, let subscription): return delivers(subject, under: subscription, by: set)
        }
    }

    // MARK: Publish

    private func publishes(_ subject: String, by set: PermissionSet) -> Bool {
        let words = subject.split(separator: ".")
        if !laxities.contains(.publishWildcard), words.contains("*") || words.contains(">") { return false }
        var allow = set.publishAllow
        let deny = set.publishDeny ?? []
        if laxities.contains(.publishEmptyAllow), allow?.isEmpty == true, deny.isEmpty { allow = nil }
        if deny.contains(where: { Self.matches($0.tokens, words) }) { return false }
        guard let allow else { return set.responses == nil }
        return allow.contains { Self.matches($0.tokens, words) }
    }

    // MARK: Subscribe

    private func subscribes(_ subscription: PermissionSet.Entry, by set: PermissionSet) -> Bool {
        admits(subscription, by: set) && !denies(subscription, by: set)
    }

    private func admits(_ subscription: PermissionSet.Entry, by set: PermissionSet) -> Bool {
        guard let allow = set.subscribeAllow else { return true }
        if laxities.contains(.subscribeEmptyAllow), allow.isEmpty { return true }
        let admitting = entries(of: allow, containing: subscription, isRestAWord: laxities.contains(.subscribeRest))
        let isPlain = admitting.contains { $0.queue == nil }
        guard let name = subscription.queue else { return isPlain }
        let isNamed = admitting.compactMap(\.queue).contains {
            matches(queue: $0, name, isRestOther: laxities.contains(.queueNameAllow))
        }
        let limiting = entries(of: allow, containing: subscription, isRestAWord: laxities.contains(.subscribeRestQueue))
        return isNamed || isPlain && limiting.allSatisfy { $0.queue == nil }
    }

    private func denies(_ subscription: PermissionSet.Entry, by set: PermissionSet) -> Bool {
        let deny = set.subscribeDeny ?? []
        return entries(of: deny, containing: subscription, isRestAWord: laxities.contains(.subscribeRestDeny))
            .contains { covers($0, queueOf: subscription) }
    }

    private func entries(
        of list: [PermissionSet.Entry], containing subscription: PermissionSet.Entry, isRestAWord: Bool
    ) -> [PermissionSet.Entry] {
        list.filter { Self.contains($0.tokens, subscription.tokens, isRestAWord: isRestAWord) }
    }

    /// Whether an entry of a deny list holds for the queue of a subscription: without one of its own, for each.
    private func covers(_ entry: PermissionSet.Entry, queueOf subscription: PermissionSet.Entry) -> Bool {
        guard let queue = entry.queue else { return true }
        guard let name = subscription.queue else { return false }
        return matches(queue: queue, name, isRestOther: laxities.contains(.queueNameDeny))
    }

    // MARK: Delivery

    private func delivers(_ subject: String, under subscription: PermissionSet.Entry, by set: PermissionSet) -> Bool {
        let words = subject.split(separator: ".")
        return !(set.subscribeDeny ?? []).contains {
            Self.matches($0.tokens, words) && covers($0, queueOf: subscription)
        }
    }

    // MARK: Patterns

    /// Whether the queue of an entry matches the name of a group. `isRestOther`: a `>` in a name is not one word.
    private func matches(queue pattern: Substring, _ name: Substring, isRestOther: Bool) -> Bool {
        let (tokens, words) = (pattern.split(separator: "."), name.split(separator: "."))
        let isOther = isRestOther && pattern != name && zip(tokens, words).contains { $0 == "*" && $1 == ">" }
        return !isOther && Self.matches(tokens, words)
    }

    /// Whether a pattern matches words: `*` any one, `>` one or more, whatever they look like.
    static func matches(_ pattern: [Substring], _ words: [Substring]) -> Bool {
        for (place, token) in pattern.enumerated() {
            if place >= words.count { return false }
            if token == ">" { return true }
            if token != "*", token != words[place] { return false }
        }
        return pattern.count == words.count
    }

    /// Whether one pattern contains another: token by token, where only `>` contains `>`, unless that is a word.
    static func contains(_ outer: [Substring], _ inner: [Substring], isRestAWord: Bool) -> Bool {
        for (place, token) in outer.enumerated() {
            if place >= inner.count { return false }
            if token == ">" { return true }
            if token == "*" ? inner[place] == ">" && !isRestAWord : token != inner[place] { return false }
        }
        return outer.count == inner.count
    }
}

extension RuleReading.Operation: CustomStringConvertible {
    /// What is counted together.
    var kind: String {
        switch self {
        case .publish: "publish"
        case .answer: "answer"
        case .subscribe: "subscribe"
        case .deliver: "deliver"
        }
    }

    var description: String {
        switch self {
        case .publish(let subject): "publish \(subject)"
        case .answer(let subject, let isOwed): "answer \(subject)\(isOwed ? ", which is owed" : "")"
        case .subscribe(let subscription): "subscribe \(subscription.text)"
        case .deliver(let subject, let subscription): "deliver \(subject) under \(subscription.text)"
        }
    }
}

import Subjects
import Trust

/// What the library decides of each thing that a user tried.
extension WireComparison {
    mutating func compare(publish subject: String, theirs: Bool, by user: WireCampaign.User) {
        // What is no subject is refused before permissions are asked.
        let decision = (try? Subject(subject)).map { user.permissions.rules.decide(publish: $0) }
        compare(
            .publish(subject), by: user.set, theirs: theirs, ours: decision?.isAllowed ?? false,
            cause: decision.map { user.cause(of: $0, in: .publish) } ?? "its being no subject")
    }

    mutating func compare(subscribe text: String, theirs: Bool, by user: WireCampaign.User) throws {
        let subscription = PermissionSet.Entry(text)
        let decision = try user.decide(subscription)
        compare(
            .subscribe(subscription), by: user.set, theirs: theirs, ours: decision.isAllowed,
            cause: user.cause(of: decision, in: .subscribe))
    }

    /// Compares what reached a subscription that the server took, where the library takes it too.
    mutating func compare(
        deliveries delivered: Set<Int>, under text: String, by user: WireCampaign.User
    ) throws {
        let subscription = PermissionSet.Entry(text)
        guard try user.decide(subscription).isAllowed else { return }
        for (place, subject) in SmallWorld.literals.enumerated() {
            guard RuleReading.matches(subscription.tokens, subject.split(separator: ".")) else {
                if delivered.contains(place) { note("\(subject) was delivered under \(text)") }
                continue
            }
            compare(
                .deliver(subject, under: subscription), by: user.set, theirs: delivered.contains(place),
                ours: user.permissions.rules.delivers(
                    try Subject(subject), queue: try subscription.queue.map { try QueueName(String($0)) }),
                cause: "the deny list at delivery")
        }
    }

    /// Compares what was answered to a request: by the lists, or because it was asked for.
    mutating func compare(
        _ exchange: WirePlan.Exchange, _ result: WirePlan.Answered, by user: WireCampaign.User
    ) throws {
        guard let claims = user.set.responses else { return }
        var ledger = ReplyLedger(ResponsePermission(claims))
        let reply = try Subject(exchange.reply)
        if result.received { user.permissions.rules.noteDelivery(reply: reply, in: &ledger, at: 0) }
        // The oracle's own account of it: how often the reply may still be sent.
        let lists = RuleReading(laxities: [])
        let isFree = lists.allows(.publish(exchange.reply), by: user.set)
        var owed = !result.received || isFree ? 0 : claims.maximum < 0 ? Int64.max : max(1, claims.maximum)
        for (subject, theirs) in zip(exchange.answers, result.answers) {
            let isOwed = subject == exchange.reply && owed > 0
            if isOwed { owed -= 1 }
            let decision = user.permissions.rules.decide(publish: try Subject(subject), replies: &ledger, at: 0)
            compare(
                .answer(subject, isOwed: isOwed), by: user.set, theirs: theirs, ours: decision.isAllowed,
                cause: user.cause(of: decision, in: .publish))
        }
    }
}

extension WireCampaign.User {
    fileprivate func decide(_ subscription: PermissionSet.Entry) throws -> Decision {
        let pattern = try SubjectPattern(subscription.tokens.joined(separator: "."))
        guard let queue = subscription.queue else { return permissions.rules.decide(subscribe: pattern) }
        return permissions.rules.decide(subscribe: pattern, queue: try QueueName(String(queue)))
    }

    /// The entry that decided, or why none did.
    fileprivate func cause(of decision: Decision, in direction: PermissionEntry.Place) -> String {
        let cause = permissions.cause(of: decision, in: direction)
        return "\(cause.kind)"
    }
}

/// What the real server does otherwise than the rules say of permissions: those rows of Docs/Divergences.md that the
/// campaign on the wire sees. `RuleReading` says of each exactly when it holds. In the order in which a server asks.
enum Laxity: String, CaseIterable {
    case publishWildcard = "publish-wildcard"
    case publishEmptyAllow = "publish-empty-allow"
    case subscribeEmptyAllow = "subscribe-empty-allow"
    case subscribeRest = "subscribe-rest"
    case subscribeRestQueue = "subscribe-rest-queue"
    case queueNameAllow = "queue-name-allow"
    case subscribeRestDeny = "subscribe-rest-deny"
    case queueNameDeny = "queue-name-deny"

    /// Who takes what the other refuses.
    enum Direction { case theyAllow, weAllow }

    /// The only direction in which the row explains a difference. Where we allow more, the reason must bear it.
    var direction: Direction {
        switch self {
        case .publishWildcard, .publishEmptyAllow, .subscribeEmptyAllow, .subscribeRest, .queueNameDeny: .theyAllow
        case .subscribeRestQueue, .subscribeRestDeny, .queueNameAllow: .weAllow
        }
    }

    /// Why the library does not do the same.
    var reason: String {
        switch self {
        case .publishWildcard: "a token that looks like a wildcard passes a deny of what it looks like"
        case .publishEmptyAllow: "a list that lists nothing allows nothing, whether or not a deny stands beside it"
        case .subscribeEmptyAllow: "a list that lists nothing allows nothing"
        case .subscribeRest: "`a.*` does not contain `a.>`, which would deliver everything below"
        case .subscribeRestQueue: "`a.*` does not contain `a.>`, so its queue is none of that subscription's"
        case .subscribeRestDeny:
            "`a.*` does not contain `a.>`: what the deny matches is not delivered, and the rest was never denied"
        case .queueNameAllow: "in a name `>` is a word, which `*` matches; it names this one group and no other"
        case .queueNameDeny: "in a name `>` is a word, which `*` matches: else a group so named passes a deny"
        }
    }
}

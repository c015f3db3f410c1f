/// The limits that hold for a user: the smaller of its own (or its role's) and its account's. Nil is no limit.
public struct EffectiveLimits: Hashable, Sendable {
    /// Subscriptions at once.
    public let subscriptions: Int64?
    /// Bytes of one message.
    public let payload: Int64?
    /// Bytes; carried by the field and enforced by nobody.
    public let data: Int64?

    /// The smaller of a user's or a role's limits and the account's.
    ///
    /// A number that is absent admits nothing in a user's own token and is no limit in a role.
    init(_ limits: UserLimits, isRole: Bool, account: AccountLimits) {
        let absent: Int64 = isRole ? -1 : 0
        subscriptions = Self.smaller(limits.subscriptions ?? absent, account.subscriptions)
        payload = Self.smaller(limits.payload ?? absent, account.payload)
        data = Self.smaller(limits.data ?? absent, account.data)
    }

    /// Whether a user with `held` subscriptions may have one more.
    public func admitsSubscription(holding held: Int) -> Bool {
        subscriptions.map { Int64(held) < $0 } ?? true
    }

    /// Whether a message may be `bytes` long.
    public func admitsPayload(bytes: Int) -> Bool {
        payload.map { Int64(bytes) <= $0 } ?? true
    }

    private static func smaller(_ first: Int64, _ second: Int64) -> Int64? {
        guard let first = first.asLimit else { return second.asLimit }
        return min(first, second.asLimit ?? first)
    }
}

extension Int64 {
    /// The number as a limit: nil, for none, where it is -1. What is below that means nothing, and admits nothing.
    public var asLimit: Int64? { self == -1 ? nil : Swift.max(0, self) }
}

/// What permissions say of one operation, and which entry decided. One word; nothing is allocated for it.
public struct Decision: Hashable, Sendable {
    /// What decided.
    public enum Cause: Hashable, Sendable {
        /// The entry at this index of the allow list.
        case allow(index: Int)
        /// The entry at this index of the deny list.
        case deny(index: Int)
        /// No entry: there is no allow list and no deny matched.
        case noAllowList
        /// No entry, but the response permission: it answers a request that was received.
        case reply
        /// No entry of the allow list admits it.
        case notAllowed
    }

    private let raw: UInt32

    init(_ verdict: RuleVerdict) { raw = verdict.raw }

    /// Whether the operation is allowed.
    public var isAllowed: Bool { raw != 0 && raw < 0x8000_0000 }

    /// The entry that decided, by list and place. Where several would do, it is always the same one for the
    /// same lists in the same order; which one is not promised.
    public var cause: Cause {
        let verdict = RuleVerdict(raw: raw)
        if verdict.isNone { return .notAllowed }
        if verdict == .byDefault { return .noAllowList }
        if verdict == .byReply { return .reply }
        return verdict.isDeny ? .deny(index: verdict.index) : .allow(index: verdict.index)
    }

    /// The list of the entry that decided, if one did.
    public var list: PermissionList? {
        switch cause {
        case .allow: .allow
        case .deny: .deny
        case .noAllowList, .reply, .notAllowed: nil
        }
    }

    /// The place of the entry that decided in its list, if one did.
    public var index: Int? {
        switch cause {
        case .allow(let index), .deny(let index): index
        case .noAllowList, .reply, .notAllowed: nil
        }
    }
}

/// The limits that an operator sets for an account. A number that is absent is 0, which admits nothing; a negative
/// one is no limit.
public struct AccountLimits: Hashable, Sendable {
    /// `subs`: subscriptions of one connection.
    public var subscriptions: Int64 = 0
    /// `data`: bytes. Carried by the field and enforced by nobody.
    public var data: Int64 = 0
    /// `payload`: bytes of one message.
    public var payload: Int64 = 0
    /// `imports`: how many imports the account may have.
    public var imports: Int64 = 0
    /// `exports`: how many exports the account may have.
    public var exports: Int64 = 0
    /// `wildcards`: whether exports may hold wildcards.
    public var wildcardExports = false
    /// `disallow_bearer`: whether bearer users are refused.
    public var disallowsBearer = false
    /// `conn`: connections at once.
    public var connections: Int64 = 0
    /// `leaf`: leaf node connections at once.
    public var leafConnections: Int64 = 0
    /// The stream limits that stand beside the others.
    public var streams = StreamLimits()
    /// `tiered_limits`: stream limits by replication tier, by name.
    public var tiers: [String: StreamLimits] = [:]

    /// Limits that admit nothing.
    public init() {}

    /// No limits, as the field writes them for a new account.
    public static let unlimited: AccountLimits = {
        var limits = AccountLimits()
        limits.subscriptions = -1
        limits.data = -1
        limits.payload = -1
        limits.imports = -1
        limits.exports = -1
        limits.wildcardExports = true
        limits.connections = -1
        limits.leafConnections = -1
        return limits
    }()
}

/// What an account may store in streams. 0 admits nothing, a negative number is no limit.
public struct StreamLimits: Hashable, Sendable {
    /// `mem_storage`: bytes.
    public var memoryStorage: Int64 = 0
    /// `disk_storage`: bytes.
    public var diskStorage: Int64 = 0
    /// `streams`: how many.
    public var streams: Int64 = 0
    /// `consumer`: how many.
    public var consumers: Int64 = 0
    /// `max_ack_pending`: messages.
    public var maximumAckPending: Int64 = 0
    /// `mem_max_stream_bytes`.
    public var memoryMaximumStreamBytes: Int64 = 0
    /// `disk_max_stream_bytes`.
    public var diskMaximumStreamBytes: Int64 = 0
    /// `max_bytes_required`: whether every stream must state a limit.
    public var maximumBytesRequired = false

    /// Limits that admit nothing.
    public init() {}
}

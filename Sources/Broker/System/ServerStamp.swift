import NATSWire

/// What the broker says of itself in the envelope of every answer and event.
struct ServerStamp {
    /// Numbers what it says.
    private var sequence: UInt64 = 0

    /// The `server` member.
    mutating func json(of core: BrokerCore) -> WireJSON {
        sequence &+= 1
        return [
            "name": .string(core.serverName), "host": .string(core.address.host), "id": .string(core.identity.id),
            "ver": .string(BrokerIdentity.version), "jetstream": false, "flags": 0,
            "seq": .number(String(sequence)), "time": .string(WallText.text(nanoseconds: core.host.wall)),
        ]
    }
}

extension WireJSON {
    /// A whole number without a sign.
    init(_ number: UInt64) { self = .number(String(number)) }

    /// A whole number.
    init(_ number: Int) { self = .number(String(number)) }
}

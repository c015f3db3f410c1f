import NATSWire
import Trust

/// What is told of a client to those who may know it: never its token.
enum SessionDetails {
    /// The members, in the field's names.
    static func members(of session: Session, in space: AccountSpace, core: BrokerCore) -> [WireJSON.Member] {
        let user = session.user
        var members: [WireJSON.Member] = [
            .init("start", .string(WallText.text(session.started))), .init("host", .string(session.peer.host)),
            .init("id", .number(String(session.id))), .init("acc", .string(space.key.text)),
        ]
        if let user { members.append(.init("user", .string(session.assignedName ?? user.key.text))) }
        if !session.options.name.isEmpty { members.append(.init("name", .string(session.options.name))) }
        if !session.options.language.isEmpty { members.append(.init("lang", .string(session.options.language))) }
        if !session.options.version.isEmpty { members.append(.init("ver", .string(session.options.version))) }
        if let trip = session.roundTrip { members.append(.init("rtt", .number(String(trip)))) }
        members.append(.init("server", .string(core.serverName)))
        if let user {
            members.append(.init("issuer_key", .string(user.claims.common.issuer.text)))
            let name = user.account.claims.common.name
            if !name.isEmpty { members.append(.init("name_tag", .string(name))) }
        }
        members.append(.init("kind", "Client"))
        members.append(.init("client_type", "nats"))
        return members
    }
}

extension BrokerCore {
    /// What the broker is called.
    var serverName: String { settings.name.isEmpty ? identity.id : settings.name }
}

/// Times of the wall as text: RFC 3339 in UTC.
enum WallText {
    static func text(_ time: UnixTime) -> String {
        SurveyTime(nanoseconds: time.seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue).text
    }

    static func text(nanoseconds: Int64) -> String { SurveyTime(nanoseconds: nanoseconds).text }
}

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

/// Times of the wall as text.
enum WallText {
    /// RFC 3339 in UTC, whole seconds.
    static func text(_ time: UnixTime) -> String { text(nanoseconds: time.seconds &* 1_000_000_000, fraction: false) }

    /// RFC 3339 in UTC, with nanoseconds.
    static func text(nanoseconds: Int64, fraction: Bool = true) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        // Days to a civil date: Howard Hinnant's algorithm, for years of the common era.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(second / 3_600, 2)):"
        text += "\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if fraction { text += ".\(padded(rest, 9))" }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(max(0, number))
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

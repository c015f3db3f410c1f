import Subjects
import Trust

/// `/connz`: connections, with the options `sort`, `offset`, `limit`, `cid`, `state`, `subs`, `auth`, `user`, `acc` and, with
/// `acc`, `filter_subject`.
struct ConnzPage {
    /// What of subscriptions is shown.
    private enum Shown { case counts, subjects, details }

    private let window: MonitoringWindow
    private let order: ConnectionOrder
    private let shown: Shown
    private let users: Users
    private let (user, account): (String?, String?)
    private let filter: SubjectPattern?
    private let number: UInt64?
    /// What the survey has to hold.
    let scope: SurveyScope

    /// Whether it is told whose connections they are.
    private enum Users { case left, told }

    init(_ query: MonitoringQuery) throws(MonitoringFault) {
        var scope = SurveyScope()
        switch query.text("state")?.lowercased() {
        case nil, "open": scope.states = .open
        case "closed": scope.states = .closed
        case "any", "all": scope.states = .any
        case let other?: throw MonitoringFault("state is open, closed or any, not \(MonitoringFault.quoted(other))")
        }
        order = try ConnectionOrder(query.text("sort"), of: scope.states)
        if query.text("subs") == "detail" {
            shown = .details
        } else {
            shown = try query.isOn("subs") ? .subjects : .counts
        }
        users = try query.isOn("auth") ? .told : .left
        (user, account) = (query.text("user"), query.text("acc"))
        number = try query.number("cid")
        window = number == nil ? try MonitoringWindow(query) : MonitoringWindow(limit: 1)
        if let text = query.text("filter_subject"), account != nil {
            do throws(SubjectError) {
                filter = try SubjectPattern(text)
            } catch {
                throw MonitoringFault("filter_subject is no subject: \(MonitoringFault.quoted(text))")
            }
        } else {
            filter = nil
        }
        scope.connections = number.map { .one($0) } ?? .all
        scope.subscriptions = shown == .counts && filter == nil ? .counted : .listed
        self.scope = scope
    }

    func bytes(of survey: BrokerSurvey, at now: SurveyTime) throws(MonitoringFault) -> [UInt8] {
        let connections = survey.connections.filter(isMeant)
        let part = window.part(of: order.sorted(connections, at: now))
        var writer = JSONWriter()
        try writer.object { (writer) throws(MonitoringFault) in
            writer.head(survey.server, at: now)
            writer.member("num_connections", part.count)
            writer.member("total", number == nil ? connections.count : survey.server.connections)
            writer.member("offset", window.offset)
            writer.member("limit", window.limit)
            try writer.list("connections") { (writer) throws(MonitoringFault) in
                for connection in part {
                    writer.object { write(connection, at: now, to: &$0) }
                    try writer.checkLength()
                }
            }
        }
        return writer.bytes
    }

    private func isMeant(_ connection: ConnectionSurvey) -> Bool {
        if let number, connection.number != number { return false }
        if let user, connection.user?.key != user { return false }
        if let account, connection.user?.account != account { return false }
        guard let filter else { return true }
        return connection.subscriptions.contains { subscription in
            (try? SubjectPattern(subscription.subject)).map { $0.overlaps(filter) } ?? false
        }
    }

    private func write(_ connection: ConnectionSurvey, at now: SurveyTime, to json: inout JSONWriter) {
        let until = connection.end?.time ?? now
        json.member("cid", connection.number)
        json.member("kind", "Client")
        json.member("type", "nats")
        json.member("ip", connection.address)
        json.member("port", connection.port)
        json.member("start", connection.started.text)
        json.member("last_activity", connection.lastActivity.text)
        if let end = connection.end {
            json.member("stop", end.time.text)
            json.member("reason", end.reason)
        }
        if let time = connection.roundTrip { json.member("rtt", SurveySpan.exact(time)) }
        json.member("uptime", SurveySpan.uptime(until.since(connection.started)))
        json.member("idle", SurveySpan.uptime(until.since(connection.lastActivity)))
        json.member("pending_bytes", connection.pendingBytes)
        json.member("in_msgs", connection.traffic.inMessages)
        json.member("out_msgs", connection.traffic.outMessages)
        json.member("in_bytes", connection.traffic.inBytes)
        json.member("out_bytes", connection.traffic.outBytes)
        json.member("subscriptions", connection.subscriptionCount)
        let client = [("name", connection.name), ("lang", connection.language), ("version", connection.version)]
        for (name, text) in client where !text.isEmpty { json.member(name, text) }
        if let tls = connection.tls {
            json.member("tls_version", tls.version)
            json.member("tls_cipher_suite", tls.cipher)
        }
        if users == .told, let user = connection.user {
            json.member("authorized_user", user.key)
            json.member("account", user.account)
            json.member("issuer_key", user.issuer)
            json.member("name_tag", user.accountName)
        }
        switch shown {
        case .counts: break
        case .subjects: json.member("subscriptions_list", connection.subscriptions.map(\.subject))
        case .details:
            json.list("subscriptions_list_detail") {
                for entry in connection.subscriptions { $0.object { $0.subscription(entry, of: connection.number) } }
            }
        }
    }
}

extension JSONWriter {
    /// The members of a subscription of a connection.
    mutating func subscription(_ entry: SubscriptionSurvey, of connection: UInt64) {
        member("subject", entry.subject)
        if let queue = entry.queue { member("qgroup", queue) }
        member("sid", entry.id)
        member("msgs", entry.messages)
        if let limit = entry.limit { member("max", limit) }
        member("cid", connection)
    }
}

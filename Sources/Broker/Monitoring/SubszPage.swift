import Subjects
import Trust

/// `/subsz`: subscriptions, with the options `subs`, `offset`, `limit`, `acc` and `test`.
struct SubszPage {
    private enum Shown { case numbers, each }

    private let window: MonitoringWindow
    private let shown: Shown
    private let account: String?
    private let test: Subject?
    /// What the survey has to hold.
    let scope: SurveyScope

    init(_ query: MonitoringQuery) throws(MonitoringFault) {
        window = try MonitoringWindow(query)
        account = query.text("acc")
        if let text = query.text("test") {
            do throws(SubjectError) {
                test = try Subject(text)
            } catch {
                throw MonitoringFault("test is a subject to publish on, not \(MonitoringFault.quoted(text))")
            }
        } else {
            test = nil
        }
        shown = try query.isOn("subs") ? .each : .numbers
        var scope = SurveyScope()
        if shown == .each || account != nil { scope.connections = .all }
        if shown == .each { scope.subscriptions = .listed }
        self.scope = scope
    }

    func bytes(of survey: BrokerSurvey, at now: SurveyTime) throws(MonitoringFault) -> [UInt8] {
        let server = survey.server
        let connections = survey.connections.filter { account == nil || $0.user?.account == account }
        var found: [(ConnectionSurvey, SubscriptionSurvey)] = []
        if shown == .each {
            for connection in connections.sorted(by: { $0.number < $1.number }) {
                for entry in connection.subscriptions where isMeant(entry) { found.append((connection, entry)) }
            }
        }
        var writer = JSONWriter()
        try writer.object { (writer) throws(MonitoringFault) in
            writer.head(server, at: now)
            let counted = connections.reduce(0) { $0 &+ $1.subscriptionCount }
            writer.member("num_subscriptions", account == nil ? server.subscriptions : counted)
            if account == nil {
                writer.member("num_inserts", server.inserts)
                writer.member("num_removes", server.removes)
            }
            writer.member("total", found.count)
            writer.member("offset", window.offset)
            writer.member("limit", window.limit)
            guard shown == .each else { return }
            try writer.list("subscriptions_list") { (writer) throws(MonitoringFault) in
                for (connection, entry) in window.part(of: found) {
                    writer.object {
                        if let user = connection.user {
                            $0.member("account", user.account)
                            $0.member("account_tag", user.accountName)
                        }
                        $0.subscription(entry, of: connection.number)
                    }
                    try writer.checkLength()
                }
            }
        }
        return writer.bytes
    }

    private func isMeant(_ entry: SubscriptionSurvey) -> Bool {
        guard let test else { return true }
        return (try? SubjectPattern(entry.subject)).map { $0.matches(test) } ?? false
    }
}

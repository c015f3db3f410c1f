import Trust

/// `/accountz`: the accounts in force, or with `acc` one of them.
struct AccountzPage {
    private let account: String?

    init(_ query: MonitoringQuery) { account = query.text("acc") }

    /// What the survey has to hold.
    var scope: SurveyScope {
        var scope = SurveyScope()
        scope.accounts = account.map { .one($0) } ?? .all
        return scope
    }

    func bytes(of survey: BrokerSurvey, at now: SurveyTime) throws(MonitoringFault) -> [UInt8] {
        var writer = JSONWriter()
        try writer.object { (writer) throws(MonitoringFault) in
            writer.head(survey.server, at: now)
            if let system = survey.server.systemAccount { writer.member("system_account", system) }
            guard let account else { return writer.member("accounts", survey.accounts.map(\.key).sorted()) }
            guard let found = survey.accounts.first(where: { $0.key == account }) else {
                throw MonitoringFault("there is no account \(MonitoringFault.quoted(account))")
            }
            writer.object("account_detail") { $0.account(found) }
            try writer.checkLength()
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func account(_ account: AccountSurvey) {
        member("account_name", account.key)
        member("update_time", account.updated.text)
        member("expired", account.standing == .expired)
        member("complete", true)
        member("jetstream_enabled", false)
        member("leafnode_connections", 0)
        member("client_connections", account.connections)
        member("subscriptions", account.subscriptions)
        list("exports") { for entry in account.exports { $0.export(entry) } }
        list("imports") { for entry in account.imports { $0.imported(entry) } }
        if !account.issuer.isEmpty { member("issuer_key", account.issuer) }
        member("name_tag", account.name)
    }

    private mutating func export(_ entry: ExportSurvey) {
        object {
            $0.member("subject", entry.subject)
            $0.member("type", entry.kind.rawValue)
            if entry.access == .holdersOfTokens { $0.member("token_req", true) }
            if let type = entry.responseType { $0.member("response_type", type.rawValue) }
            if entry.accountTokenPosition > 0 { $0.member("account_token_position", entry.accountTokenPosition) }
        }
    }

    private mutating func imported(_ entry: ImportSurvey) {
        object {
            $0.member("subject", entry.subject)
            $0.member("account", entry.account)
            $0.member("local_subject", entry.localSubject)
            $0.member("type", entry.kind.rawValue)
            $0.member("invalid", entry.standing == .refused)
            $0.member("share", entry.share == .requester)
        }
    }
}

/// `/accstatz`: what the accounts in force have done; with `unused=1` those too that have no connections.
struct AccstatzPage {
    private enum Shown { case used, all }

    private let shown: Shown

    init(_ query: MonitoringQuery) throws(MonitoringFault) { shown = try query.isOn("unused") ? .all : .used }

    /// What the survey has to hold.
    var scope: SurveyScope {
        var scope = SurveyScope()
        scope.accounts = .all
        return scope
    }

    func bytes(of survey: BrokerSurvey, at now: SurveyTime) throws(MonitoringFault) -> [UInt8] {
        var writer = JSONWriter()
        try writer.object { (writer) throws(MonitoringFault) in
            writer.head(survey.server, at: now)
            try writer.list("account_statz") { (writer) throws(MonitoringFault) in
                for account in survey.accounts.sorted(by: { $0.key < $1.key })
                where shown == .all || account.connections > 0 {
                    writer.object { $0.counters(of: account) }
                    try writer.checkLength()
                }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func counters(of account: AccountSurvey) {
        member("acc", account.key)
        member("name", account.name)
        member("conns", account.connections)
        member("leafnodes", 0)
        member("total_conns", account.totalConnections)
        member("num_subscriptions", account.subscriptions)
        object("sent") {
            $0.member("msgs", account.traffic.outMessages)
            $0.member("bytes", account.traffic.outBytes)
        }
        object("received") {
            $0.member("msgs", account.traffic.inMessages)
            $0.member("bytes", account.traffic.inBytes)
        }
        member("slow_consumers", account.slowConsumers)
    }
}

import NKeys
import Subjects
import Trust

extension BrokerCore {
    /// How the broker stands now, as far as `scope` asks.
    ///
    /// - Complexity: one step for each connection, subscription and account that is asked for.
    func survey(of scope: SurveyScope) -> BrokerSurvey {
        enter()
        var survey = BrokerSurvey(server: serverSurvey)
        if scope.states != .closed {
            switch scope.connections {
            case .none: break
            case .all: survey.connections = sessions.values.map { self.survey(of: $0, scope.subscriptions) }
            case .one(let number):
                survey.connections = [sessions[number]].compactMap { $0 }.map {
                    self.survey(of: $0, scope.subscriptions)
                }
            }
        }
        if scope.states != .open {
            switch scope.connections {
            case .none: break
            case .all: survey.connections += closed.all
            case .one(let number): survey.connections += closed.all.filter { $0.number == number }
            }
        }
        switch scope.accounts {
        case .none: break
        case .all: survey.accounts = spaces.values.compactMap { self.survey(of: $0, isWhole: false) }
        case .one(let text):
            let space = (try? PublicKey(text)).flatMap { spaces[$0] }
            survey.accounts = [space.flatMap { self.survey(of: $0, isWhole: true) }].compactMap { $0 }
        }
        return survey
    }

    private var serverSurvey: ServerSurvey {
        var server = ServerSurvey(
            key: identity.id, name: serverName, version: BrokerIdentity.version, address: address,
            started: SurveyTime(nanoseconds: started))
        server.configured = SurveyTime(nanoseconds: configured)
        server.monitoring = settings.monitoring
        (server.limits, server.times) = (settings.limits, settings.times)
        server.tls = settings.tls.map { $0.clearText == .allowed ? .offered : .required } ?? .none
        server.systemAccount = settings.trust.systemKey?.text
        server.operators = settings.trust.operators.map {
            OperatorSurvey(key: $0.subject.text, name: $0.claims.common.name)
        }
        server.connections = sessions.count
        server.totalConnections = counters.connections
        server.subscriptions = spaces.values.reduce(0) { $0 + $1.subscriptionCount }
        server.traffic = TrafficSurvey(traffic)
        (server.slowConsumers, server.staleConnections) = (counters.slowConsumers, counters.stale)
        server.inserts = spaces.values.reduce(0) { $0 &+ $1.inserts }
        server.removes = spaces.values.reduce(0) { $0 &+ $1.removes }
        server.process = ProcessSurvey.current()
        if let system = settings.trust.systemKey, store.snapshot[system] == nil {
            server.health = .poor("the system account is not in force")
        }
        if isLeaving { server.health = .poor("the broker is about to stop") }
        return server
    }

    /// What a list says of a connection.
    func survey(of session: Session, _ subscriptions: SurveyScope.Subscriptions) -> ConnectionSurvey {
        var survey = ConnectionSurvey(
            number: session.id, address: session.peer.host, port: session.peer.port,
            started: SurveyTime(nanoseconds: session.started.seconds &* 1_000_000_000))
        survey.lastActivity = SurveyTime(nanoseconds: host.wall &- Int64(clamping: now &- session.lastActivity))
        survey.roundTrip = session.roundTrip.map { Int64(clamping: $0) }
        survey.pendingBytes = session.pending
        survey.traffic = TrafficSurvey(session.counters)
        survey.subscriptionCount = session.subscriptions.count
        if subscriptions == .listed {
            survey.subscriptions = session.subscriptions.values.sorted { $0.id.rawValue < $1.id.rawValue }.map {
                SubscriptionSurvey(
                    subject: $0.pattern.text, queue: $0.queue?.text, id: String(decoding: $0.sid, as: UTF8.self),
                    messages: UInt64($0.delivered), limit: $0.maximum.map { UInt64($0) })
            }
        }
        survey.name = session.options.name
        (survey.language, survey.version) = (session.options.language, session.options.version)
        survey.tls = session.peer.tls.map { ConnectionSurvey.TLS(version: $0.version, cipher: $0.cipher) }
        if let user = session.user {
            let account = user.account.claims.common
            survey.user = ConnectionSurvey.User(
                key: user.key.text, name: session.assignedName ?? user.claims.common.name,
                account: account.subject.text,
                accountName: account.name, issuer: user.claims.common.issuer.text)
        }
        return survey
    }

    private func survey(of space: AccountSpace, isWhole: Bool) -> AccountSurvey? {
        guard let inForce = space.inForce else { return nil }
        let claims = inForce.account.claims
        let issued = claims.common.issuedAt ?? .zero
        var survey = AccountSurvey(
            key: space.key.text, name: claims.common.name,
            updated: SurveyTime(nanoseconds: issued.seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue)
        )
        survey.issuer = claims.common.issuer.text
        survey.connections = space.sessions.count
        survey.totalConnections = space.totalConnections
        survey.subscriptions = space.subscriptionCount
        let sent = space.sent
        survey.traffic = TrafficSurvey(
            inMessages: space.counters.inMessages, inBytes: space.counters.inBytes, outMessages: sent.messages,
            outBytes: sent.bytes)
        survey.slowConsumers = space.slowConsumers
        if isWhole {
            survey.exports = claims.exports.map(ExportSurvey.init)
            survey.imports = claims.imports.enumerated().map { index, item in
                ImportSurvey(item, standing: inForce.binding(at: index) == nil ? .refused : .inForce)
            }
        }
        return survey
    }
}

extension TrafficSurvey {
    fileprivate init(_ counters: TrafficCounters) {
        self.init(
            inMessages: counters.inMessages, inBytes: counters.inBytes, outMessages: counters.outMessages,
            outBytes: counters.outBytes)
    }
}

/// The connections that ended last, for lists: a ring, so that it does not grow.
struct ClosedConnections {
    private var ring: [ConnectionSurvey] = []
    private var next = 0

    private static let limit = 256

    mutating func add(_ connection: ConnectionSurvey) {
        if ring.count < Self.limit { return ring.append(connection) }
        ring[next] = connection
        next = (next + 1) % Self.limit
    }

    /// The oldest first.
    var all: [ConnectionSurvey] { Array(ring[next...] + ring[..<next]) }
}

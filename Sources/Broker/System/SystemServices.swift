import NATSWire
import NKeys
import Subjects
import Trust

/// What the broker offers to every account about itself, and to the system account about all of them.
///
/// Subjects and envelopes are those of `nats-server`, so that the tools of the field work.
final class SystemServices {
    private var stamp = ServerStamp()

    /// The questions of one request about capabilities, at most.
    static let questionLimit = 64

    /// Offers the services in `core`.
    func install(in core: BrokerCore) {
        core.accountServices = [
            service("$SYS.REQ.USER.INFO") { $0.userInfo($2, $1) },
            service("$SYS.REQ.USER.CAPABILITIES") { $0.capabilities($2, $1) },
            service("$SYS.REQ.ACCOUNT.PING.STATZ") { $0.statistics(of: [$2.space], $2, $1) },
            service("$SYS.REQ.ACCOUNT.PING.CONNZ") { $0.connections(of: $2.space, $2, $1) },
            service("$SYS.REQ.SERVER.PING.CONNZ") { $0.connections(of: $2.space, $2, $1) },
        ].compactMap { $0 }
        core.systemServices =
            [
                service("$SYS.REQ.ACCOUNT.*.STATZ") { services, core, request in
                    guard let space = services.space(named: request, core) else { return }
                    services.statistics(of: [space], request, core)
                },
                service("$SYS.REQ.ACCOUNT.*.CONNZ") { services, core, request in
                    guard let space = services.space(named: request, core) else { return }
                    services.connections(of: space, request, core)
                },
                service("$SYS.REQ.ACCOUNT.*.INFO") { services, core, request in
                    guard let space = services.space(named: request, core) else { return }
                    services.accountInfo(space, request, core)
                },
                service("$SYS.REQ.SERVER.PING") { $0.serverStatistics($2, $1) },
                service("$SYS.REQ.SERVER.PING.STATZ") { $0.serverStatistics($2, $1) },
            ].compactMap { $0 } + ClaimsServices(self).all
    }

    /// A service at a subject.
    func service(
        _ pattern: String, _ handle: @escaping (SystemServices, BrokerCore, BrokerRequest) -> Void
    ) -> BrokerService? {
        guard let pattern = try? SubjectPattern(pattern) else { return nil }
        return BrokerService(pattern: pattern) { [unowned self] core, request in handle(self, core, request) }
    }

    /// The account whose key is the fourth token of the request's subject, where it is known here.
    private func space(named request: BrokerRequest, _ core: BrokerCore) -> AccountSpace? {
        request.subject.token(at: 3).flatMap { try? PublicKey($0) }.flatMap { core.spaces[$0] }
    }

    /// Answers a request with data in the envelope.
    func answer(_ request: BrokerRequest, _ data: WireJSON, _ core: BrokerCore) {
        core.respond(
            to: request,
            with: WireJSON.object([
                .init("server", stamp.json(of: core)), .init("data", data),
            ]).utf8)
    }

    /// Answers a request with an error in the envelope.
    func answer(_ request: BrokerRequest, error: WireJSON, _ core: BrokerCore) {
        core.respond(
            to: request,
            with: WireJSON.object([
                .init("server", stamp.json(of: core)), .init("error", error),
            ]).utf8)
    }

    /// The `server` member of an event.
    func server(_ core: BrokerCore) -> WireJSON { stamp.json(of: core) }

    // MARK: Users

    private func userInfo(_ request: BrokerRequest, _ core: BrokerCore) {
        guard let session = request.publisher, let user = session.user, !request.reply.isEmpty else { return }
        answer(request, .object(UserReport.members(of: session, user, core)), core)
    }

    private func capabilities(_ request: BrokerRequest, _ core: BrokerCore) {
        guard let session = request.publisher, let user = session.user, !request.reply.isEmpty else { return }
        var members = UserReport.members(of: session, user, core)
        members += UserReport.details(of: session, user, core)
        do throws(CapabilityQuestions.Fault) {
            let questions = try CapabilityQuestions(parsing: request.payload)
            if !questions.isEmpty { members.append(.init("decisions", questions.answers(for: session))) }
            answer(request, .object(members), core)
        } catch {
            answer(request, error: ["code": 400, "description": .string(error.description)], core)
        }
    }

    // MARK: Accounts

    private func statistics(of spaces: [AccountSpace], _ request: BrokerRequest, _ core: BrokerCore) {
        let accounts = spaces.map { space -> WireJSON in
            let name = space.inForce?.account.claims.common.name ?? ""
            let sent = space.sent
            return [
                "acc": .string(space.key.text), "name": .string(name.isEmpty ? space.key.text : name),
                "conns": WireJSON(space.sessions.count), "leafnodes": 0,
                "total_conns": WireJSON(space.totalConnections),
                "num_subscriptions": WireJSON(space.subscriptionCount),
                "sent": Self.traffic(sent.messages, sent.bytes),
                "received": Self.traffic(space.counters.inMessages, space.counters.inBytes), "slow_consumers": 0,
            ]
        }
        answer(
            request,
            [
                "server_id": .string(core.identity.id), "now": .string(WallText.text(nanoseconds: core.host.wall)),
                "accounts": .array(accounts),
            ], core)
    }

    static func traffic(_ messages: UInt64, _ bytes: UInt64) -> WireJSON {
        ["msgs": WireJSON(messages), "bytes": WireJSON(bytes)]
    }

    private func connections(of space: AccountSpace, _ request: BrokerRequest, _ core: BrokerCore) {
        // An answer is one message: the first thousand, as the field does.
        let sessions = space.sessions.values.sorted { $0.id < $1.id }
        let listed = sessions.prefix(1024).map { session -> WireJSON in
            var members = SessionDetails.members(of: session, in: space, core: core)
            members.append(.init("subscriptions", WireJSON(session.subscriptions.count)))
            members.append(.init("pending_bytes", WireJSON(session.pending)))
            members.append(.init("in_msgs", WireJSON(session.counters.inMessages)))
            members.append(.init("out_msgs", WireJSON(session.counters.outMessages)))
            members.append(.init("in_bytes", WireJSON(session.counters.inBytes)))
            members.append(.init("out_bytes", WireJSON(session.counters.outBytes)))
            return .object(members)
        }
        answer(
            request,
            [
                "server_id": .string(core.identity.id), "now": .string(WallText.text(nanoseconds: core.host.wall)),
                "num_connections": WireJSON(listed.count), "total": WireJSON(sessions.count), "offset": 0,
                "limit": 1024, "connections": .array(Array(listed)),
            ], core)
    }

    private func accountInfo(_ space: AccountSpace, _ request: BrokerRequest, _ core: BrokerCore) {
        guard let inForce = space.inForce else { return }
        let common = inForce.account.claims.common
        answer(
            request,
            [
                "account_name": .string(space.key.text), "name_tag": .string(common.name),
                "issuer_key": .string(common.issuer.text), "jti": .string(common.id),
                "client_cnt": WireJSON(space.sessions.count), "sub_cnt": WireJSON(space.subscriptionCount),
                "is_system": .bool(space.isSystem), "imports": UserReport.imports(of: inForce),
            ], core)
    }

    private func serverStatistics(_ request: BrokerRequest, _ core: BrokerCore) {
        answer(
            request,
            [
                "start": .string(WallText.text(nanoseconds: core.started)), "cores": 1,
                "connections": WireJSON(core.sessions.count), "total_connections": WireJSON(core.counters.connections),
                "active_accounts": WireJSON(core.spaces.values.count { !$0.sessions.isEmpty }),
                "subscriptions": WireJSON(core.spaces.values.reduce(0) { $0 + $1.subscriptionCount }),
                "sent": Self.traffic(core.traffic.outMessages, core.traffic.outBytes),
                "received": Self.traffic(core.totals.inMessages, core.totals.inBytes),
                "slow_consumers": WireJSON(core.counters.slowConsumers),
            ], core)
    }
}

extension BrokerCore {
    /// What went through since the start.
    ///
    /// - Complexity: one step for each connection: what is sent is counted there.
    var traffic: TrafficCounters {
        var sum = totals
        for session in sessions.values {
            sum.outMessages &+= session.counters.outMessages
            sum.outBytes &+= session.counters.outBytes
        }
        return sum
    }
}

extension AccountSpace {
    /// What was sent to the account's clients since it is known here.
    ///
    /// - Complexity: one step for each connection.
    var sent: (messages: UInt64, bytes: UInt64) {
        sessions.values.reduce((counters.outMessages, counters.outBytes)) {
            ($0.0 &+ $1.counters.outMessages, $0.1 &+ $1.counters.outBytes)
        }
    }
}

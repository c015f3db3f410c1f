import NATSWire
import Subjects
import Trust

/// Tells the system account what happens: who comes and goes, who is turned away and by which rules, who tries what it
/// may not. Tells exporters how fast their services answer. No token is in any of it.
final class SystemEvents: BrokerObserver {
    private let services: SystemServices

    init(_ services: SystemServices) { self.services = services }

    private static let connectType = "io.nats.server.advisory.v1.client_connect"
    private static let disconnectType = "io.nats.server.advisory.v1.client_disconnect"
    private static let latencyType = "io.nats.server.metric.v1.service_latency"
    private static let violationType = "io.credence.advisory.v1.permission_violation"

    /// The system account's space, where somebody there listens.
    private func audience(in core: BrokerCore) -> AccountSpace? {
        guard let key = core.settings.trust.systemKey, let space = core.spaces[key], space.subscriptionCount > 0 else {
            return nil
        }
        return space
    }

    private func event(_ type: String, _ core: BrokerCore) -> [WireJSON.Member] {
        [
            .init("type", .string(type)), .init("id", .string(String(decoding: RandomText.base62(22), as: UTF8.self))),
            .init("timestamp", .string(WallText.text(nanoseconds: core.host.wall))),
        ]
    }

    private func tell(_ subject: String, _ members: [WireJSON.Member], _ space: AccountSpace, _ core: BrokerCore) {
        guard let subject = try? Subject(subject) else { return }
        core.publish(WireJSON.object(members).utf8, on: subject, in: space)
    }

    // MARK: Connections

    func connected(_ session: Session, in core: BrokerCore) {
        guard let system = audience(in: core), let space = session.space else { return }
        var members = event(Self.connectType, core)
        members.append(.init("server", services.server(core)))
        members.append(.init("client", .object(SessionDetails.members(of: session, in: space, core: core))))
        tell("$SYS.ACCOUNT.\(space.key.text).CONNECT", members, system, core)
        tellConnections(of: space, system, core)
    }

    func disconnected(_ session: Session, _ reason: ClosingReason, in core: BrokerCore) {
        guard let system = audience(in: core), let space = session.space else { return }
        var members = event(Self.disconnectType, core)
        members.append(.init("server", services.server(core)))
        var client = SessionDetails.members(of: session, in: space, core: core)
        client.append(.init("stop", .string(WallText.text(nanoseconds: core.host.wall))))
        members.append(.init("client", .object(client)))
        let counters = session.counters
        members.append(.init("sent", SystemServices.traffic(counters.outMessages, counters.outBytes)))
        members.append(.init("received", SystemServices.traffic(counters.inMessages, counters.inBytes)))
        members.append(.init("reason", .string(reason.reason)))
        tell("$SYS.ACCOUNT.\(space.key.text).DISCONNECT", members, system, core)
        tellConnections(of: space, system, core, leaving: 1)
    }

    private func tellConnections(
        of space: AccountSpace, _ system: AccountSpace, _ core: BrokerCore, leaving: Int = 0
    ) {
        let count = max(0, space.sessions.count - leaving)
        let members: [WireJSON.Member] = [
            .init("server", services.server(core)), .init("acc", .string(space.key.text)),
            .init("conns", WireJSON(count)),
            .init("leafnodes", 0), .init("total_conns", WireJSON(count)),
        ]
        tell("$SYS.ACCOUNT.\(space.key.text).SERVER.CONNS", members, system, core)
        tell("$SYS.SERVER.ACCOUNT.\(space.key.text).CONNS", members, system, core)
    }

    func refused(_ session: Session, _ rules: [Finding], in core: BrokerCore) {
        guard let system = audience(in: core) else { return }
        var members = event(Self.disconnectType, core)
        members.append(.init("server", services.server(core)))
        var client: [WireJSON.Member] = [
            .init("start", .string(WallText.text(session.started))), .init("host", .string(session.peer.host)),
            .init("id", WireJSON(session.id)), .init("acc", "$G"),
        ]
        // What it said of itself, of which nothing is proved.
        let options = session.options
        let claims = [
            ("user", BrokerCore.claimedUser(of: session) ?? ""), ("name", options.name), ("lang", options.language),
            ("ver", options.version),
        ]
        for (name, value) in claims where !value.isEmpty { client.append(.init(name, .string(value))) }
        client += [.init("kind", "Client"), .init("client_type", "nats")]
        members.append(.init("client", .object(client)))
        members.append(.init("reason", .string(ClosingReason.authenticationFailure.reason)))
        members.append(.init("failures", UserReport.findings(rules)))
        tell("$SYS.SERVER.\(core.identity.id).CLIENT.AUTH.ERR", members, system, core)
    }

    // MARK: Decisions

    func violated(_ session: Session, _ record: DecisionRecord, in core: BrokerCore) {
        guard let system = audience(in: core), let space = session.space else { return }
        var members = event(Self.violationType, core)
        members.append(.init("server", services.server(core)))
        members.append(.init("client", .object(SessionDetails.members(of: session, in: space, core: core))))
        members.append(.init("operation", .string(record.operation.rawValue)))
        members.append(.init("subject", .string(record.subject)))
        if let queue = record.queue { members.append(.init("queue", .string(queue))) }
        if let message = record.cause?.message ?? record.note { members.append(.init("because", .string(message))) }
        members.append(.init("user_jti", .string(record.userToken)))
        members.append(.init("account_jti", .string(record.accountToken)))
        tell("$SYS.ACCOUNT.\(space.key.text).PERMISSION.VIOLATION", members, system, core)
    }

    // MARK: Services

    func measured(_ measurement: LatencyMeasurement, _ outcome: LatencyOutcome, in core: BrokerCore) {
        var members = event(Self.latencyType, core)
        let (status, description, responder): (Int, String?, Session?) =
            switch outcome {
            case .answered(let responder): (200, nil, responder)
            case .badRequest: (400, "Bad Request", nil)
            case .requestorGone: (408, "Request Timeout", nil)
            case .noResponders: (503, "Service Unavailable", nil)
            case .timedOut: (504, "Service Timeout", nil)
            }
        members.append(.init("status", WireJSON(status)))
        if let description { members.append(.init("description", .string(description))) }
        let sharing = measurement.binding.import.share
        members.append(.init("requestor", .object(requestor(of: measurement, isSharing: sharing, core))))
        if let responder, let space = responder.space {
            members.append(
                .init("responder", .object(SessionDetails.members(of: responder, in: space, core: core))))
        }
        if !measurement.trigger.isEmpty {
            members.append(
                .init("header", .object(measurement.trigger.map { .init($0.name, [.string($0.value)]) })))
        }
        let total = core.now &- measurement.started
        let trips = (measurement.requestor?.roundTrip ?? 0) &+ (responder?.roundTrip ?? 0)
        members += [
            .init("start", .string(WallText.text(nanoseconds: measurement.start))),
            .init("service", WireJSON(total > trips ? total &- trips : total)), .init("system", 0),
            .init("total", WireJSON(total)),
        ]
        core.publish(WireJSON.object(members).utf8, on: measurement.results, in: measurement.exporter)
    }

    private func requestor(
        of measurement: LatencyMeasurement, isSharing: Bool, _ core: BrokerCore
    ) -> [WireJSON.Member] {
        guard let requestor = measurement.requestor, let space = requestor.space else { return [] }
        if isSharing { return SessionDetails.members(of: requestor, in: space, core: core) }
        return [
            .init("acc", .string(measurement.binding.importer.text)),
            .init("rtt", WireJSON(requestor.roundTrip ?? 0)),
        ]
    }
}

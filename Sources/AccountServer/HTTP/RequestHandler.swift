import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NKeys
import Trust

/// Answers requests: finds the resource, asks who may, reads a body only of whoever may send one, and writes what came of
/// it into log and metrics.
struct RequestHandler: Sendable {
    /// What is to be done about a request, as far as its head tells.
    enum Plan: Sendable {
        case answer(HTTPAnswer)
        /// Somebody is turned away from an upload: a journal is told.
        case turnAway(HTTPAnswer, Rule, path: String)
        /// There is more to do than look something up.
        case perform(@Sendable () async -> HTTPAnswer)
        /// The body is one token, of at most so many bytes.
        case token(path: String, @Sendable ([UInt8]) async -> HTTPAnswer)
        /// The body is a pack.
        case pack
        /// The body is a form.
        case form(@Sendable ([UInt8]) async -> HTTPAnswer)
    }

    /// A request as far as its head was judged.
    struct Call: Sendable {
        let target: RequestTarget
        let verb: Route.Verb
        let parameters: [Route.Parameter: String]
        let caller: Caller
        let fields: HTTPFields

        func has(_ parameter: Route.Parameter) -> Bool { parameters[parameter] == "true" }
    }

    let service: any AccountServing
    let issuing: (any TokenIssuing)?
    let settings: HTTPSettings
    let gate: AccessGate
    let clock: ServerClock
    let metrics: RequestMetrics
    let registry: PrometheusRegistry
    let identifiers = RequestIdentifiers()
    let drain: ServerDrain
    let date: HTTPDate
    let logger: Logger

    /// Answers one request of a connection.
    ///
    /// - Throws: when the answer cannot be written; the connection is of no use then.
    func answer(_ request: Request, from peer: ConnectionPeer, with writer: consuming ResponseWriter) async throws {
        let start = clock.uptime()
        let target = RequestTarget(request.head.path ?? "")
        let verb = Route.Verb(rawValue: request.method.rawValue)
        let identity = gate.identity(of: request.headers, on: peer)
        let plan = plan(request, target, verb, identity, peer)
        let caller = Caller(name: identity.name, address: peer.address.text)
        var answer: HTTPAnswer
        switch plan {
        case .answer(let made): answer = made
        case .perform(let perform): answer = await perform()
        case .turnAway(let made, let rule, let path):
            await service.turnedAway(caller, path: path, by: rule)
            answer = made
        case .token(let path, let judge):
            let body = TokenBody(request, limit: settings.tokenBytes)
            if body.isTooLarge {
                answer = await tooLarge(caller, path: path)
            } else {
                if body.expectsContinue { try await writer.writeInformationalHead(.init(status: .continue)) }
                switch await body.read() {
                case .whole(let token): answer = await judge(token)
                case .tooLarge: answer = await tooLarge(caller, path: path)
                case .broken: answer = .refusal(.form)
                }
            }
        case .pack:
            let intake = PackIntake(request, caller: caller, service: service, settings: settings)
            if intake.isTooLarge {
                answer = await tooLarge(caller, path: "")
            } else {
                if intake.expectsContinue { try await writer.writeInformationalHead(.init(status: .continue)) }
                answer = await intake.take()
            }
        case .form(let judge):
            let body = TokenBody(request, limit: settings.formBytes)
            if body.isTooLarge {
                answer = await issueRoutes.refuseBody(isTooLarge: true, caller)
            } else {
                if body.expectsContinue { try await writer.writeInformationalHead(.init(status: .continue)) }
                switch await body.read() {
                case .whole(let form): answer = await judge(form)
                case .tooLarge: answer = await issueRoutes.refuseBody(isTooLarge: true, caller)
                case .broken: answer = await issueRoutes.refuseBody(isTooLarge: false, caller)
                }
            }
        }
        if target?.route == .token, !answer.failures.isEmpty { answer = answer.asTokenError }
        let identifier = identifiers.next()
        answer.fields[.requestID] = identifier
        answer.fields[.date] = date.text
        try await write(answer, to: request.method, with: writer)
        record(
            answer, identifier: identifier, target: target, verb: verb, caller: caller,
            nanoseconds: clock.uptime() &- start)
    }

    private func tooLarge(_ caller: Caller, path: String) async -> HTTPAnswer {
        await service.turnedAway(caller, path: path, by: .tokenSize)
        let message = "the body is larger than the limit of \(settings.tokenBytes) bytes"
        return .refusal(.contentTooLarge, [.init(rule: .tokenSize, at: "", message)])
    }

    /// Everything that a head tells, in the order in which it is asked: form, who, how often, who may, what.
    private func plan(
        _ request: Request, _ target: RequestTarget?, _ verb: Route.Verb?, _ identity: AccessGate.Identity,
        _ peer: ConnectionPeer
    ) -> Plan {
        guard let target else { return .answer(.refusal(.resource)) }
        if target.route == .health, verb == .get || verb == .head, target.query == nil {
            return .answer(OperationRoutes.health)
        }
        guard let verb, let known = target.route.parameters[verb] else {
            var answer = HTTPAnswer.refusal(.method)
            answer.fields[.allow] = target.route.allowed
            return .answer(answer)
        }
        let action = Self.action(of: target.route, verb)
        if let answer = gate.ration(action, identity, on: peer) { return .answer(answer) }
        guard let parameters = target.parameters(known: known) else {
            return .answer(.refusal(.query, at: "query"))
        }
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            return .answer(.refusal(.encoding, at: "content-encoding"))
        }
        if let expectation = request.headers[.expect], expectation.lowercased() != "100-continue" {
            return .answer(.refusal(.expectation, at: "expect"))
        }
        let announces = parameters[.notify] == "true"
        if let turn = gate.turn(announces ? .upload : action, identity, on: peer) {
            if action.isChange, let rule = turn.rule { return .turnAway(turn.answer, rule, path: target.argument) }
            return .answer(turn.answer)
        }
        if action == .exchange, !gate.isProtected(peer) {
            return issueRoutes.refuseTransport(Caller(name: identity.name, address: peer.address.text))
        }
        if announces, let answer = gate.ration(.upload, identity, on: peer) { return .answer(answer) }
        let caller = Caller(name: identity.name, address: peer.address.text)
        let call = Call(
            target: target, verb: verb, parameters: parameters, caller: caller, fields: request.headers)
        return route(call)
    }

    private static func action(of route: Route, _ verb: Route.Verb) -> AccessPolicy.Action {
        switch (route, verb) {
        case (.operator, .post): .operator
        case (_, .delete): .delete
        case (.token, _): .exchange
        case (_, .post): .upload
        case (.pack, _): .list
        case (.metrics, _): .metrics
        default: .read
        }
    }

    private func route(_ call: Call) -> Plan {
        switch call.target.route {
        case .accounts, .health, .ready, .metrics, .help, .openAPI:
            OperationRoutes(service: service, registry: registry, drain: drain).plan(call)
        case .account: AccountRoutes(service: service, settings: settings, clock: clock).plan(call)
        case .operator, .activations, .activation:
            TokenRoutes(service: service, settings: settings, clock: clock).plan(call)
        case .pack: PackRoutes(service: service, settings: settings, metrics: metrics).plan(call)
        case .token, .audiences: issueRoutes.plan(call)
        }
    }

    private var issueRoutes: IssueRoutes {
        IssueRoutes(
            issuing: issuing, service: service, settings: settings, clock: clock, metrics: metrics, logger: logger)
    }

    private func write(
        _ answer: HTTPAnswer, to method: HTTPRequest.Method, with writer: consuming ResponseWriter
    ) async throws {
        var head = HTTPResponse(status: answer.status, headerFields: answer.fields)
        switch answer.body {
        case .none:
            if answer.status != .notModified { head.headerFields[.contentLength] = "0" }
            try await writer.writeResponse(head)
        case .bytes(let bytes):
            head.headerFields[.contentLength] = "\(bytes.readableBytes)"
            if method == .head { return try await writer.writeResponse(head) }
            try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
        case .pieces(let write):
            if method == .head { return try await writer.writeResponse(head) }
            var body: any ResponseBodyWriter = try await writer.writeHead(head)
            try await write(&body)
            try await body.finish(nil)
        }
    }

    private func record(
        _ answer: HTTPAnswer, identifier: String, target: RequestTarget?, verb: Route.Verb?, caller: Caller,
        nanoseconds: UInt64
    ) {
        let status = answer.status.code
        metrics.answered(target?.route, verb, status: status, nanoseconds: nanoseconds)
        for rule in answer.rules { metrics.refused(rule) }
        let isChange = verb == .post || verb == .delete
        let level: Logger.Level = status >= 500 ? .error : isChange || status >= 400 ? .info : .debug
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "request": "\(identifier)", "method": "\(verb?.rawValue ?? "other")",
            "route": "\(target?.route.rawValue ?? "other")", "status": "\(status)", "caller": "\(caller.text)",
            "microseconds": "\(nanoseconds / 1000)",
        ]
        if !answer.rules.isEmpty { metadata["rules"] = "\(answer.rules.joined(separator: " "))" }
        // A key is no secret; anything else in its place may be one.
        if target?.route == .account, let key = target.flatMap({ try? PublicKey($0.argument, role: .account) }) {
            metadata["account"] = "\(key.text)"
        }
        logger.log(level: level, "answered", metadata: metadata)
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("x-request-id") ?? .server
}

import NKeys
import Synchronization
import Trust

/// Answers requests of servers: bytes in, bytes out. It opens no connection by itself; what its verifier fetches and where
/// its accounts come from takes time, which is bounded.
///
///     request -> opened, judged (T, Q) -> the client's token judged (F) -> a role (X) -> a user signed (T, C)
///             -> the answer signed, sealed
///
/// Whatever is at fault, down or slow ends in a refusal, and none of it is told to the client.
public struct CalloutJudge: Sendable {
    /// What it judges with.
    public let settings: CalloutSettings

    /// A judge with these settings.
    public init(_ settings: CalloutSettings) { self.settings = settings }

    /// What a server is told when no reason is given.
    public static let refusalText = "not authorised"

    /// Answers a request, at the latest when the time for judgements is over.
    ///
    /// - Parameters:
    ///   - payload: what the server sent.
    ///   - serverKey: the header `Nats-Server-Xkey`; nil when there was none.
    ///   - clock: the time of day, which is asked twice: the answer may come too late.
    public func answer(
        _ payload: [UInt8], serverKey: String?, clock: @escaping @Sendable () -> UnixTime
    ) async -> CalloutAnswer {
        switch CalloutRequest.judge(payload, serverKey: serverKey, by: settings, at: clock()) {
        case .failure(let refusal):
            // Nobody that is known asked: there is nobody to answer.
            return CalloutAnswer(payload: nil, outcome: .refused(refusal.failures), question: nil)
        case .success(let request):
            let judged = await withinLimit(settings.timeLimit) { await judge(request, clock) }
            let late = IdentityRefusal(
                .authorizationTime, at: "",
                "there was no verdict within \(settings.timeLimit): an issuer is down or slow")
            var outcome = judged ?? .failure(late)
            if case .success = outcome, clock() >= request.expires {
                outcome = .failure(
                    IdentityRefusal(.authorizationTime, at: "request.exp", "the server does not wait any more"))
            }
            return answer(request, outcome, at: clock())
        }
    }

    /// Refuses a request without judging the client: there are too many judgements already.
    public func refuseBusy(_ payload: [UInt8], serverKey: String?, at now: UnixTime) -> CalloutAnswer {
        switch CalloutRequest.judge(payload, serverKey: serverKey, by: settings, at: now) {
        case .failure(let refusal):
            return CalloutAnswer(payload: nil, outcome: .refused(refusal.failures), question: nil)
        case .success(let request):
            let busy = IdentityRefusal(
                .authorizationTime, at: "", "as many judgements as are allowed at once are under way")
            return answer(request, .failure(busy), at: now)
        }
    }

    // MARK: Whom the client is

    private typealias Verdict = Result<(user: VerifiedToken<UserClaims>, granted: GrantedUser), IdentityRefusal>

    private func judge(_ request: CalloutRequest, _ clock: @Sendable () -> UnixTime) async -> Verdict {
        let options = request.claims.connectOptions
        let foreign = options.authToken.isEmpty ? options.password : options.authToken
        if !foreign.isEmpty { return await judge(foreign, for: request.claims.userKey, clock) }
        if let names = settings.userTokenNames, let accounts = settings.accounts, !options.token.isEmpty {
            return await judgeShown(
                request, by: ShownUserJudge(settings: settings, accounts: accounts, names: names), clock)
        }
        return .failure(
            IdentityRefusal(
                .authorizationCredential, at: "connect_opts", "the client shows no token, as `auth_token` or as `pass`")
        )
    }

    private func judge(_ token: String, for user: PublicKey, _ clock: @Sendable () -> UnixTime) async -> Verdict {
        let verified: VerifiedForeignToken
        switch await settings.verifier.verify(token, at: clock()) {
        case .accepted(let token, _): verified = token
        case .refused(let refusal): return .failure(refusal)
        }
        let grant: RoleGrant
        switch settings.roles.grant(verified, for: settings.audience) {
        case .accepted(let given, _): grant = given
        case .refused(let refusal): return .failure(refusal)
        }
        let now = clock()
        var order = grant.order(for: user, at: now, atMost: settings.maximumLifetime)
        switch (order.target, settings.accounts) {
        case (.account, nil), (.named, .some):
            return .failure(
                IdentityRefusal(
                    .exchangeUnavailable, at: "",
                    "role `\(grant.role.name)` is for servers \(settings.accounts == nil ? "with" : "without") operator"
                ))
        case (.account, .some): order.audience = settings.audience?.text
        case (.named, nil): break
        }
        return await issue(order, role: grant.role.name, at: now)
    }

    private func judgeShown(
        _ request: CalloutRequest, by judge: ShownUserJudge, _ clock: @Sendable () -> UnixTime
    ) async -> Verdict {
        let now = clock()
        switch await judge.judge(request, at: now) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let shown):
            let verdict = await issue(shown.order, role: nil, at: now)
            if case .success(let issued) = verdict,
                let refusal = ShownUserJudge.difference(issued.user, from: shown, at: now)
            {
                return .failure(refusal)
            }
            return verdict
        }
    }

    private func issue(_ order: UserOrder, role: String?, at now: UnixTime) async -> Verdict {
        switch await settings.issuer.issue(order, at: now) {
        case .accepted(let user, _):
            let granted = GrantedUser(
                role: role, name: order.name, target: order.target, expires: order.expires,
                tokenID: user.claims.common.id)
            return .success((user, granted))
        case .refused(let refusal): return .failure(refusal)
        }
    }

    // MARK: The answer

    private func answer(_ request: CalloutRequest, _ verdict: Verdict, at now: UnixTime) -> CalloutAnswer {
        let question = CalloutQuestion(request.claims)
        switch verdict {
        case .success(let (user, granted)):
            guard let payload = response(request, token: user.text, error: "", at: now) else {
                return unanswered(question)
            }
            return CalloutAnswer(payload: payload, outcome: .granted(granted), question: question)
        case .failure(let refusal):
            let reasons = refusal.failures.map { "\($0.code) \($0.message)" }.joined(separator: "; ")
            let error = settings.reasons == .told ? reasons : Self.refusalText
            return CalloutAnswer(
                payload: response(request, token: "", error: error, at: now), outcome: .refused(refusal.failures),
                question: question)
        }
    }

    private func unanswered(_ question: CalloutQuestion) -> CalloutAnswer {
        let finding = IdentityFinding(.exchangeUnavailable, at: "", "the answer could not be signed or sealed")
        return CalloutAnswer(payload: nil, outcome: .refused([finding]), question: question)
    }

    /// Signs an answer, and seals it where the request was sealed; nil when that cannot be done, so that the server refuses.
    private func response(_ request: CalloutRequest, token: String, error: String, at now: UnixTime) -> [UInt8]? {
        let signer = settings.signer
        let claims = AuthorizationResponseClaims(
            common: CommonClaims(
                issuer: signer.key, subject: request.claims.userKey, audience: request.claims.common.issuer.text,
                expires: max(request.expires, now.advanced(by: 1))),
            token: token, error: error, issuerAccount: signer.key == settings.account ? nil : settings.account)
        guard let signed = try? signer.sign(claims, at: now) else { return nil }
        let text = Array(signed.text.utf8)
        guard let recipient = request.sealedTo else { return text }
        return try? settings.sealing?.seal(text, to: recipient)
    }
}

/// The value, or nil when it takes longer. What takes longer is cancelled, and not waited for.
private func withinLimit<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
    let (values, feed) = AsyncStream.makeStream(of: Value?.self, bufferingPolicy: .bufferingOldest(1))
    let work = Task { feed.yield(await operation()) }
    let timer = Task {
        // When the wait is cancelled there is a value already.
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        feed.yield(nil)
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    for await value in values { return value }
    return nil
}

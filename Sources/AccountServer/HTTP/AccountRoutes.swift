import HTTPTypes
import NIOCore
import NKeys
import Trust

/// `/jwt/v1/accounts/{key}`: one account's token.
struct AccountRoutes: Sendable {
    let service: any AccountServing
    let settings: HTTPSettings
    let clock: ServerClock

    func plan(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        if call.parameters[.jti] != nil { return .answer(.refusal(.withdrawn, at: "query.jti")) }
        guard let key = try? PublicKey(call.target.argument, role: .account) else { return strange(call) }
        let service = service
        switch call.verb {
        case .get, .head: return read(key, call)
        case .post:
            let purpose: Upload.Purpose = call.has(.dryRun) ? .dryRun : .store
            return .token(path: key.text) { token in
                let upload = Upload(path: key.text, token: token, caller: call.caller, purpose: purpose)
                return UploadAnswers.answer(await service.upload(upload)) {
                    if purpose == .dryRun { $0.member("dry_run", true) }
                }
            }
        case .delete:
            return .token(path: key.text) { token in
                UploadAnswers.answer(await service.delete(key.text, by: token, caller: call.caller))
            }
        }
    }

    /// What stands in the place of a key and is none.
    private func strange(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        let message = "the path does not end in an account's public key"
        let line = HTTPAnswer.Line(rule: .uploadPath, at: "path", message)
        switch call.verb {
        case .get, .head: return .answer(.refusal(.notFound, [line]))
        case .post, .delete:
            return .turnAway(.refusal(.badRequest, [line]), .uploadPath, path: Self.shown(call.target.argument))
        }
    }

    /// What a journal may hold of a path: 64 bytes of it, all of them printable.
    private static func shown(_ path: String) -> String {
        String(decoding: path.utf8.prefix(64).map { (0x21...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }

    private func read(_ key: PublicKey, _ call: RequestHandler.Call) -> RequestHandler.Plan {
        guard let account = service.account(for: key) else {
            return .answer(.refusal(.notFound, [.init(Finding(.accountUnknown, at: "path", .accountNotKnown(key)))]))
        }
        let now = clock.now()
        if call.has(.check), let expires = account.expires, expires <= now {
            return .answer(
                .refusal(.notFound, [.init(Finding(.tokenExpired, at: "exp", .expired(at: expires, now: now)))]))
        }
        guard call.has(.notify) else { return .answer(answer(account, call, now)) }
        let service = service
        return .perform {
            do throws(DistributionFault) {
                try await service.announce(account)
            } catch {
                return .refusal(.unavailable, at: "query.notify", "the servers could not be told: try again later")
            }
            return answer(account, call, now)
        }
    }

    private func answer(_ account: KeptAccount, _ call: RequestHandler.Call, _ now: UnixTime) -> HTTPAnswer {
        let tag = EntityTag.of(identifier: account.identifier, token: account.token)
        var answer: HTTPAnswer
        if let condition = call.fields[.ifNoneMatch], EntityTag.isNamed(tag, in: condition) {
            answer = HTTPAnswer(.notModified)
        } else {
            answer = TokenText.answer(account.token, call, now)
        }
        answer.fields[.eTag] = tag
        answer.fields[.cacheControl] = cacheControl(account.expires, now)
        return answer
    }

    /// For how long the answer may be kept: until the token expires, and never longer than the settings say.
    private func cacheControl(_ expires: UnixTime?, _ now: UnixTime) -> String {
        let scope = settings.access.audience(of: .read) == .named ? "private" : "public"
        var seconds = max(0, settings.cacheSeconds)
        if let expires { seconds = max(0, min(seconds, expires.seconds - now.seconds)) }
        return "\(scope), max-age=\(seconds), must-revalidate"
    }
}

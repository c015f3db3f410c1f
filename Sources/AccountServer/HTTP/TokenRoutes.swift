import HTTPTypes
import NKeys
import Trust

/// `/jwt/v1/operator` and `/jwt/v1/activations`: tokens that are no account's.
struct TokenRoutes: Sendable {
    let service: any AccountServing
    let settings: HTTPSettings
    let clock: ServerClock

    func plan(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        let service = service
        switch (call.target.route, call.verb) {
        case (.operator, .post):
            return .token(path: "operator") { token in
                UploadAnswers.answer(await service.uploadOperator(token, by: call.caller))
            }
        case (.operator, _): return .answer(answer(Array(service.operatorToken.utf8), call))
        case (.activations, _):
            return .token(path: "activations") { token in
                let (answer, hash) = await service.uploadActivation(token, by: call.caller)
                return UploadAnswers.answer(answer) { if let hash { $0.member("hash", hash) } }
            }
        default:
            guard RequestTarget.isActivationHash(call.target.argument),
                let token = service.activation(for: call.target.argument)
            else { return .answer(.refusal(.resource, at: "path", "there is no such activation")) }
            return .answer(answer(Array(token.utf8), call))
        }
    }

    private func answer(_ token: [UInt8], _ call: RequestHandler.Call) -> HTTPAnswer {
        let tag = EntityTag.of(identifier: "", token: token)
        var answer: HTTPAnswer
        if let condition = call.fields[.ifNoneMatch], EntityTag.isNamed(tag, in: condition) {
            answer = HTTPAnswer(.notModified)
        } else {
            answer = TokenText.answer(token, call, clock.now())
        }
        answer.fields[.eTag] = tag
        answer.fields[.cacheControl] = "no-cache"
        return answer
    }
}

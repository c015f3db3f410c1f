import HTTPTypes
import Logging
import NIOCore
import Trust

/// `/oauth2/token` and `/.well-known/credence-audiences`: tokens for tokens (RFC 8693), and whom they are for.
struct IssueRoutes: Sendable {
    let issuing: (any TokenIssuing)?
    let service: any AccountServing
    let settings: HTTPSettings
    let clock: ServerClock
    let metrics: RequestMetrics
    let logger: Logger

    static let requestRule = "X-request"
    static let transportRule = "X-transport"

    func plan(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        guard let issuing else {
            return .answer(.refusal(.resource, at: "path", "this server was not told to issue tokens"))
        }
        if call.target.route == .audiences { return .answer(audiences(issuing.audiences, call)) }
        guard Self.isForm(call.fields[.contentType]) else {
            let line = HTTPAnswer.Line(
                code: Self.requestRule, at: "content-type", "the body has to be `application/x-www-form-urlencoded`")
            return refuse(.init(error: "invalid_request", failures: [line.said]), call.caller)
        }
        return .form { form in await answer(await issuing.issue(form: form), call.caller) }
    }

    /// Somebody who comes over plain HTTP from elsewhere is refused before the form is read: what it holds has been seen
    /// by others by then, and is not to be sent again so.
    func refuseTransport(_ caller: Caller) -> RequestHandler.Plan {
        let line = TokenIssue.Line(
            rule: Self.transportRule, at: "", message: "tokens are exchanged over TLS only: do not use this one again")
        return refuse(.init(error: "invalid_request", failures: [line]), caller, status: .forbidden)
    }

    /// A body that is too large, or broke off.
    func refuseBody(isTooLarge: Bool, _ caller: Caller) async -> HTTPAnswer {
        let message =
            isTooLarge ? "the form is larger than the limit of \(settings.formBytes) bytes" : "the form broke off"
        let line = TokenIssue.Line(rule: Self.requestRule, at: "body", message: message)
        return await answer(
            .init(error: "invalid_request", failures: [line]), caller,
            status: isTooLarge ? .contentTooLarge : .badRequest)
    }

    private func refuse(
        _ refusal: TokenIssue.Refused, _ caller: Caller, status: HTTPResponse.Status? = nil
    ) -> RequestHandler.Plan {
        .perform { await answer(refusal, caller, status: status) }
    }

    private static func isForm(_ type: String?) -> Bool {
        guard let type else { return false }
        let name = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        return name.lowercased() == "application/x-www-form-urlencoded"
    }

    // MARK: Answers

    private func answer(_ issue: TokenIssue, _ caller: Caller) async -> HTTPAnswer {
        switch issue {
        case .refused(let refusal): return await answer(refusal, caller)
        case .issued(let issued):
            // Of the token, all but the signature is kept: who got what can be read there, and nothing can be used.
            let unsigned = issued.token.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(issued.token[...$0]) } ?? ""
            do throws(JournalFault) {
                try await service.record(draft(.issued, [], issued.party, caller, token: unsigned))
            } catch {
                metrics.exchanged(.failed, rule: "")
                return tokenError(.init(code: 503), "temporarily_unavailable", [.init(.unavailable)])
            }
            metrics.exchanged(.issued, rule: "")
            logger.info(
                "a token was issued",
                metadata: [
                    "caller": "\(caller.text)", "account": "\(issued.party.account)", "role": "\(issued.party.role)",
                ])
            var answer = HTTPAnswer(.ok) {
                $0.member("access_token", issued.token)
                $0.member("issued_token_type", "urn:ietf:params:oauth:token-type:jwt")
                // RFC 8693, section 2.2.1: not an access token, but a token that logs in to servers with a key.
                $0.member("token_type", "N_A")
                $0.member("expires_in", issued.lifetime)
                $0.member("scope", issued.scope)
                if !issued.warnings.isEmpty { $0.lines("warnings", issued.warnings.map(HTTPAnswer.Line.init)) }
            }
            answer.fields[.pragma] = "no-cache"
            return answer
        }
    }

    private func answer(
        _ refusal: TokenIssue.Refused, _ caller: Caller, status: HTTPResponse.Status? = nil
    ) async -> HTTPAnswer {
        var codes: [String] = []
        for line in refusal.failures where !codes.contains(line.rule) { codes.append(line.rule) }
        metrics.exchanged(.refused, rule: codes.first ?? "")
        logger.info(
            "a token was refused",
            metadata: [
                "caller": "\(caller.text)", "account": "\(refusal.party.account)", "role": "\(refusal.party.role)",
                "rules": "\(codes.joined(separator: " "))",
            ])
        // Refused is refused, also where it cannot be written down.
        do throws(JournalFault) {
            try await service.record(draft(.refused, codes, refusal.party, caller, token: ""))
        } catch {
            logger.error("a refused exchange is not in the journal", metadata: ["fault": "\(error)"])
        }
        return tokenError(
            status ?? .init(code: refusal.isPassing ? 503 : 400), refusal.error,
            refusal.failures.map(HTTPAnswer.Line.init), warnings: refusal.warnings.map(HTTPAnswer.Line.init))
    }

    private func tokenError(
        _ status: HTTPResponse.Status, _ error: String, _ lines: [HTTPAnswer.Line], warnings: [HTTPAnswer.Line] = []
    ) -> HTTPAnswer {
        var answer = HTTPAnswer.tokenError(status, error, lines, warnings: warnings)
        if status.code == 503 { answer.fields[.retryAfter] = "5" }
        return answer
    }

    private func draft(
        _ outcome: JournalEntry.Outcome, _ codes: [String], _ party: TokenIssue.Party, _ caller: Caller, token: String
    ) -> JournalDraft {
        JournalDraft(
            time: clock.now(), caller: caller.text,
            account: String(decoding: party.account.utf8.prefix(64), as: UTF8.self), outcome: outcome, codes: codes,
            token: token)
    }

    private func audiences(_ json: [UInt8], _ call: RequestHandler.Call) -> HTTPAnswer {
        let tag = EntityTag.of(identifier: "", token: json)
        var answer: HTTPAnswer
        if let condition = call.fields[.ifNoneMatch], EntityTag.isNamed(tag, in: condition) {
            answer = HTTPAnswer(.notModified)
        } else {
            answer = HTTPAnswer(.ok, "application/json", ByteBuffer(bytes: json + [0x0a]))
        }
        let scope = settings.access.audience(of: .read) == .named ? "private" : "public"
        answer.fields[.eTag] = tag
        answer.fields[.cacheControl] = "\(scope), max-age=\(max(0, settings.cacheSeconds)), must-revalidate"
        return answer
    }
}

extension HTTPAnswer {
    /// A refusal as clients of OAuth read them (RFC 6749, section 5.2), which every other reader can read as well.
    static func tokenError(
        _ status: HTTPResponse.Status, _ error: String, _ failures: [Line], warnings: [Line] = []
    ) -> HTTPAnswer {
        var answer = HTTPAnswer(status) {
            $0.member("error", error)
            $0.member("error_description", described(failures.first?.message ?? "the request was refused"))
            $0.refusal(failures, warnings)
        }
        answer.fields[.pragma] = "no-cache"
        answer.rules = failures.map(\.rule)
        return answer
    }

    /// The same refusal, said as the token endpoint says refusals.
    var asTokenError: HTTPAnswer {
        let error =
            switch status.code {
            case 401: "invalid_client"
            case 429, 500...: "temporarily_unavailable"
            default: "invalid_request"
            }
        var answer = HTTPAnswer.tokenError(status, error, failures)
        for field in fields where answer.fields[field.name] == nil { answer.fields.append(field) }
        return answer
    }

    /// A message in the characters that `error_description` may have.
    private static func described(_ message: String) -> String {
        String(
            decoding: message.utf8.map { $0 < 0x20 || $0 > 0x7e || $0 == 0x22 || $0 == 0x5c ? 0x3f : $0 }, as: UTF8.self
        )
    }
}

extension HTTPAnswer.Line {
    init(_ line: TokenIssue.Line) { self.init(code: line.rule, at: line.at, line.message) }

    fileprivate var said: TokenIssue.Line { .init(rule: rule, at: at, message: message) }
}

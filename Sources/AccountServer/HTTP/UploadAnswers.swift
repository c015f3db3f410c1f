import HTTPTypes
import Trust

/// What became of uploads, as HTTP says it.
enum UploadAnswers {
    /// The answer to one upload. `members` adds members of its own to an acceptance.
    static func answer(
        _ answer: UploadAnswer, members: (inout JSONWriter) -> Void = { _ in }
    ) -> HTTPAnswer {
        switch answer {
        case .accepted(let acceptance):
            return HTTPAnswer(.ok) {
                $0.acceptance(acceptance)
                members(&$0)
            }
        case .refused(let refusal):
            return .refusal(
                status(of: refusal), refusal.failures.map { .init($0) }, warnings: refusal.warnings.map { .init($0) })
        case .pending(let reasons):
            return HTTPAnswer(.accepted) {
                $0.member("accepted", false)
                $0.member("pending", reasons)
                $0.refusal([], [])
            }
        case .failed: return .refusal(.unavailable)
        }
    }

    /// What is refused for its size, for who brings it, or for what was stored meanwhile says so by its status.
    static func status(of refusal: Refusal) -> HTTPResponse.Status {
        let rules = Set(refusal.failures.map(\.rule))
        if rules.contains(.tokenSize) { return .contentTooLarge }
        if rules.contains(.uploadDenied) || rules.contains(.uploadReadOnly) { return .forbidden }
        if rules.contains(.uploadStale) { return .conflict }
        return .badRequest
    }
}

extension JSONWriter {
    /// The members of an acceptance.
    mutating func acceptance(_ acceptance: UploadAnswer.Acceptance) {
        member("accepted", true)
        refusal([], acceptance.warnings.map { .init($0) })
        list("dependents") { list in
            for dependent in acceptance.dependents {
                list.object {
                    $0.member("account", dependent.account.text)
                    $0.member("import", dependent.index)
                    $0.member("change", dependent.change.rawValue)
                }
            }
        }
        // The token itself is what a reading of the account answers.
        if acceptance.resigned != nil { member("resigned", true) }
    }

    /// What became of one line of a pack.
    mutating func outcome(_ answer: UploadAnswer) {
        switch answer {
        case .accepted(let accepted): acceptance(accepted)
        case .refused(let refusal):
            member("accepted", false)
            self.refusal(refusal.failures.map { .init($0) }, refusal.warnings.map { .init($0) })
        case .pending(let reasons):
            member("accepted", false)
            member("pending", reasons)
            refusal([], [])
        case .failed:
            member("accepted", false)
            refusal([.init(.unavailable)], [])
        }
    }
}

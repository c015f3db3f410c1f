import Synchronization

@testable import AccountServer

/// Answers requests for tokens as it was told, and keeps the forms.
final class GivenTokens: TokenIssuing {
    private struct State {
        var answer: TokenIssue
        var forms: [[UInt8]] = []
    }

    static let token = "eyJhZWFkZXIifQ.eyJwYXlsb2FkIn0.c2lnbmF0dXJl"
    static let account = "ACCOUNT"

    static let issued = TokenIssue.issued(
        .init(
            token: token, party: .init(account: account, role: "reader"), lifetime: 600, scope: "pub:a sub:b",
            warnings: []))

    static let unavailable = refused("temporarily_unavailable", rule: "X-unavailable")

    static func refused(_ error: String, rule: String = "X-scope") -> TokenIssue {
        .refused(
            .init(
                error: error,
                failures: [.init(rule: rule, at: "scope", message: "publishing on `\u{e9}` is \"asked\"")],
                party: .init(account: account)))
    }

    let audiences = Array(#"{"audiences":[{"name":"orders","description":"","keys":[]}]}"#.utf8)
    private let state = Mutex(State(answer: issued))

    func give(_ answer: TokenIssue) { state.withLock { $0.answer = answer } }

    var forms: [[UInt8]] { state.withLock(\.forms) }

    func issue(form: [UInt8]) async -> TokenIssue {
        state.withLock { state in
            state.forms.append(form)
            return state.answer
        }
    }
}

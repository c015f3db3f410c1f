import Trust

/// What a token endpoint of ours answers to an exchange: the new user token, or why there is none.
public struct ExchangeAnswer: Sendable, CustomStringConvertible, CustomReflectable {
    /// Why there is none.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// The server refuses: the code of its error, and the rules that failed, each in one line.
        case refused(code: String, rules: [String])
        /// The server cannot answer now, or is asked too often.
        case unavailable(status: Int, rules: [String])
        /// The answer is none: what is wrong with it.
        case answer(String)

        /// In one line.
        public var description: String {
            switch self {
            case .refused(let code, let rules):
                rules.isEmpty ? "the server refuses with `\(code)`" : rules.joined(separator: "; ")
            case .unavailable(let status, let rules):
                "the server cannot answer now (\(status))"
                    + (rules.isEmpty ? "" : ": \(rules.joined(separator: "; "))")
            case .answer(let reason): "the server's answer cannot be used: \(reason)"
            }
        }
    }

    /// The user token.
    public let token: String

    /// Reads an answer (RFC 8693, section 2.2).
    public init(_ answer: IssuerAnswer) throws(Fault) {
        guard answer.status == 200 else { throw Self.fault(answer) }
        guard let members = answer.members else { throw .answer("it is not one JSON object") }
        guard members.text("issued_token_type") == "urn:ietf:params:oauth:token-type:jwt" else {
            throw .answer("its `issued_token_type` is not that of a user token")
        }
        guard let token = members.text("access_token"), token.utf8.count > 64 else {
            throw .answer("it has no `access_token`")
        }
        self.token = token
    }

    /// What it is, and no token.
    public var description: String { "an answer to an exchange" }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The most rules that are told.
    private static let mostRules = 8

    private static func fault(_ answer: IssuerAnswer) -> Fault {
        var rules: [String] = []
        if case .list(let failures)? = answer.members?["failures"] {
            for case .object(let members) in failures.prefix(mostRules) {
                let failure = JSONMembers(members)
                guard let rule = failure.text("rule") else { continue }
                let place = failure.text("at").map { $0.isEmpty ? "" : " at \($0)" } ?? ""
                rules.append("\(rule)\(place): \(failure.text("message") ?? "")")
            }
        }
        if answer.status == 429 || (500..<600).contains(answer.status) {
            return .unavailable(status: answer.status, rules: rules)
        }
        guard let code = answer.errorCode else { return .answer("status \(answer.status) without a code of an error") }
        return .refused(code: code, rules: rules)
    }
}

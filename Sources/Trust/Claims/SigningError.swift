import NKeys

/// Why a token was not signed.
public enum SigningError: Error, Sendable {
    /// The token would not be accepted: the rules that it breaks.
    case refused(Refusal)
    /// The token must be newer than the one that it replaces, and would be too far ahead of the clock: try again at
    /// this time.
    case tooSoon(waitUntil: UnixTime)
    /// The claims hold members that are not known here and that cannot be kept; the caller may take them out of
    /// `unknown` to give them up.
    case wouldLose([Place])
    /// The key cannot sign, or there is no memory for it.
    case key(KeyUseError)
    /// The signer outside this process failed.
    case signer(any Error)
    /// The signer outside this process answered with something else than its key's signature over the token.
    case wrongSignature
}

extension SigningError: CustomStringConvertible {
    /// One line in lower case; of several broken rules the first.
    public var description: String {
        switch self {
        case .refused(let refusal):
            guard let first = refusal.failures.first else { return "refused" }
            let others = refusal.failures.count > 1 ? " (and \(refusal.failures.count - 1) more)" : ""
            return "refused by \(first.rule.code): \(first.message)\(others)"
        case .tooSoon(let time): return "the token that is replaced is too new: wait until \(time)"
        case .wouldLose(let places):
            return "members that are not known here would be lost: "
                + places.map { "`\($0)`" }.joined(separator: ", ")
        case .key(let error): return "\(error)"
        case .signer: return "the signer failed"
        case .wrongSignature: return "the signer's answer is not the signature of its key"
        }
    }
}

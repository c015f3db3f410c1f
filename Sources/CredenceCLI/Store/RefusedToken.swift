import Trust

/// A token that is not signed or not kept: what it was to be, and every rule that stands against it.
struct RefusedToken: Error {
    /// One line in lower case that the rules are listed after.
    var what: String
    var refusal: Refusal

    init(_ refusal: Refusal, what: String) {
        self.what = what
        self.refusal = refusal
    }

    /// The same for those who read text.
    var failure: CommandFailure { CommandFailure(refusal, what: what) }
}

extension SigningError {
    /// Why something is not signed, to be told rule by rule where rules stand against it.
    func refusal(of what: String) -> any Error {
        switch self {
        case .refused(let refusal): RefusedToken(refusal, what: "\(what) is not signed")
        default: CommandFailure(self, what: what)
        }
    }
}

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

/// Signs, and says what stands against it, rule by rule.
func signedOrRefused<R>(_ what: String, _ body: () throws(SigningError) -> R) throws -> R {
    do throws(SigningError) {
        return try body()
    } catch {
        switch error {
        case .refused(let refusal): throw RefusedToken(refusal, what: "\(what) is not signed")
        default: throw CommandFailure(error, what: what)
        }
    }
}

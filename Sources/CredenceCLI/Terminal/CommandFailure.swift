/// Why a command could not do what it was asked: what is wrong and where in one line, and what to do in a second.
struct CommandFailure: Error, Equatable {
    /// The exit code.
    var status: ExitStatus
    /// What is wrong, and where. Lower case, without a full stop, never a seed or a whole token.
    var what: String
    /// What to do about it.
    var hint: String?

    init(_ status: ExitStatus, _ what: String, hint: String? = nil) {
        self.status = status
        self.what = what
        self.hint = hint
    }

    /// The lines for standard error.
    var text: String {
        let lines = ["error: \(what)"] + (hint.map { ["hint: \($0)"] } ?? [])
        return lines.map { Printable.line($0) + "\n" }.joined()
    }
}

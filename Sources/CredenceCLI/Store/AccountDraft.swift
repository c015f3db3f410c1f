import NKeys
import Subjects
import Trust

/// What a verb makes of an account, before it is judged and signed.
struct AccountDraft {
    /// The name of the account's folder.
    let name: String
    /// What the token said.
    let before: AccountClaims
    /// What it will say.
    var claims: AccountClaims
    let accounts: KnownAccounts
    /// The imports that must hold for the change to be made, by their places.
    var importsToBind: [Int] = []
    /// Whether the imports of other accounts are looked at for what the change does to them.
    var dependents = Dependents.untouched
    /// What to tell whoever makes the change.
    var remarks: [String] = []

    enum Dependents { case untouched, told }

    var now: UnixTime { accounts.workspace.now }

    /// The place of the export of a subject. Without `--service` it is the stream where there are both.
    func export(of subject: SubjectPattern, service: Bool) throws(CommandFailure) -> Int {
        let indices = claims.exports.indices.filter {
            claims.exports[$0].subject == subject && (!service || claims.exports[$0].kind == .service)
        }
        let index = indices.first { claims.exports[$0].kind == .stream } ?? indices.first
        if let index { return index }
        let others = claims.exports.prefix(10).map { "\($0.kind.rawValue) `\($0.subject.text)`" }
        throw CommandFailure(
            .noInput,
            "account \(Files.quoted(name)) has no \(service ? "service " : "")export of \(Files.quoted(subject.text))",
            hint: others.isEmpty
                ? "add one with `credence add export`" : "it exports \(others.joined(separator: ", "))")
    }
}

/// What became of an account.
struct AccountChange {
    let name: String
    let account: TrustedAccount
    /// What was done, in one line.
    let done: String
    /// Rules that warn.
    var warnings: [Finding]
    var remarks: [String]
}

import AccountServer
import Audit
import NKeys
import Trust

/// The accounts as the uploads of a journal left them, and whether the journal is whole.
///
/// Where the chain of entries breaks is a finding; what stands behind it is read all the same, each stretch by itself.
struct JournalSource: TokenSource {
    let operatorToken: StoredToken? = nil
    let faults: [AuditFault]
    /// What is worth knowing of the journal and no finding.
    let notes: [String]
    private let accounts: [AuditEntry]
    /// The versions that later ones replaced.
    let earlier: [AuditEntry]

    /// Reads the journal at a path: a folder, or a file; `-` for standard input.
    ///
    /// - Parameter keys: one of which must have signed it; empty for any.
    init(at path: String, requiring keys: Set<PublicKey>) throws(CommandFailure) {
        var versions = Versions()
        let survey = try JournalInput.survey(path, requiring: keys) { entry, origin in versions.take(entry, origin) }
        (accounts, earlier) = versions.sorted()
        faults = survey.findings.map {
            AuditFault(.journalBroken, in: Origin(file: $0.file, line: $0.line), $0.message)
        }
        notes = survey.notes
    }

    var count: Int { accounts.count }

    func entries(in range: Range<Int>) -> [AuditEntry] { Array(accounts[range]) }

    /// What each account's token was, one version behind the other.
    private struct Versions {
        private struct Version {
            /// The number of the journal's entry.
            let number: Int64
            /// Nil where the account was deleted.
            let account: AuditEntry?
        }

        private var versions: [PublicKey: [Version]] = [:]

        mutating func take(_ entry: JournalEntry, _ origin: Origin) {
            guard let key = try? PublicKey(entry.account, role: .account) else { return }
            switch entry.outcome {
            // None of these is an account's token that ever came into force.
            case .refused, .pending, .issued: return
            case .accepted:
                let account = AuditEntry(
                    name: key.text, filedUnder: key, origin: origin, token: Array(entry.token.utf8))
                versions[key, default: []].append(Version(number: entry.number, account: account))
            case .deleted:
                versions[key, default: []].append(Version(number: entry.number, account: nil))
            case .withdrawn:
                // What was written down as accepted and did not come into force is no version; what was before it
                // stands again.
                let token = Array(entry.token.utf8)
                guard let index = versions[key]?.lastIndex(where: { ($0.account?.token ?? []) == token }) else {
                    return
                }
                versions[key]?.remove(at: index)
            }
        }

        /// The last version of every account that is not deleted, and all that were replaced, in the journal's order.
        func sorted() -> (latest: [AuditEntry], earlier: [AuditEntry]) {
            let latest = versions.values.compactMap(\.last).sorted { $0.number < $1.number }
            let earlier = versions.values.flatMap { $0.dropLast() }.sorted { $0.number < $1.number }
            return (latest.compactMap(\.account), earlier.compactMap(\.account))
        }
    }

    /// The versions of accounts that later ones replaced, to compare with.
    struct Earlier: TokenSource {
        let operatorToken: StoredToken? = nil
        let faults: [AuditFault] = []
        let accounts: [AuditEntry]

        var count: Int { accounts.count }

        func entries(in range: Range<Int>) -> [AuditEntry] { Array(accounts[range]) }
    }
}

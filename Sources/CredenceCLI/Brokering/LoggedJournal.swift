import AccountServer
import Logging
import Synchronization
import Trust

/// A journal that nothing is kept of: what was brought is a line of the log, and the chain of entries is gone with the
/// process, as are the accounts in memory that it tells of.
final class LoggedJournal: JournalWriting {
    let synchronisations = 0

    private let logger: Logger
    private let last = Mutex<JournalEntry?>(nil)

    init(_ logger: Logger) { self.logger = logger }

    func append(_ drafts: [JournalDraft]) throws(JournalFault) -> [JournalEntry] {
        let entries = last.withLock { last -> [JournalEntry]? in
            var entries: [JournalEntry] = []
            for draft in drafts {
                let entry = JournalEntry(
                    after: entries.last ?? last, at: draft.time, caller: draft.caller, account: draft.account,
                    outcome: draft.outcome, codes: draft.codes, token: draft.token)
                guard let entry else { return nil }
                entries.append(entry)
            }
            last = entries.last ?? last
            return entries
        }
        guard let entries else { throw JournalFault("there is no memory for the journal") }
        for entry in entries {
            var metadata: Logger.Metadata = [
                "account": "\(entry.account)", "caller": "\(entry.caller)", "outcome": "\(entry.outcome.rawValue)",
            ]
            if !entry.rules.isEmpty { metadata["rules"] = "\(entry.rules.joined(separator: " "))" }
            logger.notice("an account was brought", metadata: metadata)
        }
        return entries
    }

    /// None: whoever starts has nothing to make good.
    func last(_ count: Int) throws(JournalFault) -> [JournalEntry] { [] }

    func check() throws(JournalFault) {}
    func close() {}
}

import NKeys
import Trust

/// What a journal says is stored: under each key what was accepted last, and not withdrawn. With it a store is made anew
/// when the old one is lost.
///
///     var state = JournalState(verifier: verifier)
///     let survey = try JournalSurvey.folder(at: path) { entry, _, _ in state.take(entry) }
///     let changes = try state.changes()
///
/// It takes the journal from its first entry on; the caller sees to it that the chain is whole (`JournalSurvey`).
public struct JournalState: Sendable {
    /// Something that stood under a key.
    private struct Version {
        let value: StoreValue
        /// The token that the entry holds: for a deletion the one that asked for it.
        let token: String
        let time: UnixTime
    }

    /// Why a journal cannot be taken for what is stored.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case, without a token.
        public let description: String
    }

    private let verifier: TokenVerifier
    private var versions: [StoreKey: [Version]] = [:]
    private var firstFault: Fault?

    /// Knows nothing yet. `verifier` reads tokens; what its policy says of them is not asked.
    public init(verifier: TokenVerifier) { self.verifier = verifier }

    /// Takes the next entry. Constant time, but for the reading of its token.
    public mutating func take(_ entry: JournalEntry) {
        switch entry.outcome {
        case .accepted:
            guard let key = key(of: entry) else { return }
            put(Version(value: .token(entry.token), token: entry.token, time: entry.time), under: key)
        case .deleted:
            // What was not stored was not deleted: nothing is kept of it.
            guard let key = key(of: entry), case .token? = versions[key]?.last?.value else { return }
            put(Version(value: .deleted(entry.time), token: entry.token, time: entry.time), under: key)
        case .withdrawn:
            guard let key = key(of: entry), var stack = versions[key],
                let index = stack.lastIndex(where: { $0.token == entry.token })
            else { return }
            stack.remove(at: index)
            versions[key] = stack.isEmpty ? nil : stack
        case .refused, .pending, .issued: break
        }
    }

    /// What makes an empty store hold the same, in no order.
    ///
    /// - Throws: when an entry says that something was accepted which is no token of its account, or whose signature is
    ///   wrong: no server wrote that.
    /// - Complexity: one signature check for each account.
    public func changes() throws(Fault) -> [StoreChange] {
        if let firstFault { throw firstFault }
        var changes: [StoreChange] = []
        for (key, stack) in versions {
            guard let version = stack.last else { continue }
            if case .account(let account) = key, case .token(var text) = version.value {
                let read = text.withUTF8 {
                    StoredAccountToken.read(utf8: $0, for: account, signature: .checked, by: verifier)
                }
                guard read != nil else { throw Fault(description: "the token of `\(account)` has a wrong signature") }
            }
            changes.append(StoreChange(key: key, value: version.value, expected: nil))
        }
        return changes
    }

    // MARK: -

    /// What came before stays in reach of a withdrawal: that of the same batch, whose entries bear one time, and the one
    /// before.
    private mutating func put(_ version: Version, under key: StoreKey) {
        let stack = versions[key] ?? []
        versions[key] = (stack.last?.time == version.time ? stack : stack.suffix(1)) + [version]
    }

    private mutating func key(of entry: JournalEntry) -> StoreKey? {
        guard let account = try? PublicKey(entry.account, role: .account) else {
            if read(entry)?.claims is OperatorClaims { return .operator }
            return strange(entry)
        }
        if entry.outcome == .deleted { return .account(account) }
        var text = entry.token
        let isAccount = text.withUTF8 {
            StoredAccountToken.read(utf8: $0, for: account, signature: .unsafeKnown, by: verifier) != nil
        }
        if isAccount { return .account(account) }
        // A withdrawn deletion holds the token that asked for it, which is the account's only by the entry.
        if entry.outcome == .withdrawn, versions[.account(account)]?.contains(where: { $0.token == text }) == true {
            return .account(account)
        }
        if let claims = read(entry)?.claims as? ActivationClaims { return .activation(ActivationHash.hash(of: claims)) }
        return strange(entry)
    }

    /// An activation or an operator's token, signed as it says.
    private func read(_ entry: JournalEntry) -> TokenReport? {
        var text = entry.token
        let report = text.withUTF8 { verifier.report(utf8: $0, at: entry.time) }
        return report.failures.contains { $0.rule == .tokenSignature } ? nil : report
    }

    private mutating func strange(_ entry: JournalEntry) -> StoreKey? {
        // What was withdrawn and is not known was never taken.
        if entry.outcome == .accepted, firstFault == nil {
            firstFault = Fault(description: "entry \(entry.number) holds no token that could be stored")
        }
        return nil
    }
}

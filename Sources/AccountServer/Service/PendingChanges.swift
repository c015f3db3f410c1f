import NKeys
import Trust

/// What a batch has accepted and not stored yet: one change a key, the last that was accepted.
struct PendingChanges {
    /// What is to stand under a key.
    enum Content {
        case account(KeptAccount, exporters: [PublicKey])
        case deleted(UnixTime, by: String)
        case activation(String)
        case operatorToken(String, VerifiedToken<OperatorClaims>)
    }

    private(set) var contents: [StoreKey: Content] = [:]
    private(set) var changes: [StoreChange] = []
    private var places: [StoreKey: Int] = [:]

    subscript(key: StoreKey) -> Content? { contents[key] }

    var keys: [StoreKey] { changes.map(\.key) }

    /// What is to stand under a key, in place of what the store has and of what was to stand there before.
    mutating func put(_ content: Content, _ change: StoreChange) {
        contents[change.key] = content
        if let place = places[change.key] {
            changes[place].value = change.value
            changes[place].seal = change.seal
        } else {
            places[change.key] = changes.count
            changes.append(change)
        }
    }

    /// The change of a key is not to be made known.
    mutating func remove(_ key: StoreKey) { contents[key] = nil }
}

/// What is to come of one thing that somebody brought.
struct Plan {
    /// What is answered when everything is durable.
    var reply: UploadEngine.Reply
    /// What the journal says of it: one entry, one for each account of a deletion, none for a dry run.
    var drafts: [JournalDraft] = []
    /// What it changes in the store.
    var keys: [StoreKey] = []

    var changesSomething: Bool { !keys.isEmpty }
}

import NKeys

/// What a store holds of an account before an upload.
public enum StoredVersion: Hashable, Sendable {
    /// Nothing, and never did.
    case none
    /// A token that was accepted: the text, and when it was issued.
    case token(String, issuedAt: UnixTime)
    /// Nothing any more: it was deleted then, and what is not newer does not come back.
    case deleted(UnixTime)

    /// U-stale: why a token that was issued at `issuedAt` does not follow this; nil when it does.
    func fault(of text: String, issuedAt: UnixTime) -> Detail? {
        switch self {
        case .none: nil
        case .token(text, _): nil
        case .token(_, let stored) where issuedAt == stored: .sameTimeOtherContent
        case .token(_, let stored): issuedAt < stored ? .older(than: stored) : nil
        case .deleted(let time): issuedAt <= time ? .notAfterDeletion(time) : nil
        }
    }
}

/// An import of another account that an upload breaks or opens (U-dependents).
public struct DependentImport: Hashable, Sendable {
    /// What happens to the import.
    public enum Change: String, Hashable, Sendable {
        /// It holds, and will not.
        case stops
        /// It does not hold, and will.
        case starts
    }

    /// The account whose import it is.
    public let account: PublicKey
    /// The import's place in that account's token, from 0.
    public let index: Int
    /// What happens to it.
    public let change: Change

    /// An import and what happens to it.
    public init(account: PublicKey, index: Int, change: Change) {
        (self.account, self.index, self.change) = (account, index, change)
    }
}

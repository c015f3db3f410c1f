import Logging
import NKeys
import Synchronization
import Trust

/// How an account service judges.
public struct AccountServiceSettings: Sendable {
    /// Whether a new token of the operator may be uploaded.
    public enum OperatorUploads: Hashable, Sendable {
        case refused
        case accepted
    }

    /// The operator's token, as it was configured. One of the same operator that was uploaded and is newer takes its
    /// place.
    public var operatorToken: String
    /// Further operators, whose accounts are taken as well.
    public var furtherOperators: [VerifiedToken<OperatorClaims>] = []
    /// The servers' own account, which nobody deletes, where no operator's token names it.
    public var systemAccount: PublicKey?
    /// How strictly the rules are applied, and where time zones come from.
    public var verifier: TokenVerifier
    /// What becomes of an import whose exporter is not known.
    public var unknownExporters = UploadJudge.UnknownExporters.refused
    /// What becomes of an upload that puts imports of others out of force.
    public var brokenDependents = UploadJudge.BrokenDependents.named
    /// Whether a new token of the operator may be uploaded.
    public var operatorUploads = OperatorUploads.refused
    /// Accounts that sign themselves; nil refuses them.
    public var selfSigning: SelfSigning?
    /// How many accounts are kept as they were judged, at some ten kilobytes each.
    public var cachedAccounts = 1_000
    /// How many threads read the store at the start.
    public var loaders = 2
    /// The clock.
    public var clock: @Sendable () -> UnixTime

    /// Settings with this operator and clock, and the standard for all else.
    public init(operatorToken: String, verifier: TokenVerifier, clock: @escaping @Sendable () -> UnixTime) {
        (self.operatorToken, self.verifier, self.clock) = (operatorToken, verifier, clock)
    }

    func judge(under chain: ChainVerifier) -> UploadJudge {
        UploadJudge(
            chain: chain, unknownExporters: unknownExporters, brokenDependents: brokenDependents,
            cachedAccounts: cachedAccounts)
    }
}

/// The tokens that are handed out beside those of accounts.
final class PublishedTokens: Sendable {
    private let tokens: Mutex<(operator: String, activations: [String: String])>

    init(operatorToken: String) { tokens = Mutex((operatorToken, [:])) }

    var operatorToken: String {
        get { tokens.withLock(\.operator) }
        set { tokens.withLock { $0.operator = newValue } }
    }

    func activation(_ hash: String) -> String? { tokens.withLock { $0.activations[hash] } }

    func setActivation(_ text: String?, for hash: String) { tokens.withLock { $0.activations[hash] = text } }
}

/// What an engine is made of.
struct EngineParts {
    let kept: KeptAccounts
    let store: any AccountStore
    let journal: any JournalWriting
    let distributor: (any AccountDistributing)?
    let settings: AccountServiceSettings
    let seal: StoreSeal?
    let published: PublishedTokens
    let counters: ServiceCounters
    let logger: Logger
    let chain: ChainVerifier
}

import NKeys
import Subjects
import Trust

/// What a broker of its own asks the trust model: the accounts in force, who may connect, and what each may do.
struct OwnBroker {
    private var store: TrustStore
    private var sets = CompiledPermissionSets()

    init(operators: [VerifiedToken<OperatorClaims>]) {
        store = TrustStore(chain: ChainVerifier(anchors: TrustAnchors(operators), verifier: TokenVerifier()))
    }

    /// A client says who it is: its permissions, or why it may not connect.
    mutating func connect(
        token: String, signature: String, nonce: [UInt8], from host: String, accounts: some AccountResolver,
        at now: UnixTime
    ) throws -> Result<CompiledPermissions, Refused> {
        let connection = ConnectionContext(host: host, nonce: nonce, signature: signature)
        switch store.chain.user(token, resolver: accounts, connection: connection, at: now) {
        case .accepted(let user, _):
            // From here on the account is kept in force, with what it imports; effects say what else is to be done.
            _ = store.require(user.account.key, from: accounts, at: now)
            return .success(try sets.permissions(user.permissions))
        case .refused(let refusal):
            return .failure(Refused(rules: refusal.failures.map(\.rule.code)))
        }
    }

    /// Who else gets a message that was published in `account`: the accounts that import its stream, each under its own
    /// name for the subject.
    func importers(of subject: Subject, from account: PublicKey) -> [(account: PublicKey, subject: Subject)] {
        store.snapshot.accounts.flatMap(\.bindings)
            .filter { $0.exporter == account && $0.import.kind == .stream }
            .compactMap { binding in binding.localSubject(of: subject).map { (binding.importer, $0) } }
    }

    struct Refused: Error { let rules: [String] }
}

import NKeys
import Subjects

/// An account as it stands: what it exports, which of its imports hold and why the others do not, its mappings and
/// default permissions. An immutable value that readers share; `AccountsInForce` and `TrustStore` make it.
public final class AccountInForce: Sendable {
    /// The account, judged by its own rules.
    public let account: TrustedAccount
    /// The verdict on each import, in the order of the account's token. An import that is refused leaves the others as
    /// they are.
    public let imports: [Verdict<Binding>]
    /// The imports that hold, in the order of the account's token.
    public let bindings: [Binding]

    fileprivate init(_ account: TrustedAccount, imports: [Verdict<Binding>]) {
        self.account = account
        self.imports = imports
        bindings = imports.compactMap(\.proof)
    }

    /// The account's identity key.
    public var key: PublicKey { account.key }
    /// What the account offers to others.
    public var exports: [Export] { account.claims.exports }
    /// What its subjects are mapped to, the first that matches.
    public var mappings: [AccountMapping] { account.claims.mappings }
    /// The permissions of users who bring none.
    public var defaultPermissions: PermissionClaims { account.claims.defaultPermissions }

    /// The binding of the import at `index`; nil when it does not hold.
    public func binding(at index: Int) -> Binding? {
        imports.indices.contains(index) ? imports[index].proof : nil
    }
}

/// The imports of one account, judged by every B rule that needs only the two accounts of each; the circles are left.
public struct JudgedImports: Sendable {
    /// The account.
    public let account: TrustedAccount
    /// The verdict on each import, in the order of the account's token.
    public let verdicts: [Verdict<Binding>]
    /// How many signatures were checked for it.
    public let signaturesChecked: Int

    fileprivate init(account: TrustedAccount, verdicts: [Verdict<Binding>], signaturesChecked: Int) {
        self.account = account
        self.verdicts = verdicts
        self.signaturesChecked = signaturesChecked
    }
}

extension BindingVerifier {
    /// Judges all imports of `importer` at `now`, by every B rule but B-cycle.
    ///
    /// `exporter` says what is known of an account. One signature check for each import that has a token.
    public func imports(
        of importer: TrustedAccount, at now: UnixTime, exporter: (PublicKey) -> Exporter
    ) -> JudgedImports {
        let items = importer.claims.imports
        var checked = 0
        let verdicts = items.indices.compactMap { index in
            var token = KnownToken()
            defer { checked += token.signature == .notChecked ? 0 : 1 }
            return bind(
                importAt: index, of: importer, to: exporter(items[index].account), at: now, token: &token)
        }
        return JudgedImports(account: importer, verdicts: verdicts, signaturesChecked: checked)
    }
}

/// Puts many accounts in force at once.
public enum AccountsInForce {
    /// The accounts, in the order given, with the imports out that close a circle (B-cycle).
    ///
    /// Of several tokens of one account the latest issued one is followed, of equal ones the first.
    /// - Complexity: linear, but for accounts that import from one another in a circle.
    public static func resolve(_ judged: [JudgedImports], policy: Policy) -> [AccountInForce] {
        var latest: [PublicKey: JudgedImports] = [:]
        // Next to no account has imports that lead on.
        let leadingOn = judged.filter { $0.verdicts.contains { $0.proof?.mayGoOn == true } }
        let keys = Set(leadingOn.map(\.account.key))
        for one in keys.isEmpty ? [] : judged where keys.contains(one.account.key) {
            if let known = latest[one.account.key], known.issuedAt >= one.issuedAt { continue }
            latest[one.account.key] = one
        }
        let graph = ImportGraph(
            latest.values.lazy.map { (account: $0.account, bindings: $0.verdicts.compactMap(\.proof)) })
        return judged.map { one in
            let isFollowed = latest[one.account.key]?.account === one.account
            let closings = isFollowed ? graph.closings(of: one.account.key) : [:]
            return AccountInForce(one.account, verdicts: one.verdicts, closings: closings, policy)
        }
    }
}

extension JudgedImports {
    fileprivate var issuedAt: UnixTime { account.claims.common.issuedAt ?? .zero }
}

extension AccountInForce {
    /// The account with those imports refused that close a circle.
    convenience init(
        _ account: TrustedAccount, verdicts: [Verdict<Binding>], closings: [Int: ImportGraph.Closing], _ policy: Policy
    ) {
        if closings.isEmpty {
            self.init(account, imports: verdicts)
            return
        }
        let imports = verdicts.enumerated().map { index, verdict -> Verdict<Binding> in
            guard let closing = closings[index], let binding = verdict.proof else { return verdict }
            var judgement = Judgement(policy)
            judgement.merge(verdict)
            let place = Place("imports").element(index)
            switch closing {
            case .circle(let keys): judgement.fail(.importCycle, at: place, .cycle(keys))
            case .exhausted:
                judgement.refuse(.importCycle, at: place, .budgetExhausted("whether the import closes a circle"))
            }
            return judgement.verdict(binding)
        }
        self.init(account, imports: imports)
    }
}

import NKeys
import Subjects

/// An import that is in force: the exporter exports the subject, and where it asks for a token, the token binds it to
/// exactly this importer and this subject. Only `BindingVerifier.bind` makes one.
///
/// In 2021 these bindings were warnings (CVE-2021-3127): any account could use another's token, for any subject.
public struct Binding: Sendable {
    /// The account that imports.
    public let importer: PublicKey
    /// The account that exports.
    public let exporter: PublicKey
    /// The import's place in the importer's token.
    public let index: Int
    /// The import as claimed.
    public let `import`: Import
    /// The places, in the exporter's token, of the exports that decided; never empty.
    public let exports: [Int]
    /// The activation token; nil where none was needed or given.
    public let token: VerifiedToken<ActivationClaims>?

    fileprivate init(
        importer: PublicKey, exporter: PublicKey, index: Int, import item: Import, exports: [Int],
        token: VerifiedToken<ActivationClaims>?
    ) {
        self.importer = importer
        self.exporter = exporter
        self.index = index
        self.import = item
        self.exports = exports
        self.token = token
    }

    /// From this second on the binding no longer holds; nil for never.
    public var expires: UnixTime? { token?.claims.common.expires }
}

/// Binds imports to their tokens, by every B rule that needs only the two accounts and the token.
public struct BindingVerifier: Sendable {
    /// Judges activation tokens, and says how strictly the rules are applied.
    public var verifier: TokenVerifier

    /// A binder.
    public init(verifier: TokenVerifier) { self.verifier = verifier }

    /// Judges the import at `index` of `importer` against its exporter, at `now`.
    ///
    /// - Parameter exporter: the account named by the import, as it stands.
    /// - Returns: nil when `importer` has no import at `index`.
    /// - Complexity: linear in the number of exports; one signature check when the import has a token.
    public func bind(
        importAt index: Int, of importer: TrustedAccount, to exporter: Exporter, at now: UnixTime
    ) -> Verdict<Binding>? {
        var token = KnownToken()
        return bind(importAt: index, of: importer, to: exporter, at: now, token: &token)
    }

    /// The same, where the import's token may have been judged before.
    func bind(
        importAt index: Int, of importer: TrustedAccount, to exporter: Exporter, at now: UnixTime,
        token: inout KnownToken
    ) -> Verdict<Binding>? {
        guard importer.claims.imports.indices.contains(index) else { return nil }
        let item = importer.claims.imports[index]
        var judge = BindingJudge(
            verifier: verifier, importer: importer.claims.common.subject, item: item, index: index, now: now,
            token: token)
        let proof = judge.judge(exporter)
        token = judge.token
        return judge.judgement.verdict(
            Binding(
                importer: importer.claims.common.subject, exporter: item.account, index: index, import: item,
                exports: proof.exports, token: proof.token))
    }
}

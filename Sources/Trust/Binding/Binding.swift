import NKeys
import Subjects

/// An import that is in force: the exporter exports the subject, and where it asks for a token, the token binds it to
/// exactly this importer and this subject. Only `BindingVerifier.bind` makes one.
///
/// In 2021 these bindings were warnings (CVE-2021-3127): any account could use another's token, for any subject.
///
/// Immutable; a reference, so that accounts in force, snapshots and effects share it.
public final class Binding: Sendable {
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
    /// The subjects on both sides.
    let renaming: ImportRenaming
    /// Whether the exporter may take further what comes through this import: if not, it is on no circle.
    let mayGoOn: Bool

    fileprivate init(
        importer: PublicKey, exporter: PublicKey, index: Int, import item: Import, exports: [Int],
        token: VerifiedToken<ActivationClaims>?, renaming: ImportRenaming, mayGoOn: Bool
    ) {
        self.renaming = renaming
        self.mayGoOn = mayGoOn
        self.importer = importer
        self.exporter = exporter
        self.index = index
        self.import = item
        self.exports = exports
        self.token = token
    }

    /// The subjects that the importer knows it by.
    public var localPattern: SubjectPattern { renaming.local }
    /// The subjects on the exporter's side.
    public var exporterPattern: SubjectPattern { renaming.exported }

    /// What the exporter knows a subject of the importer as; nil when the import does not cover it, or what it becomes
    /// is longer than a subject may be.
    public func exporterSubject(of local: Subject) -> Subject? { renaming.outward(local) }

    /// What the importer knows a subject of the exporter as; nil as above.
    public func localSubject(of exported: Subject) -> Subject? { renaming.inward(exported) }

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
        guard let renaming = judge.renaming else {
            // It is refused for it, whatever a policy relaxes: nobody could say under which names it is known.
            return .refused(judge.judgement.refusal ?? Refusal(BindingJudge.noRenaming(at: index)))
        }
        return judge.judgement.verdict(
            Binding(
                importer: importer.claims.common.subject, exporter: item.account, index: index, import: item,
                exports: proof.exports, token: proof.token, renaming: renaming,
                mayGoOn: exporter.account?.takesFurther(renaming.exported, item.kind) ?? false))
    }
}

extension TrustedAccount {
    /// As many imports are looked through; of an account with more, any may be meant.
    private static let fewImports = 64

    /// Whether an import of this account may take messages on `subjects`; no is certain, yes is not.
    fileprivate func takesFurther(_ subjects: SubjectPattern, _ kind: ExportKind) -> Bool {
        let imports = claims.imports
        if imports.isEmpty { return false }
        if kind == .service, !claims.mappings.isEmpty { return true }
        if imports.count > Self.fewImports { return true }
        return imports.contains { $0.kind == kind && $0.mayBeginLocally(as: subjects) }
    }
}

extension Import {
    /// Whether the first tokens of the local subject and of `subjects` may be the same; nothing is allocated.
    fileprivate func mayBeginLocally(as subjects: SubjectPattern) -> Bool {
        subjects.withUTF8 { other in
            if let localSubject {
                var text = localSubject
                return text.withUTF8 { Self.mayBeginAlike($0, other) }
            }
            let local = kind == .stream ? to ?? subject : subject
            return local.withUTF8 { Self.mayBeginAlike($0, other) }
        }
    }

    private static func mayBeginAlike(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        // A wildcard, or a reference to one.
        func isOpen(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
            guard let first = text.first else { return true }
            return first == UInt8(ascii: "*") || first == UInt8(ascii: ">") || first == UInt8(ascii: "$")
        }
        if isOpen(left) || isOpen(right) { return true }
        var index = 0
        let dot = UInt8(ascii: ".")
        while true {
            let one = index < left.count ? left[index] : dot
            let other = index < right.count ? right[index] : dot
            if one != other { return false }
            if one == dot { return true }
            index += 1
        }
    }
}

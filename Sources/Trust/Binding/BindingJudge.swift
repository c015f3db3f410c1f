import NKeys
import Subjects

/// What stays known of the token of an import, for when it is judged again.
struct KnownToken: Sendable {
    var signature = KnownSignature.notChecked
    /// When the token expires, refused or not.
    var expires: UnixTime?
}

/// Judges one import by the B rules, in catalogue order.
struct BindingJudge {
    let verifier: TokenVerifier
    let importer: PublicKey
    let item: Import
    let now: UnixTime
    /// What is known of the import's token.
    private(set) var token: KnownToken
    var judgement: Judgement
    /// The import's renaming; nil when its local subject is none.
    let renaming: ImportRenaming?
    private let place: Place
    private let tokenPlace: Place

    /// What is read of the activation token, whether or not it is accepted by itself.
    private struct Activation {
        let verified: VerifiedToken<ActivationClaims>?
        let read: Payload?
        let claims: ActivationClaims?
        let kind: ExportKind?
    }

    private static let tokenRules: [Rule] = [
        .activationImporter, .activationExporter, .activationScopedSigner, .activationKind, .activationSubject,
        .activationExportSubject, .activationRevoked, .activationAudience,
    ]

    init(
        verifier: TokenVerifier, importer: PublicKey, item: Import, index: Int, now: UnixTime,
        token: KnownToken
    ) {
        self.token = token
        self.verifier = verifier
        self.importer = importer
        self.item = item
        self.now = now
        renaming = ImportRenaming(item)
        place = Place("imports[\(index)]")
        tokenPlace = Place("imports[\(index)].token")
        judgement = Judgement(verifier.policy)
    }

    static func noRenaming(at index: Int) -> Finding {
        Finding(.localSubject, at: Place("imports[\(index)].local_subject"), .localSubject)
    }

    /// The exports that decide and the token, for the proof; they count only when nothing failed.
    mutating func judge(_ exporter: Exporter) -> (exports: [Int], token: VerifiedToken<ActivationClaims>?) {
        judgeLocalSubject()
        let activation = readToken()
        if let activation { judgeToken(activation) }
        let account: TrustedAccount
        switch exporter {
        case .trusted(let trusted) where trusted.key == item.account: account = trusted
        case .trusted, .unknown:
            judgement.refuse(.exporterUnknown, at: place.member("account"), .exporterNotKnown(item.account))
            judgement.couldNotJudge(
                [.exportMissing, .exportChoice, .activationMissing, .accountPosition] + Self.tokenRules)
            return ([], nil)
        case .refused(let refusal):
            let codes = refusal.failures.map(\.rule.code)
            judgement.refuse(
                .exporterUnknown, at: place.member("account"), .exporterRefused(item.account, codes: codes))
            judgement.couldNotJudge(
                [.exportMissing, .exportChoice, .activationMissing, .accountPosition] + Self.tokenRules)
            return ([], nil)
        }
        if let activation { judgeSigner(activation, account) }
        let exports = item.decidingExports(among: account.claims.exports)
        guard !exports.isEmpty else {
            judgeMissing(account.claims.exports)
            return ([], nil)
        }
        judge(exports, of: account.claims, activation)
        return (exports, activation?.verified)
    }

    // MARK: The token by itself and its binding to the import

    private mutating func readToken() -> Activation? {
        guard let text = item.token else { return nil }
        if Self.isURL(text) {
            judgement.refuse(.activationInvalid, at: tokenPlace, .tokenIsURL)
            judgement.couldNotJudge(Self.tokenRules)
            return Activation(verified: nil, read: nil, claims: nil, kind: nil)
        }
        let (verdict, read) = verifier.examine(
            text, as: ActivationClaims.self, at: now, signature: &token.signature)
        token.expires = read?.expires
        for finding in verdict.failures { judgement.add(finding.moved(to: tokenPlace)) }
        for finding in verdict.warnings {
            judgement.warn(finding.rule, at: tokenPlace, finding.detail)
        }
        judgement.couldNotJudge(verdict.notJudged)
        if !verdict.isAccepted { judgement.refuse(.activationInvalid, at: tokenPlace, .tokenRefused) }
        var claims: ActivationClaims?
        var kind: ExportKind?
        if case .activation(let found)? = read?.content {
            claims = found
            kind = verdict.proof?.claims.kind ?? read?.activationKind
        }
        return Activation(verified: verdict.proof, read: read, claims: claims, kind: kind)
    }

    /// Whether `://` stands in a text. No token holds a colon.
    private static func isURL(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return false }
            return (colon..<bytes.count).contains { bytes[$0...].starts(with: "://".utf8) }
        }
    }

    private mutating func judgeToken(_ activation: Activation) {
        guard let read = activation.read, let claims = activation.claims else {
            return judgement.couldNotJudge(Self.tokenRules)
        }
        if read.subject.key != importer {
            let other = read.subject.key
            judgement.fail(
                .activationImporter, at: tokenPlace, other.map(Detail.importerOther) ?? .subjectNotAKey)
        }
        if activation.kind != item.kind {
            judgement.fail(.activationKind, at: tokenPlace, .kindOther(expected: item.kind.rawValue))
        }
        let subject = item.exporterSubject
        if claims.subject != subject {
            switch verifier.policy.subjectBinding {
            case .exact: judgement.fail(.activationSubject, at: tokenPlace, .subjectNotTheImports)
            case .contained where claims.subject.contains(subject):
                judgement.warn(.activationSubject, at: tokenPlace, .subjectNotTheImports)
            case .contained: judgement.fail(.activationSubject, at: tokenPlace, .subjectOutsideToken)
            }
        }
        if let audience = read.audience, audience != importer.text {
            judgement.fail(.activationAudience, at: tokenPlace, .audienceNotImporter)
        }
    }

    /// Whether the exporter's identity key or one of its plain signing keys signed, and says so.
    private mutating func judgeSigner(_ activation: Activation, _ account: TrustedAccount) {
        guard let read = activation.read, activation.claims != nil else { return }
        guard let issuer = read.issuer.key else {
            return judgement.couldNotJudge([.activationExporter, .activationScopedSigner])
        }
        let issuerAccount = activation.verified?.claims.issuerAccount ?? read.issuerAccount
        let exporter = account.claims.common.subject
        if issuer == exporter {
            if account.strictSigningKeys {
                judgement.fail(.activationExporter, at: tokenPlace, .exporterKeyIsIdentity)
            }
            if let issuerAccount, issuerAccount != exporter {
                judgement.fail(.activationExporter, at: tokenPlace, .exporterIssuerAccountMismatch)
            }
            return
        }
        guard let key = account.claims.signingKey(issuer) else {
            return judgement.fail(.activationExporter, at: tokenPlace, .exporterKeyUnknown)
        }
        if issuerAccount == nil {
            judgement.fail(.activationExporter, at: tokenPlace, .exporterIssuerAccountMissing)
        } else if issuerAccount != exporter {
            judgement.fail(.activationExporter, at: tokenPlace, .exporterIssuerAccountMismatch)
        }
        if key.scope != nil { judgement.fail(.activationScopedSigner, at: tokenPlace, .scopedKeySigned) }
    }

    // MARK: The exports

    private mutating func judgeMissing(_ exports: [Export]) {
        let subject = item.exporterSubject
        let isOtherKind = exports.contains { $0.kind != item.kind && $0.subject.contains(subject) }
        judgement.refuse(.exportMissing, at: place.member("subject"), isOtherKind ? .otherKindExported : .notExported)
        judgement.couldNotJudge([
            .exportChoice, .activationMissing, .activationExportSubject, .accountPosition, .activationRevoked,
        ])
    }

    private mutating func judge(_ indices: [Int], of claims: AccountClaims, _ activation: Activation?) {
        let failedBefore = judgement.failures.count
        var refusing = 0
        for index in indices {
            let before = judgement.failures.count
            judge(claims.exports[index], activation)
            if judgement.failures.count > before { refusing += 1 }
        }
        if indices.count > 1, refusing > 0 {
            judgement.fail(.exportChoice, at: place.member("subject"), .exportsDisagree(count: indices.count))
        }
        let tokenFailed = failedBefore > 0 || refusing > 0
        if activation != nil, tokenFailed, indices.allSatisfy({ !claims.exports[$0].tokenRequired }),
            judgement.failures.contains(where: { $0.place == tokenPlace })
        {
            judgement.fail(.publicToken, at: tokenPlace, .tokenOnPublicExport)
        }
    }

    private mutating func judge(_ export: Export, _ activation: Activation?) {
        if export.tokenRequired, activation == nil {
            judgement.fail(.activationMissing, at: tokenPlace, .tokenRequired)
        }
        if let claims = activation?.claims, !export.subject.contains(claims.subject) {
            judgement.fail(.activationExportSubject, at: tokenPlace, .tokenWiderThanExport)
        }
        let position = export.accountTokenPosition
        if position > 0, item.exporterSubject.token(at: position - 1) != importer.text {
            judgement.fail(.accountPosition, at: place.member("subject"), .positionNotImporter(position))
        }
        if let read = activation?.read {
            let subject = read.subject.key ?? importer
            if let time = export.revocations.time(covering: subject, issuedAt: read.issuedAt) {
                judgement.fail(
                    .activationRevoked, at: tokenPlace, .activationRevoked(at: time, issuedAt: read.issuedAt))
            }
        }
    }

    private mutating func judgeLocalSubject() {
        if ImportRenaming(item) == nil {
            judgement.fail(.localSubject, at: place.member("local_subject"), .localSubject)
        }
    }
}

extension Payload {
    /// The kind that an activation states, in either version.
    fileprivate var activationKind: ExportKind? {
        guard case .activation(let claims) = content else { return nil }
        if topType != nil { return contentType.flatMap(ExportKind.init(rawValue:)) }
        return hasKind ? claims.kind : nil
    }

    /// The account that a signing key states to sign for, in either version.
    fileprivate var issuerAccount: PublicKey? {
        guard case .activation(let claims) = content else { return nil }
        return topType != nil ? topIssuerAccount : claims.issuerAccount
    }
}

extension Import {
    /// The places of the exports that decide about this import: the one with the very subject alone; otherwise every
    /// export that contains it has a say. Nothing depends on an order.
    func decidingExports(among exports: [Export]) -> [Int] {
        let subject = exporterSubject
        let candidates = exports.indices.filter { exports[$0].kind == kind }
        let exact = candidates.filter { exports[$0].subject == subject }
        return exact.isEmpty ? candidates.filter { exports[$0].subject.contains(subject) } : exact
    }
}

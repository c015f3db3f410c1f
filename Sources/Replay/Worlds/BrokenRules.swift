import NKeys
import Trust

/// The rules that a world breaks, read off its facts, without any token: what a verdict must name.
///
/// Deliberately plain, and another reading of Docs/TrustRules.md than the library's own. It names what must be found;
/// a verdict may name more, where a text can be read in two ways.
struct BrokenRules {
    private let draft: WorldDraft
    private let cast: Cast
    private let isStrict: Bool

    init(_ draft: WorldDraft, _ cast: Cast, policy: SuitePolicy) {
        self.draft = draft
        self.cast = cast
        isStrict = policy == .strict
    }

    /// In the order of the catalogue.
    var rules: [Rule] {
        let ofToken = tokenRules.union(signerRules).union(exportRulesAboutToken)
        var rules = ofToken.union(exportRules)
        if hasExport, !draft.tokenRequired, draft.text != .absent, !ofToken.isEmpty { rules.insert(.publicToken) }
        return rules.sorted()
    }

    /// What a verdict may name beside them, in the order of the catalogue: rules about the subject of a token that has two,
    /// or is no activation.
    var possible: [Rule] {
        guard !hasOneSubject || draft.text == .userToken else { return [] }
        let aboutSubject: Set<Rule> = [.tokenSubject, .tokenKey, .activationImporter, .activationRevoked]
        return aboutSubject.subtracting(rules).sorted()
    }

    // MARK: The token by itself, and what it says beside the import

    private var isReadable: Bool {
        switch draft.text {
        case .absent, .url, .userToken: false
        default: true
        }
    }

    /// Where readers may take `sub` for one or the other, no rule about it is sure to be named.
    private var hasOneSubject: Bool { draft.text != .subjectTwice && draft.text != .subjectInCapitals }

    private var tokenRules: Set<Rule> {
        var rules = textRules
        if isReadable { rules.formUnion(timeRules) }
        if isReadable, draft.subject == "*", hasOneSubject { rules.formUnion([.tokenSubject, .tokenKey]) }
        if isReadable, draft.issuer.role != .account { rules.insert(.tokenIssuer) }
        if !rules.isEmpty || draft.text == .url { rules.insert(.activationInvalid) }
        guard isReadable else { return rules }
        if hasOneSubject, draft.subject != importer { rules.insert(.activationImporter) }
        if draft.tokenKind != draft.importKind { rules.insert(.activationKind) }
        if draft.tokenSubject != draft.importSubject,
            isStrict || !Self.contains(draft.tokenSubject, draft.importSubject)
        {
            rules.insert(.activationSubject)
        }
        if let audience = draft.audience, audience != importer { rules.insert(.activationAudience) }
        return rules
    }

    private var textRules: Set<Rule> {
        switch draft.text {
        case .whole, .absent, .url: []
        case .userToken: [.tokenType]
        case .changed: [.tokenSignature]
        case .noAlgorithm: [.tokenAlgorithm]
        case .versionOne: isStrict ? [.tokenLegacy] : []
        case .spareBits: [.tokenBase64]
        // What cannot be read is no signature.
        case .lineBreak: [.tokenBase64, .tokenSignature]
        case .subjectTwice, .subjectInCapitals: [.tokenJSON]
        }
    }

    private var timeRules: Set<Rule> {
        var rules: Set<Rule> = []
        let at = draft.times.at
        if draft.expires < 0 {
            rules.insert(.tokenJSON)
        } else if draft.expires <= at {
            rules.insert(.tokenExpired)
        }
        if let notBefore = draft.notBefore, notBefore > at { rules.insert(.tokenNotBefore) }
        if draft.issuedAt.map({ $0 > at + 60 }) ?? true { rules.insert(.tokenIssuedAt) }
        return rules
    }

    // MARK: The exporter

    private var importer: String { cast.importer.publicKey.text }
    private var isKnown: Bool { draft.exporterNamed == cast.exporter.publicKey }

    private var signerRules: Set<Rule> {
        guard isReadable, isKnown else { return [] }
        let exporter = cast.exporter.publicKey
        switch draft.issuer.publicKey {
        case exporter:
            let isNamed = draft.issuerAccount == nil || draft.issuerAccount == exporter
            return draft.isStrict || !isNamed ? [.activationExporter] : []
        case cast.exporterSigner.publicKey: return draft.issuerAccount == exporter ? [] : [.activationExporter]
        case cast.exporterScoped.publicKey:
            let scoped: Set<Rule> = [.activationScopedSigner]
            return draft.issuerAccount == exporter ? scoped : scoped.union([.activationExporter])
        default: return [.activationExporter]
        }
    }

    private var hasExport: Bool {
        isKnown && draft.exportKind == draft.importKind && Self.contains(draft.exportSubject, draft.importSubject)
    }

    private var exportRulesAboutToken: Set<Rule> {
        guard hasExport, isReadable else { return [] }
        var rules: Set<Rule> = []
        if !Self.contains(draft.exportSubject, draft.tokenSubject) { rules.insert(.activationExportSubject) }
        if hasOneSubject, isRevoked { rules.insert(.activationRevoked) }
        return rules
    }

    private var exportRules: Set<Rule> {
        guard isKnown else { return [.exporterUnknown] }
        guard hasExport else { return [.exportMissing] }
        var rules: Set<Rule> = []
        if draft.tokenRequired, draft.text == .absent { rules.insert(.activationMissing) }
        let tokens = draft.importSubject.split(separator: ".")
        if draft.position > 0, String(tokens[draft.position - 1]) != importer { rules.insert(.accountPosition) }
        return rules
    }

    private var isRevoked: Bool {
        let subject = draft.subject == "*" ? importer : draft.subject
        return draft.revocations.contains { revocation in
            (revocation.subject == "*" || revocation.subject == subject)
                && draft.issuedAt.map { revocation.time >= $0 } ?? true
        }
    }

    /// Whether every subject of `inner` is one of `outer`.
    static func contains(_ outer: String, _ inner: String) -> Bool {
        let outer = outer.split(separator: ".")
        let inner = inner.split(separator: ".")
        for (place, token) in outer.enumerated() {
            if token == ">" { return inner.count > place }
            guard place < inner.count, inner[place] != ">" else { return false }
            guard token == "*" || token == inner[place] else { return false }
        }
        return outer.count == inner.count
    }
}

/// Every rule of the trust model, in the order of the catalogue (Docs/TrustRules.md).
///
/// A rule's raw value is its code. Codes are stable: verdicts, the command line's JSON, HTTP errors and audit
/// reports all use them. The order of the cases is the order in which a verdict lists its findings.
public enum Rule: String, CaseIterable, Hashable, Sendable {
    // T: the token by itself
    case tokenSize = "T-size"
    case tokenSegments = "T-segments"
    case tokenBase64 = "T-base64"
    case tokenJSON = "T-json"
    case tokenHeader = "T-header"
    case tokenAlgorithm = "T-alg"
    case tokenVersion = "T-version"
    case tokenLegacy = "T-legacy"
    case tokenType = "T-type"
    case tokenIssuer = "T-issuer"
    case tokenSubject = "T-subject"
    case tokenSignature = "T-signature"
    case tokenExpired = "T-expired"
    case tokenNotBefore = "T-not-before"
    case tokenIssuedAt = "T-issued-at"
    case tokenLifetime = "T-lifetime"
    case tokenKey = "T-key"
    case tokenContent = "T-content"

    // C: the chain, and who may act
    case operatorTrusted = "C-operator"
    case accountSigner = "C-account-signer"
    case accountUnknown = "C-account-unknown"
    case accountPinned = "C-account-pinned"
    case accountLimit = "C-account-limit"
    case accountMismatch = "C-account-mismatch"
    case userSigner = "C-user-signer"
    case userScope = "C-user-scope"
    case template = "C-template"
    case templateValue = "C-template-value"
    case userRevoked = "C-user-revoked"
    case userProof = "C-user-proof"
    case userBearer = "C-user-bearer"
    case userSource = "C-user-source"
    case userHours = "C-user-hours"
    case userConnection = "C-user-connection"
    case userProxy = "C-user-proxy"
    case userAudience = "C-user-audience"

    // B: an import bound to its token
    case exporterUnknown = "B-exporter-unknown"
    case exportMissing = "B-export-missing"
    case exportChoice = "B-export-choice"
    case activationMissing = "B-token-missing"
    case activationInvalid = "B-token-invalid"
    case activationImporter = "B-importer"
    case activationExporter = "B-exporter"
    case activationScopedSigner = "B-scoped-signer"
    case activationKind = "B-kind"
    case activationSubject = "B-subject"
    case activationExportSubject = "B-export-subject"
    case accountPosition = "B-position"
    case activationRevoked = "B-revoked"
    case activationAudience = "B-audience"
    case publicToken = "B-public-token"
    case localSubject = "B-local-subject"
    case importCycle = "B-cycle"
    case accountLimits = "B-limits"

    // U: an upload to the account server
    case uploadPath = "U-path"
    case uploadSigner = "U-signer"
    case uploadStale = "U-stale"
    case uploadBinding = "U-binding"
    case uploadDependents = "U-dependents"
    case uploadReadOnly = "U-read-only"
    case uploadDenied = "U-denied"

    /// The code of the rule, for example `B-subject`.
    public var code: String { rawValue }
}

extension Rule: Comparable {
    private static let positions: [Rule: Int] = {
        var positions: [Rule: Int] = [:]
        for (position, rule) in allCases.enumerated() { positions[rule] = position }
        return positions
    }()

    /// Where the rule stands in the catalogue, from 0.
    public var position: Int { Self.positions[self] ?? Self.allCases.count }

    /// Catalogue order.
    public static func < (left: Rule, right: Rule) -> Bool { left.position < right.position }
}

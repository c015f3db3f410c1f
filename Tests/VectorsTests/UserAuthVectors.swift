import Foundation
import NKeys
import Subjects
import SystemTimeZones
import Testing

@testable import Trust

/// `user_auth.json`: users who connect, with everything that decides.
@Suite struct UserAuthVectors {
    /// The vectors' reasons, and the rules of the catalogue that each stands for; any of them answers it.
    static let rules: [String: Set<Rule>] = [
        "signature-missing": [.userProof], "signature-invalid": [.userProof], "signature-encoding": [.userProof],
        "user-expired": [.tokenExpired], "user-not-yet-valid": [.tokenNotBefore], "time-negative": [.tokenJSON],
        "user-decode": [
            .tokenSegments, .tokenBase64, .tokenJSON, .tokenHeader, .tokenAlgorithm, .tokenVersion, .tokenType,
            .tokenIssuer, .tokenSignature,
        ],
        "user-subject": [.tokenSubject, .tokenKey], "user-invalid": [.tokenContent], "user-missing": [.tokenSegments],
        "issuer-unknown": [.userSigner], "issuer-strict": [.userSigner], "account-unknown": [.accountUnknown],
        // An account that signs itself is refused as such before anyone asks who signed it.
        "account-untrusted": [.accountSigner, .tokenIssuer], "account-expired": [.tokenExpired],
        "account-invalid": [.tokenContent, .tokenType, .localSubject, .accountLimits],
        "account-mismatch": [.accountMismatch], "account-not-pinned": [.accountPinned], "revoked": [.userRevoked],
        "iat-future": [.tokenIssuedAt], "bearer-disallowed": [.userBearer], "scoped-not-empty": [.userScope],
        "template": [.template], "template-injection": [.templateValue], "source": [.userSource],
        // Unknown types alone are a fault of the token as well.
        "connection-type": [.userConnection, .tokenContent], "times": [.userHours], "proxy-required": [.userProxy],
    ]

    private static let zones = SystemZones()

    @Test func userAuth() throws {
        try VectorFile.run("user_auth.json") { vector in
            let verdict = try Self.judge(vector)
            guard let user = verdict.proof else {
                let found = Set(Self.rules.filter { !$0.value.isDisjoint(with: verdict.failures.map(\.rule)) }.keys)
                let places = verdict.failures.map { "\($0.rule.code) at \($0.place)" }.joined(separator: ", ")
                return vector.refusal(found, for: "reason", among: Set(Self.rules.keys), at: places)
            }
            guard vector.expectsAcceptance else { return vector.mismatch(with: .accepted()) }
            return try Self.mismatch(user.permissions, vector.fields["effective_permissions"])
        }
    }

    private static func judge(_ vector: VectorCase) throws -> Verdict<TrustedUser> {
        let now = UnixTime((vector.fields["now"] as? NSNumber)?.int64Value ?? 0) ?? .zero
        let policy: Policy = vector.isMarked("legacy") ? .compatible : .strict
        let verifier = TokenVerifier(policy: policy, zones: zones)
        let operators = (vector.fields["trusted_operator_jwts"] as? [String] ?? []).compactMap {
            verifier.verify($0, as: OperatorClaims.self, at: now).proof
        }
        let pinned = try (vector.fields["pinned_accounts"] as? [String]).map { keys in
            Set(try keys.map { try PublicKey($0) })
        }
        let chain = ChainVerifier(anchors: TrustAnchors(operators), verifier: verifier, pinned: pinned)
        var accounts = MemoryAccountResolver()
        for (key, token) in vector.fields["accounts"] as? [String: String] ?? [:] {
            accounts[try PublicKey(key)] = .token(token)
        }
        let client = vector.fields["connection"] as? [String: String] ?? [:]
        guard let kind = ConnectionContext.Kind(rawValue: client["type"] ?? "") else {
            throw VectorFault("no connection type")
        }
        let connection = ConnectionContext(
            host: client["host"] ?? "", kind: kind, nonce: Array((client["nonce"] ?? "").utf8),
            signature: client["signature"])
        let token = try vector.string("user_jwt")
        try explain(token, accounts, chain, at: now)
        return chain.user(token, resolver: accounts, connection: connection, at: now)
    }

    /// Holds the explanation of the user at rest to the verdict on it.
    private static func explain(
        _ token: String, _ accounts: MemoryAccountResolver, _ chain: ChainVerifier, at now: UnixTime
    ) throws {
        let verdict = chain.user(token, resolver: accounts, at: now)
        let report = ExplanationAgreement.report(token, chain.verifier, at: now)
        var account: JudgedToken?
        if let key = (report.claims as? UserClaims).map({ $0.issuerAccount ?? $0.common.issuer }),
            case .token(let text)? = accounts[key], !verdict.notJudged.contains(.accountUnknown)
        {
            account = JudgedToken(
                chain.account(text, for: key, at: now),
                claims: ExplanationAgreement.report(text, chain.verifier, at: now).claims)
        }
        let tree = Explainer(chain: chain, operator: nil, at: now).user(
            verdict, token: JudgedToken(report), account: account)
        if let complaint = ExplanationAgreement.complaint(tree, verdict.failures) { throw VectorFault(complaint) }
    }

    /// What is wrong with the permissions; nothing where the case does not say what they are.
    private static func mismatch(_ permissions: EffectivePermissions, _ expected: Any?) throws -> String? {
        if expected is NSNull {
            return permissions.source == .unrestricted ? nil : "expected no restriction, got \(permissions.source)"
        }
        guard let expected = expected as? [String: Any] else { return nil }
        let lists = permissions.lists
        for (name, allow, deny) in [
            ("publish", lists.publishAllow, lists.publishDeny),
            ("subscribe", lists.subscribeAllow, lists.subscribeDeny),
        ] {
            let sides = expected[name] as? [String: [String]] ?? [:]
            let isRestricted = expected["\(name)_restricted"] as? Bool ?? false
            // A response permission alone restricts too.
            let isOurs = allow != nil || (name == "publish" && lists.responses != nil)
            if isRestricted != isOurs { return "\(name): expected restricted \(isRestricted), got \(isOurs)" }
            for (side, got) in [("allow", allow), ("deny", deny)] {
                let got = Set((got ?? []).map(\.text))
                if got != Set(sides[side] ?? []) {
                    return "\(name) \(side): expected \(sides[side] ?? []), got \(got.sorted())"
                }
            }
        }
        return nil
    }
}

extension VectorCase {
    /// As `mismatch(with:knowing:)`, for a refusal whose reason stands in another field than `rule`.
    func refusal(_ found: Set<String>, for field: String, among known: Set<String>, at place: String) -> String? {
        var fields = fields
        fields["rule"] = fields[field]
        let vector = VectorCase(fields: fields, file: file, index: index)
        return vector.mismatch(with: .refused(found, at: place), knowing: known)
    }
}

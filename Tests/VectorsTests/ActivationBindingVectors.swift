import Foundation
import NKeys
import Testing

@testable import Trust

/// `activation_binding.json`: an import judged against its exporter and its token, in both policies.
@Suite struct ActivationBindingVectors {
    /// The vectors' own codes, and the rules that each stands for; any of them answers it.
    static let rules: [String: Set<Rule>] = [
        "token-missing": [.activationMissing], "token-format": [.activationInvalid],
        "importer-mismatch": [.activationImporter], "kind-mismatch": [.activationKind],
        "issuer-unknown": [.activationExporter], "issuer-strict": [.activationExporter],
        "issuer-account-missing": [.activationExporter], "issuer-account-mismatch": [.activationExporter],
        "issuer-scoped": [.activationScopedSigner], "subject-mismatch": [.activationSubject],
        "token-exceeds-export": [.activationExportSubject], "export-missing": [.exportMissing],
        "expired": [.tokenExpired], "not-yet-valid": [.tokenNotBefore], "iat-future": [.tokenIssuedAt],
        "time-negative": [.tokenJSON], "revoked": [.activationRevoked],
        "account-token-position": [.accountPosition], "exporter-untrusted": [.exporterUnknown],
    ]

    @Test func activationBinding() throws {
        try VectorFile.run("activation_binding.json") { vector in
            let exact = try Self.complaint(vector, .strict, expected: "expected_exact", rules: "rules_exact")
            let contained = try Self.complaint(
                vector, .compatible, expected: "expected_contained", rules: "rules_contained")
            let complaints = [exact.map { "exactly: \($0)" }, contained.map { "contained: \($0)" }].compactMap { $0 }
            return complaints.isEmpty ? nil : complaints.joined(separator: "; ")
        }
    }

    /// Only the product's own copy is held to this: another folder may have mended its cases.
    @Test func contradictionsAreNotStale() throws {
        guard VectorFile.isOwn, let file = try VectorFile("activation_binding.json") else { return }
        for vector in file.cases where VectorContradictions.rows[vector.id] != nil {
            #expect(
                try Self.verdict(vector, .strict).isAccepted == false, "\(vector.id) no longer contradicts the rules")
        }
    }

    /// What is wrong with the verdict under `base`; nil when it is the expected one, with every rule that it names.
    private static func complaint(
        _ vector: VectorCase, _ base: Policy, expected: String, rules names: String
    ) throws -> String? {
        let verdict = try verdict(vector, base)
        let codes = verdict.failures.map(\.rule.code)
        let accepts = vector.fields[expected] as? String == "accept"
        if accepts, VectorContradictions.explain(verdict.failures, of: vector.id) { return nil }
        if verdict.isAccepted != accepts { return "expected \(accepts ? "accept" : "reject"), got \(codes)" }
        let found = Set(verdict.failures.map(\.rule))
        let missing = (vector.fields[names] as? [String] ?? []).filter { name in
            self.rules[name].map { $0.isDisjoint(with: found) } ?? false
        }
        return missing.isEmpty ? nil : "expected \(missing.joined(separator: ", ")) too, got \(codes)"
    }

    private static func verdict(_ vector: VectorCase, _ base: Policy) throws -> Verdict<Binding> {
        var policy = base
        policy.legacyTokens = vector.isMarked("legacy") ? .accepted : .refused
        let now = UnixTime((vector.fields["now"] as? NSNumber)?.int64Value ?? 0) ?? .zero
        let verifier = TokenVerifier(policy: policy, zones: VectorZones())
        let chain = try chain(of: vector, verifier, at: now)
        guard let importer = chain.account(try vector.string("importer_jwt"), at: now).proof else {
            throw VectorFault("the importer is refused by itself")
        }
        let exporter = Exporter(chain.account(try vector.string("exporter_jwt"), at: now))
        let index = (vector.fields["import_index"] as? NSNumber)?.intValue ?? 0
        let binder = BindingVerifier(verifier: verifier)
        guard let verdict = binder.bind(importAt: index, of: importer, to: exporter, at: now) else {
            throw VectorFault("no import \(index)")
        }
        let token = try vector.string("exporter_jwt")
        let isKnown = importer.claims.imports[index].account == exporter.account?.key
        let account = JudgedToken(
            chain.account(token, at: now), claims: ExplanationAgreement.report(token, verifier, at: now).claims)
        let tree = Explainer(chain: chain, operator: nil, at: now).import(
            at: index, of: JudgedToken(claims: importer.claims, failures: []), verdict: verdict,
            exporter: isKnown || exporter.account == nil ? account : nil)
        if let complaint = ExplanationAgreement.complaint(tree, verdict.failures) { throw VectorFault(complaint) }
        return verdict
    }

    private static func chain(of vector: VectorCase, _ verifier: TokenVerifier, at now: UnixTime) throws
        -> ChainVerifier
    {
        let verdict = verifier.verify(try vector.string("operator_jwt"), as: OperatorClaims.self, at: now)
        guard let anchor = verdict.proof else { throw VectorFault("the operator is refused: \(verdict.failures)") }
        return ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier)
    }
}

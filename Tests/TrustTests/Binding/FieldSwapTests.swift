import NKeys
import Testing

@testable import Trust

/// A binding that is right, and each fact that it binds changed in turn, then two at once: CVE-2021-3127 was a token that
/// served others than those it was for.
@Suite struct FieldSwapTests {
    struct Swap: CustomTestStringConvertible, Sendable {
        let name: String
        let codes: Set<String>
        /// What the fact is part of: two swaps of one part are not made together.
        let part: String
        let change: @Sendable (inout BindingFacts) -> Void
        var testDescription: String { name }

        init(
            _ name: String, _ codes: String..., part: String, change: @escaping @Sendable (inout BindingFacts) -> Void
        ) {
            self.name = name
            self.codes = Set(codes)
            self.part = part
            self.change = change
        }
    }

    static let swaps = [
        Swap("another importer", "B-importer", part: "sub") { $0.token?.isForImporter = false },
        Swap("another signer", "B-exporter", part: "iss") { $0.token?.signer = .stranger },
        Swap("another issuer account", "B-exporter", part: "iss") { $0.token?.namesExporter = false },
        Swap("a signing key for no account", "B-exporter", part: "iss") { $0.token?.signer = .signingKey },
        Swap("an identity key under strict signing keys", "B-exporter", part: "iss") { $0.demandsSigningKeys = true },
        Swap("a scoped signing key", "B-scoped-signer", part: "iss") {
            $0.token?.signer = .scopedKey
            $0.token?.namesExporter = true
        },
        Swap("another kind", "B-kind", part: "kind") { $0.token?.kind = .service },
        Swap("a narrower subject", "B-subject", part: "subject") { $0.token?.subject = "a.x" },
        Swap("a wider subject", "B-subject", part: "subject") { $0.token?.subject = "a.*" },
        Swap("a subject beyond the export", "B-subject", "B-export-subject", part: "subject") {
            $0.token?.subject = ">"
        },
        Swap("another audience", "B-audience", part: "aud") { $0.token?.audienceIsImporter = false },
        Swap("a past expiry", "T-expired", "B-token-invalid", part: "exp") { $0.token?.expires = 0 },
        Swap("a future beginning", "T-not-before", "B-token-invalid", part: "nbf") { $0.token?.notBefore = 1 },
        Swap("an issue to come", "T-issued-at", "B-token-invalid", part: "iat") { $0.token?.issuedAt = 61 },
        Swap("another's signature", "T-signature", "B-token-invalid", part: "signature") {
            $0.token?.isSignedWell = false
        },
        Swap("a revocation of everyone", "B-revoked", part: "revocation") { $0.exports[0].revokedAll = 61 },
        Swap("an export of another kind", "B-export-missing", part: "export") { $0.exports[0].kind = .service },
        Swap("an export of another subject", "B-export-missing", part: "export") { $0.exports[0].subject = "b.>" },
        Swap("a refused exporter", "B-exporter-unknown", part: "exporter") { $0.standing = .refused },
        Swap("an unknown exporter", "B-exporter-unknown", part: "exporter") { $0.standing = .unknown },
    ]

    static func good(_ forge: BindingForge) -> BindingFacts {
        var facts = BindingFacts(keys: BindingFacts.Keys(forge))
        facts.exports[0].subject = "a.>"
        facts.token?.audienceIsImporter = true
        facts.token?.expires = 1
        facts.token?.notBefore = 0
        return facts
    }

    @Test func `the binding that is changed holds`() throws {
        let forge = try BindingForge.shared.get()
        #expect(try Self.good(forge).codes(forge, signing: true) == [])
    }

    @Test(arguments: swaps) func `each fact has its own code, and no other`(_ swap: Swap) throws {
        let forge = try BindingForge.shared.get()
        var facts = Self.good(forge)
        swap.change(&facts)
        #expect(try facts.codes(forge, signing: true) == swap.codes)
    }

    @Test func `two faults are both reported, and nothing else`() throws {
        let forge = try BindingForge.shared.get()
        // What cannot be judged without the exporter, or without an export.
        let ofExporter: Set = ["B-exporter", "B-scoped-signer", "B-export-missing", "B-export-subject", "B-revoked"]
        let ofExport: Set = ["B-export-subject", "B-revoked"]
        for (place, one) in Self.swaps.enumerated() {
            for other in Self.swaps[..<place] where one.part != other.part {
                var facts = Self.good(forge)
                other.change(&facts)
                one.change(&facts)
                var expected = one.codes.union(other.codes)
                if expected.contains("B-exporter-unknown") { expected.subtract(ofExporter) }
                if expected.contains("B-export-missing") { expected.subtract(ofExport) }
                #expect(try facts.codes(forge, signing: true) == expected, "\(one.name) and \(other.name)")
            }
        }
    }

    @Test func `a token is refused on a public export too, beside B-public-token`() throws {
        let forge = try BindingForge.shared.get()
        for swap in Self.swaps where swap.codes.isDisjoint(with: ["B-export-missing", "B-exporter-unknown"]) {
            var facts = Self.good(forge)
            facts.exports[0].demandsToken = false
            swap.change(&facts)
            #expect(
                try facts.codes(forge, signing: true) == swap.codes.union(["B-public-token"]), "\(swap.name)")
        }
    }
}

import Foundation
import NKeys
import Subjects
import Testing

@testable import Trust

/// `jwt_decode.json` and `claims_validate.json`: tokens by themselves.
@Suite struct TokenVectors {
    /// The vectors' own codes, and the rules of the catalogue that each stands for; any of them answers it.
    static let rules: [String: Set<Rule>] = [
        "b32-alphabet": [.tokenKey], "b32-whitespace": [.tokenKey], "b32-trailing-bits": [.tokenKey],
        "checksum": [.tokenKey], "key-length": [.tokenKey], "prefix": [.tokenKey], "key-type": [.tokenKey],
        "ed25519-s-range": [.tokenSignature], "ed25519-small-order": [.tokenSignature],
        "ed25519-noncanonical-point": [.tokenSignature], "ed25519-point": [.tokenSignature],
        "signature": [.tokenSignature], "signature-length": [.tokenSignature],
        "segments": [.tokenSegments], "size": [.tokenSize],
        "b64-alphabet": [.tokenBase64], "b64-padding": [.tokenBase64], "b64-whitespace": [.tokenBase64],
        "b64-trailing-bits": [.tokenBase64],
        "hdr-alg": [.tokenAlgorithm], "hdr-version-mismatch": [.tokenAlgorithm],
        "hdr-typ": [.tokenHeader], "hdr-crit": [.tokenHeader], "hdr-extra-param": [.tokenHeader],
        "json": [.tokenJSON], "json-type": [.tokenJSON], "json-number": [.tokenJSON], "json-utf8": [.tokenJSON],
        "json-bom": [.tokenJSON], "json-depth": [.tokenJSON], "json-trailing-data": [.tokenJSON],
        "json-case-variant-key": [.tokenJSON], "time-negative": [.tokenJSON],
        // One signing key listed scoped and then plain bears this code too; it is a matter of content.
        "json-duplicate-key": [.tokenJSON, .tokenContent],
        "claim-missing": [.tokenIssuer, .tokenSubject, .tokenContent],
        "issuer-prefix": [.tokenIssuer], "subject-prefix": [.tokenSubject], "issuer-account-prefix": [.tokenKey],
        "issuer-account-not-self": [.tokenIssuer], "operator-not-self-signed": [.tokenIssuer],
        "version": [.tokenVersion], "type-conflict": [.tokenVersion], "type-unsupported": [.tokenType],
        "enum": [.tokenContent], "subject-invalid": [.tokenContent], "expired": [.tokenExpired],
        "time-exp-boundary": [.tokenExpired], "time-format": [.tokenContent], "time-zone": [.tokenContent],
        "revocation-key": [.tokenKey], "mapping-destination": [.tokenContent], "import-account": [.tokenKey],
        "renaming-index": [.tokenContent], "renaming-duplicate": [.tokenContent], "signing-key-self": [.tokenContent],
        "import-self": [.tokenContent], "wildcard-exports": [.tokenContent], "connection-type": [.tokenContent],
        "version-format": [.tokenContent], "signing-key-duplicate": [.tokenContent],
    ]

    /// Decoding does not look at the time.
    private static let timeless: Policy = {
        var policy = Policy.strict
        policy.relaxed = [.tokenExpired, .tokenNotBefore, .tokenIssuedAt, .tokenLifetime]
        return policy
    }()

    @Test func jwtDecode() throws {
        try VectorFile.run("jwt_decode.json") { vector in
            let policy = Self.policy(Self.timeless, for: vector)
            let token = try Self.token(of: vector)
            let report = Self.report(token, policy, at: .zero)
            // A generic token is taken only where one is asked for: the case does, when it expects one.
            let expected = (vector.fields["expected_claims"] ?? vector.fields["go_generic_claims"]) as? [String: Any]
            let content = expected?["nats"] as? [String: Any]
            let type = content?["type"] as? String
            if vector.expectsAcceptance, expected != nil, report.isAccepted {
                if report.type?.name != type ?? "generic" {
                    return "expected \(type ?? "a generic token"), got \(report.type?.name ?? "nothing")"
                }
                if let expected, let complaint = Self.difference(report, expected) { return complaint }
                if type == nil { return Self.mismatch(vector, report.failures) }
            }
            let verifier = TokenVerifier(policy: policy, zones: VectorZones())
            let known = Array(token.utf8).withUnsafeBufferPointer { verifier.verifyKnown(utf8: $0, at: .zero) }
            return Self.mismatch(vector, known.failures)
        }
    }

    @Test func claimsValidate() throws {
        try VectorFile.run("claims_validate.json") { vector in
            // The refusal of an import is the account's no more than the account's is the import's.
            let isImportLevel = vector.fields["level"] as? String == "import"
            let now = UnixTime((vector.fields["now"] as? NSNumber)?.int64Value ?? 0) ?? .zero
            let report = Self.report(try Self.token(of: vector), Self.policy(.strict, for: vector), at: now)
            if isImportLevel {
                return report.isAccepted
                    ? nil : "expected the account to stand, got \(report.failures.map(\.rule.code))"
            }
            if let type = vector.fields["type"] as? String, report.type?.name != type {
                return "expected \(type), got \(report.type?.name ?? "nothing")"
            }
            if let warning = vector.fields["warning"] as? String, report.isAccepted, report.warnings.isEmpty {
                return "expected the warning \(warning), got none"
            }
            return Self.mismatch(vector, report.failures)
        }
    }

    /// Only the product's own copy is held to this: another folder may have mended its cases.
    @Test func contradictionsAreNotStale() throws {
        guard VectorFile.isOwn, let file = try VectorFile("claims_validate.json") else { return }
        var rows = Set(VectorContradictions.rows.keys).intersection(file.cases.map(\.id))
        for vector in file.cases where rows.contains(vector.id) && vector.expectsAcceptance {
            let now = UnixTime((vector.fields["now"] as? NSNumber)?.int64Value ?? 0) ?? .zero
            if !Self.report(try Self.token(of: vector), .strict, at: now).isAccepted { rows.remove(vector.id) }
        }
        #expect(rows.isEmpty, "these cases no longer contradict the rules")
    }

    // MARK: Shared with other suites

    static func mismatch(_ vector: VectorCase, _ failures: [Finding]) -> String? {
        guard !failures.isEmpty else { return vector.mismatch(with: .accepted()) }
        if vector.expectsAcceptance, VectorContradictions.explain(failures, of: vector.id) { return nil }
        let places = failures.map { "\($0.rule.code) at \($0.place)" }.joined(separator: ", ")
        return vector.mismatch(
            with: .refused(names(of: failures.map(\.rule)), at: places), knowing: Set(rules.keys))
    }

    /// The vectors' codes that these rules answer.
    static func names(of found: [Rule]) -> Set<String> {
        Set(rules.filter { !$0.value.isDisjoint(with: found) }.keys)
    }

    static func report(_ token: String, _ policy: Policy, at now: UnixTime) -> TokenReport {
        var token = token
        return token.withUTF8 { TokenVerifier(policy: policy, zones: VectorZones()).report(utf8: $0, at: now) }
    }

    /// Where the decoded claims differ from those that the case expects; nil when they are the same.
    private static func difference(_ report: TokenReport, _ expected: [String: Any]) -> String? {
        guard let claims = report.claims else { return "expected claims, got none" }
        let text = ClaimsJSON.json(of: claims, version: report.version ?? .two, embeddedTokens: .raw)
        guard var found = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            return "the claims are no JSON"
        }
        // Members beside `iss` that nobody knows are kept here; the vectors are of a reader that drops them.
        for member in claims.unknown where member.level == .payload { found[member.name] = nil }
        if NSDictionary(dictionary: found).isEqual(to: expected) { return nil }
        return "expected the claims \(expected), got \(found)"
    }

    /// The policy with what the case's marks ask for.
    private static func policy(_ base: Policy, for vector: VectorCase) -> Policy {
        var policy = base
        if vector.isMarked("legacy") { policy.legacyTokens = .accepted }
        let isSelfSigned = vector.id == "ok-account-self" || vector.id.hasPrefix("account-selfsigned-")
        if isSelfSigned { policy.accountSigning = .byOperatorOrSelf }
        return policy
    }

    /// The token of a case, spelled out or built from its parts.
    static func token(of vector: VectorCase) throws -> String {
        if let token = vector.fields["token"] as? String { return token }
        if let parts = vector.fields["token_parts"] as? [[String: Any]] { return text(of: parts) }
        guard let build = vector.fields["token_build"] as? [String: Any], let header = build["header"] as? String,
            let payload = build["payload_parts"] as? [[String: Any]], let signature = build["signature"] as? String
        else { throw VectorFault("no token") }
        let segments = [header, text(of: payload)].map {
            String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self)
        }
        return (segments + [signature]).joined(separator: ".")
    }

    private static func text(of parts: [[String: Any]]) -> String {
        parts.map { part in
            if let text = part["text"] as? String { return text }
            return String(
                repeating: part["repeat"] as? String ?? "", count: (part["count"] as? NSNumber)?.intValue ?? 0)
        }.joined()
    }
}

/// The zones that vectors name, by Foundation, so that this target needs no files of the system.
struct VectorZones: TimeZones {
    func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? {
        guard TimeZone.knownTimeZoneIdentifiers.contains(name) || name == "UTC" else { return nil }
        return TimeZone(identifier: name)?.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(unixTime)))
    }
}

import NKeys
import Trust

/// Audits tokens one account at a time; a value without state, so that many may be audited at once.
///
/// ```swift
/// let auditor = Auditor(chain: chain, at: now)
/// let audit = StoreAudit(auditor, entries.map(auditor.survey))
/// let inForce = audit.resolve(audit.accounts.map(audit.judgeImports))
/// for index in audit.accounts { findings += audit.findings(ofAccountAt: index, inForce[index]) }
/// findings += audit.findingsAcrossAccounts()
/// ```
public struct Auditor: Sendable {
    /// What is looked for.
    public enum Extent: Hashable, Sendable {
        /// Every rule, and what the audit looks for beyond them.
        case full
        /// That, and what the script of CVE-2021-3127 checks.
        case fullAndAdvisory
        /// What that script checks and nothing else. No operator is needed: no signature counts.
        case advisoryOnly

        var isFull: Bool { self != .advisoryOnly }
        var hasAdvisory: Bool { self != .full }
    }

    let chain: ChainVerifier
    let now: UnixTime
    let extent: Extent

    /// An auditor who trusts the operators of `chain`.
    public init(chain: ChainVerifier, extent: Extent = .full, at now: UnixTime) {
        self.chain = chain
        self.now = now
        self.extent = extent
    }

    /// What stands against the operator's own token.
    public func findings(ofOperator token: [UInt8], name: String, in origin: Origin) -> [AuditFinding] {
        guard extent.isFull else { return [] }
        let (verdict, report) = token.withUnsafeBufferPointer {
            (
                chain.verifier.verify(utf8: $0, as: OperatorClaims.self, at: now),
                chain.verifier.report(utf8: $0, at: now)
            )
        }
        let common = report.claims?.common
        let subject = AuditFinding.Subject(key: common?.subject, name: Wording.name(common?.name, or: name))
        var findings = Grading.findings(of: verdict, subject: subject, at: .whole, in: origin)
        if verdict.isAccepted, common?.expires == nil {
            findings.append(
                AuditFinding(
                    .audit(.noExpiry), of: subject, at: "exp", in: origin, "the operator's token never expires"))
        }
        return findings
    }

    /// What a token says, whether or not it is accepted.
    func report(_ token: [UInt8]) -> TokenReport {
        token.withUnsafeBufferPointer { chain.verifier.report(utf8: $0, at: now) }
    }

    /// What an embedded token says, whether or not it is accepted.
    func report(_ token: String) -> TokenReport {
        var token = token
        return token.withUTF8 { chain.verifier.report(utf8: $0, at: now) }
    }
}

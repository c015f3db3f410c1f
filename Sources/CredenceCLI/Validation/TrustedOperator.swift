import NKeys
import Trust

/// The operator of a store: what the rules say of its token, and what it lets accounts be judged by.
struct TrustedOperator {
    let entity: StoreReport.Entity
    let anchors: TrustAnchors

    /// Judges the token. The store is asked about this operator, so it is the one that is trusted.
    ///
    /// An operator that is only out of its time still tells who may sign: its accounts then say that the operator is
    /// expired, and not that nobody knows who signed them.
    init(_ token: [UInt8], name: String, verifier: TokenVerifier, now: UnixTime) {
        let verdict = token.withUnsafeBufferPointer { verifier.verify(utf8: $0, as: OperatorClaims.self, at: now) }
        if let proof = verdict.proof {
            entity = StoreReport.Entity(
                subject: proof.subject, name: proof.claims.common.displayName(or: name), outcome: Outcome(verdict))
            anchors = TrustAnchors([proof])
            return
        }
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
        entity = StoreReport.Entity(report, role: .operator, name: name, outcome: Outcome(verdict))
        let inItsTime = report.claims.flatMap { Self.moment(inTimeOf: $0.common, near: now) }
        let proof = inItsTime.flatMap { time in
            token.withUnsafeBufferPointer { verifier.verify(utf8: $0, as: OperatorClaims.self, at: time) }.proof
        }
        anchors = TrustAnchors([proof].compactMap { $0 })
    }

    private static func moment(inTimeOf claims: CommonClaims, near now: UnixTime) -> UnixTime? {
        let start = max(now, max(claims.notBefore ?? .zero, claims.issuedAt ?? .zero))
        return claims.expires.map { min(start, $0.advanced(by: -1)) } ?? start
    }
}

extension CommonClaims {
    /// The name that the token gives, or else another.
    func displayName(or other: String) -> String { name.isEmpty ? other : name }
}

extension StoreReport.Entity {
    /// What a refused token says of itself; its key only if it is one of the role that belongs there.
    init(_ report: TokenReport, role: KeyRole, name: String, outcome: Outcome) {
        let common = report.claims?.common
        self.init(
            subject: common?.subject.role == role ? common?.subject : nil,
            name: common?.displayName(or: name) ?? name, outcome: outcome)
    }
}

import NKeys
import Trust

// What shows only against an earlier version of a store.

extension StoreAudit {
    /// What an earlier version of one account had, and the store now lacks. Any thread.
    public func changes(since earlier: AuditEntry) -> Changes {
        var changes = Changes()
        guard auditor.extent.isFull, let before = claims(of: earlier) else { return changes }
        changes.withdrawn = before.signingKeys.map(\.key)
        guard let index = places[before.common.subject] else { return changes }
        let survey = surveys[index]
        guard let now = survey.claims else { return changes }
        let kept = Set(now.signingKeys.map(\.key) + [now.common.subject])
        changes.withdrawn.removeAll { kept.contains($0) }
        changes.findings += droppedRevocations(from: before, to: now, of: survey)
        changes.findings += deletedUsers(of: earlier, survey)
        return changes
    }

    /// The signing keys that the operator listed in an earlier token, and not in those that are trusted now.
    public func withdrawnKeys(ofOperator earlier: [UInt8]) -> [PublicKey] {
        let report = auditor.report(earlier)
        guard let claims = report.claims as? OperatorClaims, report.isSigned else { return [] }
        let anchors = auditor.chain.anchors
        return claims.signingKeys.filter { anchors.operator(of: $0) == nil }
    }

    /// Tokens that are signed by keys that were withdrawn.
    public func findings(signedByWithdrawn keys: Set<PublicKey>) -> [AuditFinding] {
        guard !keys.isEmpty else { return [] }
        return surveys.flatMap { findings(in: $0, signedBy: keys) }
    }

    private func findings(in survey: AccountSurvey, signedBy keys: Set<PublicKey>) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        func add(_ key: PublicKey, _ place: Place, _ origin: Origin) {
            findings.append(
                AuditFinding(
                    .audit(.signerRemoved), of: survey.subject, at: place, in: origin,
                    "signed by `\(key.text)`, which was a signing key before and is none now"))
        }
        if case .refused(_, let claims?) = survey.standing, keys.contains(claims.common.issuer) {
            add(claims.common.issuer, "iss", survey.origin)
        }
        for user in survey.users ?? [] {
            guard let signer = user.unknownSigner, keys.contains(signer) else { continue }
            add(signer, Place(Wording.place(ofUser: user.name)).member("iss"), user.origin)
        }
        for (index, item) in (survey.claims?.imports ?? []).enumerated() {
            guard let token = item.token, let issuer = auditor.report(token).claims?.common.issuer,
                keys.contains(issuer)
            else { continue }
            add(issuer, Place("imports").element(index).member("token"), survey.origin)
        }
        return findings
    }

    /// What an earlier token says, if it is signed by whom it names. That it is out of its time by now is no matter.
    private func claims(of earlier: AuditEntry) -> AccountClaims? {
        guard let token = earlier.token else { return nil }
        let report = auditor.report(token)
        guard report.isSigned, let claims = report.claims as? AccountClaims else { return nil }
        return claims
    }

    private func droppedRevocations(
        from before: AccountClaims, to now: AccountClaims, of survey: AccountSurvey
    ) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        func compare(_ old: Revocations, _ new: [Revocations], at place: Place) {
            for (key, time) in Self.dropped(from: old, to: new) {
                let who = key.map { "`\($0.text)`" } ?? "everyone"
                findings.append(
                    AuditFinding(
                        .audit(.revocationDropped), of: survey.subject, at: place, in: survey.origin,
                        "the revocation of \(who) at \(time) was there before and is not there now"))
            }
        }
        compare(before.revocations, [now.revocations], at: "revocations")
        for export in before.exports where !export.revocations.isEmpty {
            let same = now.exports.indices.filter { now.exports[$0].kind == export.kind }
            let exact = same.filter { now.exports[$0].subject == export.subject }
            // Under another subject the export is another one, which may let in whom the old one kept out.
            let heirs = exact.isEmpty ? same.filter { now.exports[$0].subject.overlaps(export.subject) } : exact
            for heir in heirs {
                let place = Place("exports").element(heir).member("revocations")
                compare(export.revocations, [now.exports[heir].revocations], at: place)
            }
        }
        return findings
    }

    /// Revocations of `old` that none in `new` makes up for: the same key, or everyone, at the same time or later.
    private static func dropped(
        from old: Revocations, to new: [Revocations]
    ) -> [(key: PublicKey?, time: UnixTime)] {
        var dropped: [(key: PublicKey?, time: UnixTime)] = []
        if let time = old.everyone, !new.contains(where: { ($0.everyone ?? .zero) >= time }) {
            dropped.append((nil, time))
        }
        for (key, time) in old.keys.sorted(by: { $0.key < $1.key })
        where !new.contains(where: { $0.time(covering: key, issuedAt: time) != nil }) {
            dropped.append((key, time))
        }
        return dropped
    }

    /// Users who are gone from the store and would still be let in.
    private func deletedUsers(of earlier: AuditEntry, _ survey: AccountSurvey) -> [AuditFinding] {
        guard let account = survey.trusted, let users = survey.users else { return [] }
        let known = Set(users.compactMap(\.key))
        return (earlier.users ?? []).compactMap { stored in
            let verdict = stored.token.withUnsafeBufferPointer {
                auditor.chain.user(utf8: $0, of: account, at: auditor.now)
            }
            guard let user = verdict.proof, !known.contains(user.key) else { return nil }
            return AuditFinding(
                .audit(.userDeleted), of: survey.subject, at: Place(Wording.place(ofUser: stored.name)),
                in: survey.origin, "`\(user.key.text)` was there before, is not there now, and is still let in")
        }
    }
}

/// What an earlier version of an account had.
public struct Changes: Sendable {
    /// What is missing now and should not be.
    public internal(set) var findings: [AuditFinding] = []
    /// Signing keys that the account lists no more.
    public internal(set) var withdrawn: [PublicKey] = []
}

extension TokenReport {
    /// Whether the token is signed by the key that it names.
    var isSigned: Bool {
        payload != nil && !failures.contains { $0.rule == .tokenSignature } && !notJudged.contains(.tokenSignature)
    }
}

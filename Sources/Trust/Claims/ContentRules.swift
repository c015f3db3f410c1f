import NKeys
import Subjects

// The rules of content that look at several members at once (T-content). What one member alone decides is judged
// while it is read.

extension ClaimsReader {
    /// Judges an account's members against one another.
    mutating func judge(_ account: AccountClaims, subject: PublicKey?, issuer: PublicKey?) {
        judgeExports(account.exports)
        judgeImports(account, subject: subject)
        judgeCounts(account)
        var seen: Set<PublicKey> = []
        for (index, key) in account.signingKeys.enumerated() {
            if key.key == subject { note(.tokenContent, at: Place("signing_keys[\(index)]"), .signingKeyIsIdentity) }
            if account.signingKeys.count > 1, !seen.insert(key.key).inserted {
                note(.tokenContent, at: Place("signing_keys[\(index)]"), .signingKeyRepeated)
            }
        }
        if let subject, issuer == subject, account.limits != AccountLimits(), account.limits != .unlimited {
            warn(.tokenContent, at: "limits", .selfSignedWithLimits)
        }
    }

    private mutating func judgeExports(_ exports: [Export]) {
        guard exports.count > 1 else { return }
        judgeExports(exports, .stream)
        judgeExports(exports, .service)
    }

    private mutating func judgeExports(_ exports: [Export], _ kind: ExportKind) {
        let indices = exports.indices.filter { exports[$0].kind == kind }
        if indices.count > 1 {
            var search = ContainmentSearch(patterns: indices.map { exports[$0].subject })
            for (outer, inner) in search.containments() {
                let (outer, inner) = (indices[outer], indices[inner])
                let isSame = exports[outer].subject == exports[inner].subject
                note(
                    .tokenContent, at: Place("exports[\(inner)].subject"),
                    isSame ? .exportRepeated(of: outer) : .exportContained(in: outer))
            }
            if search.isExhausted {
                note(.tokenContent, at: "exports", .budgetExhausted("whether exports contain one another"))
            }
        }
    }

    private mutating func judgeImports(_ account: AccountClaims, subject: PublicKey?) {
        for (index, item) in account.imports.enumerated() where item.account == subject {
            note(.tokenContent, at: Place("imports[\(index)].account"), .importFromSelf)
        }
        let overlaps = account.serviceImports { $0.contains($1) || $1.contains($0) }
        for pair in overlaps.pairs {
            note(.tokenContent, at: Place("imports[\(pair.later)]"), .importsOverlap(with: pair.earlier))
        }
        if overlaps.isExhausted { note(.tokenContent, at: "imports", .budgetExhausted("whether imports overlap")) }
    }

    private mutating func judgeCounts(_ account: AccountClaims) {
        for finding in account.limitFindings(.tokenContent) { note(finding.rule, at: finding.place, finding.detail) }
    }

    /// Judges an operator's members against one another.
    mutating func judge(_ claims: OperatorClaims, subject: PublicKey?) {
        var seen: Set<PublicKey> = []
        for (index, key) in claims.signingKeys.enumerated() {
            if key == subject { note(.tokenContent, at: Place("signing_keys[\(index)]"), .signingKeyIsIdentity) }
            if !seen.insert(key).inserted {
                note(.tokenContent, at: Place("signing_keys[\(index)]"), .signingKeyRepeated)
            }
        }
    }
}

extension AccountClaims {
    /// Where the account exceeds what its operator allows: numbers of imports and exports, wildcards in exports.
    /// Each finding is of rule `rule`.
    func limitFindings(_ rule: Rule) -> [Finding] {
        var findings: [Finding] = []
        if limits.imports >= 0, Int64(imports.count) > limits.imports {
            findings.append(
                Finding(rule, at: "imports", .tooMany(what: "imports", count: imports.count, limit: limits.imports)))
        }
        if limits.exports >= 0, Int64(exports.count) > limits.exports {
            findings.append(
                Finding(rule, at: "exports", .tooMany(what: "exports", count: exports.count, limit: limits.exports)))
        }
        if !limits.wildcardExports {
            for (index, export) in exports.enumerated() where !export.subject.isLiteral {
                findings.append(Finding(rule, at: Place("exports[\(index)].subject"), .wildcardExportsForbidden))
            }
        }
        return findings
    }

    /// Pairs of service imports from one exporter whose local subjects stand in a relation, by index.
    func serviceImports(
        where related: (SubjectPattern, SubjectPattern) -> Bool
    ) -> (pairs: [(earlier: Int, later: Int)], isExhausted: Bool) {
        let services = imports.indices.filter { imports[$0].kind == .service }
        guard services.count > 1 else { return ([], false) }
        let locals = services.map { imports[$0].localPattern ?? imports[$0].subject }
        var pairs: [(earlier: Int, later: Int)] = []
        var comparisons = 0
        for later in services.indices.dropFirst() {
            for earlier in 0..<later where imports[services[earlier]].account == imports[services[later]].account {
                comparisons += 1
                if comparisons > ContentLimits.comparisons { return (pairs, true) }
                if related(locals[earlier], locals[later]) {
                    pairs.append((services[earlier], services[later]))
                    break
                }
            }
        }
        return (pairs, false)
    }
}

import NKeys

/// The B rules of one import read aloud, a paragraph a code; it shares no code with what it judges.
///
/// B-local-subject and B-limits refuse the importing account and are no matter here; B-cycle is `CircleOracle`'s.
enum BindingOracle {
    /// The codes of every rule that fails, the token's own included.
    static func codes(_ facts: BindingFacts) -> Set<String> {
        var codes = facts.isURL ? ["B-token-invalid"] : facts.token.map { tokenCodes($0, facts) } ?? []
        let hasToken = facts.isURL || facts.token != nil
        let token = facts.isURL ? nil : facts.token

        // The exporter is known and passes its own rules; what follows needs it.
        guard facts.standing == .trusted else { return codes.union(["B-exporter-unknown"]) }

        if let token { codes.formUnion(signerCodes(token, facts)) }

        // The export with the import's very subject decides, or else every one that contains it.
        let sameKind = facts.exports.filter { $0.kind == facts.kind }
        let exact = sameKind.filter { $0.subject == facts.subject }
        let deciding = exact.isEmpty ? sameKind.filter { contains($0.subject, facts.subject) } : exact
        if deciding.isEmpty { return codes.union(["B-export-missing"]) }

        var refusing = 0
        var tokenFaults = codes
        for export in deciding {
            var own: Set<String> = []
            if export.demandsToken, !hasToken { own.insert("B-token-missing") }
            if let token, !contains(export.subject, token.subject) { own.insert("B-export-subject") }
            if let token, isRevoked(token, export) { own.insert("B-revoked") }
            tokenFaults.formUnion(own)
            let words = facts.subject.split(separator: ".").map(String.init)
            if export.position > 0 {
                let word = export.position <= words.count ? words[export.position - 1] : nil
                if word != facts.keys.importer.publicKey.text { own.insert("B-position") }
            }
            if !own.isEmpty { refusing += 1 }
            codes.formUnion(own)
        }
        if deciding.count > 1, refusing > 0 { codes.insert("B-export-choice") }

        // A token on a public export is checked all the same.
        if hasToken, !tokenFaults.isEmpty, deciding.allSatisfy({ !$0.demandsToken }) { codes.insert("B-public-token") }
        return codes
    }

    /// What the token fails by itself, and against the import.
    private static func tokenCodes(_ token: BindingFacts.TokenFacts, _ facts: BindingFacts) -> Set<String> {
        var codes: Set<String> = []
        if !token.isSignedWell { codes.insert("T-signature") }
        if let expires = token.expires, expires <= 0 { codes.insert("T-expired") }
        if let start = token.notBefore, start > 0 { codes.insert("T-not-before") }
        if token.issuedAt > 60 { codes.insert("T-issued-at") }
        if !codes.isEmpty { codes.insert("B-token-invalid") }

        if !token.isForImporter { codes.insert("B-importer") }
        if token.kind != facts.kind { codes.insert("B-kind") }
        let isBound =
            token.subject == facts.subject || facts.isCompatible && contains(token.subject, facts.subject)
        if !isBound { codes.insert("B-subject") }
        if token.audienceIsImporter == false { codes.insert("B-audience") }
        return codes
    }

    /// Who may sign for the exporter.
    private static func signerCodes(_ token: BindingFacts.TokenFacts, _ facts: BindingFacts) -> Set<String> {
        switch token.signer {
        case .identity: facts.demandsSigningKeys || token.namesExporter == false ? ["B-exporter"] : []
        case .signingKey: token.namesExporter == true ? [] : ["B-exporter"]
        case .scopedKey: token.namesExporter == true ? ["B-scoped-signer"] : ["B-scoped-signer", "B-exporter"]
        case .stranger: ["B-exporter"]
        }
    }

    /// A revocation of the token's importer, or of everyone, at or after its `iat`.
    private static func isRevoked(_ token: BindingFacts.TokenFacts, _ export: BindingFacts.ExportFacts) -> Bool {
        let own = token.isForImporter ? export.revokedImporter : export.revokedStranger
        return [own, export.revokedAll].contains { time in time.map { $0 >= token.issuedAt } ?? false }
    }

    /// Whether every subject of `inner` is one of `outer`: `*` is inside `*` and `>` only, `>` inside `>` only.
    static func contains(_ outer: String, _ inner: String) -> Bool {
        let (outer, inner) = (outer.split(separator: "."), inner.split(separator: "."))
        for (place, token) in outer.enumerated() {
            if token == ">" { return inner.count > place }
            guard place < inner.count, inner[place] != ">" else { return false }
            if token != "*", token != inner[place] { return false }
        }
        return outer.count == inner.count
    }
}

import Trust

// A verdict on one step of an exchange: what it proves, or the refusal that ends the exchange.

extension TokenExchange {
    /// The proof of a verdict, or its refusal thrown.
    static func proved<Proof>(
        _ verdict: IdentityVerdict<Proof>
    ) throws(IdentityRefusal) -> (proof: Proof, warnings: [IdentityFinding]) {
        switch verdict {
        case .accepted(let proof, let warnings): return (proof, warnings)
        case .refused(let refusal): throw refusal
        }
    }

    /// The same for a verdict of the trust model.
    static func proved<Proof>(
        _ verdict: Verdict<Proof>, at place: String
    ) throws(IdentityRefusal) -> (proof: Proof, warnings: [IdentityFinding]) {
        switch verdict {
        case .accepted(let proof, let warnings):
            return (proof, warnings.map { IdentityFinding($0, in: place) })
        case .refused(let refusal):
            let failures = refusal.failures.map { IdentityFinding($0, in: place) }
            throw IdentityRefusal(
                failures.first ?? IdentityFinding(.exchangeSubject, at: place, "the token was refused"),
                Array(failures.dropFirst()), warnings: refusal.warnings.map { IdentityFinding($0, in: place) })
        }
    }
}

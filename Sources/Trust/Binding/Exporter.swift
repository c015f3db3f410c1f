import NKeys

/// What is known of an exporting account when an import is bound.
public enum Exporter: Sendable {
    /// No account of this key is known.
    case unknown
    /// The account is known, and refused by its own T and C rules.
    case refused(Refusal)
    /// The account is trusted.
    case trusted(TrustedAccount)

    /// The exporter that a verdict on its account makes.
    public init(_ verdict: Verdict<TrustedAccount>) {
        switch verdict {
        case .accepted(let account, _): self = .trusted(account)
        case .refused(let refusal): self = .refused(refusal)
        }
    }

    /// The account, where it is trusted.
    var account: TrustedAccount? {
        if case .trusted(let account) = self { account } else { nil }
    }
}

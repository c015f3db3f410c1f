import Trust

/// The code of a finding: a rule of the trust model where one applies, else a rule of the audit's own.
public enum AuditCode: Hashable, Sendable {
    case trust(Rule)
    case audit(AuditRule)

    /// Every code that a finding can bear, in the order of the catalogue.
    public static let all: [AuditCode] = Rule.allCases.map(AuditCode.trust) + AuditRule.allCases.map(AuditCode.audit)

    private static let positions: [AuditCode: Int] = {
        var positions: [AuditCode: Int] = [:]
        for (position, code) in all.enumerated() { positions[code] = position }
        return positions
    }()

    /// Where the code stands in that order, from 0.
    public var position: Int { Self.positions[self] ?? Self.all.count }

    /// The code as text, for example `B-importer`.
    public var code: String {
        switch self {
        case .trust(let rule): rule.code
        case .audit(let rule): rule.code
        }
    }

    /// How bad it is where nothing else is known.
    public var severity: Severity {
        switch self {
        case .trust(let rule): rule.severity
        case .audit(let rule): rule.severity
        }
    }

    /// What it means when something is found under it, in one line.
    public var meaning: String {
        switch self {
        case .trust(let rule): rule.breach
        case .audit(let rule): rule.meaning
        }
    }

    /// What to do about it, in one line.
    public var hint: String {
        switch self {
        case .trust(let rule): rule.remedy
        case .audit(let rule): rule.hint
        }
    }
}

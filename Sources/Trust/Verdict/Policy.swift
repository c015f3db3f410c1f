/// How strictly the rules are applied. A policy is data: which rules warn instead of refusing, and the limits.
///
/// `strict` is meant everywhere; `compatible` relaxes only the rules that Docs/TrustRules.md marks (c), to run a
/// deployment that was built with other tools. A relaxed rule is still reported, as a warning. A rule whose failure
/// leaves nothing to go on with (a token that cannot be read) refuses under every policy.
public struct Policy: Hashable, Sendable {
    /// How an import's subject must stand to its token's (B-subject).
    public enum SubjectBinding: Hashable, Sendable {
        /// The token's subject is the import's, exactly.
        case exact
        /// The token's subject contains the import's.
        case contained
    }

    /// Which version 1 tokens are read (T-legacy).
    public enum LegacyTokens: Hashable, Sendable {
        case refused
        case accepted
    }

    /// Who may sign an account token.
    public enum AccountSigning: Hashable, Sendable {
        /// An operator only.
        case byOperator
        /// An operator, or the account itself; for tokens that an operator has yet to sign.
        case byOperatorOrSelf
    }

    /// What a value put into a template may hold (C-template-value).
    public enum TemplateValues: Hashable, Sendable {
        /// One literal subject token.
        case oneToken
        /// Literal tokens joined by dots.
        case tokens
    }

    /// Whether a user token must name an audience (C-user-audience).
    public enum AudienceDemand: Hashable, Sendable {
        case optional
        case required
    }

    /// The zone in which a user's `times` are read when its token names none.
    public var defaultTimeZone = "UTC"
    /// Rules that warn instead of refusing.
    public var relaxed: Set<Rule> = []
    /// How an import's subject must stand to its token's.
    public var subjectBinding = SubjectBinding.exact
    /// Whether version 1 tokens are read.
    public var legacyTokens = LegacyTokens.refused
    /// Who may sign an account token.
    public var accountSigning = AccountSigning.byOperator
    /// What a value put into a template may hold.
    public var templateValues = TemplateValues.oneToken
    /// Whether a user token must name an audience.
    public var audienceDemand = AudienceDemand.optional
    /// The names of this verifier, one of which a user token's `aud` must be.
    public var audiences: Set<String> = []
    /// The size of the largest token read, in bytes (T-size).
    public var maximumTokenSize = 1 << 20
    /// How far a token's `iat` may be ahead of the clock, in seconds (T-issued-at).
    public var issuedAtLeeway: Int64 = 60
    /// The longest life of a token by its type, in seconds (T-lifetime); none by default.
    public var maximumLifetime: [TokenType: Int64] = [:]

    /// The strict policy, to be changed rule by rule.
    public init() {}

    /// Every rule refuses.
    public static let strict = Policy()

    /// The rules marked (c) are relaxed, nothing else.
    public static let compatible: Policy = {
        var policy = Policy()
        policy.subjectBinding = .contained
        policy.legacyTokens = .accepted
        policy.templateValues = .tokens
        return policy
    }()
}

/// The types of token that the trust model knows.
public enum TokenType: String, CaseIterable, Hashable, Sendable {
    case `operator`
    case account
    case user
    case activation
    case authorizationRequest = "authorization_request"
    case authorizationResponse = "authorization_response"
    /// A signed token of any other content.
    case generic

    /// The type's name in a token; a generic token has none of its own.
    public var name: String { rawValue }
}

import NKeys

/// Why something holds or does not: a tree of rules, each with its outcome, the token it was judged on and the claims
/// that decided. `Explainer` makes it.
///
/// A tree holds no token's text and no seed: tokens are named, and values that have the form of a secret are masked.
/// For people and tools; what is decided is the verdict's alone, of which this is an account.
public struct Explanation: Hashable, Sendable {
    /// How a rule, or what several rules are about, came out.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// It holds.
        case holds
        /// It fails, and refuses what it stands under.
        case fails
        /// It fails, but the policy relaxes it; or a remark.
        case warns
        /// Something else that failed left nothing to judge.
        case notJudged = "not_judged"
        /// It does not apply here.
        case notAsked = "not_asked"
    }

    /// A claim that had a say, as it is shown: on one line, cut where it is long, and masked where it has the form of a
    /// secret.
    public struct Claim: Hashable, Sendable {
        /// What the claim is called: `sub`, `exports[2].token_req`.
        public let name: String
        /// Its value.
        public let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = ShownText.line(value)
        }
    }

    /// What this is about, in one line; for a rule, what is so where it holds.
    public let about: String
    /// How it came out.
    public let outcome: Outcome
    /// The rule, where it is about one.
    public let rule: Rule?
    /// Where it was judged: in the token of this part of the tree, or in that of the importing account.
    public let place: Place?
    /// Why it came out so, in one line: the text of the finding, or why nothing was asked.
    public let message: String?
    /// The token that it is about.
    public let token: TokenName?
    /// The claims that decided.
    public let claims: [Claim]
    /// What it rests on.
    public let children: [Explanation]

    init(
        _ about: String, _ outcome: Outcome, rule: Rule? = nil, at place: Place? = nil, message: String? = nil,
        token: TokenName? = nil, claims: [Claim] = [], _ children: [Explanation] = []
    ) {
        self.about = ShownText.line(about)
        self.outcome = outcome
        self.rule = rule
        self.place = place
        self.message = message.map { ShownText.line($0) }
        self.token = token
        self.claims = claims
        self.children = children
    }
}

/// How a token is named where its text must not stand: by its type, its subject and its `jti`.
public struct TokenName: Hashable, Sendable {
    /// The type.
    public let type: TokenType
    /// `sub`.
    public let subject: PublicKey
    /// `jti` as it is shown; empty when absent.
    public let id: String

    /// The name of a token that says this.
    public init(_ claims: any TokenClaims) {
        type = Swift.type(of: claims).type
        subject = claims.common.subject
        id = ShownText.line(claims.common.id)
    }
}

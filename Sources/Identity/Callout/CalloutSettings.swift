import NKeys
import Trust

/// What an authorization service judges with: keys, issuers, roles, accounts. Made anew when a configuration is read again.
public struct CalloutSettings: Sendable {
    /// The account whose callout is answered; of a server without operator the issuer of its callout.
    public var account: PublicKey
    /// Signs answers: by the account's key, or by one of its signing keys without a role.
    public var signer: TokenSigner
    /// Opens requests and seals answers; nil when nothing is sealed.
    public var sealing: KeyPair?
    /// What becomes of a request that is not sealed, where there is a key for that.
    public var unsealed = CalloutConfiguration.Unsealed.refused
    /// The servers that are answered; nil for all that are heard.
    public var knownServers: Set<PublicKey>?
    /// The audience that roles have to admit, and that users are issued for; nil for none.
    public var audience: AudienceName?
    /// Judges the tokens that clients show.
    public var verifier: ForeignTokenVerifier
    /// Whom they become.
    public var roles: RoleTable
    /// Signs them.
    public var issuer: UserIssuer
    /// Where the accounts of an operator are; nil without operator.
    public var accounts: (any IssuingAccounts)?
    /// For how long a user is issued at most, in seconds.
    public var maximumLifetime: Int64 = 3600
    /// The names, one of which a user token of ours has to be meant for; nil when such tokens are not taken.
    public var userTokenNames: [AudienceName]?
    /// Whether the server is told why.
    public var reasons = CalloutConfiguration.Reasons.hidden
    /// How long a judgement may take.
    public var timeLimit: Duration = .milliseconds(1500)

    /// Settings with the standard for all else.
    public init(
        account: PublicKey, signer: TokenSigner, verifier: ForeignTokenVerifier, roles: RoleTable, issuer: UserIssuer,
        accounts: (any IssuingAccounts)?
    ) {
        (self.account, self.signer, self.verifier) = (account, signer, verifier)
        (self.roles, self.issuer, self.accounts) = (roles, issuer, accounts)
    }
}

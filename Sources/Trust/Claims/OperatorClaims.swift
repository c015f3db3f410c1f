import NKeys

/// What an operator token says.
public struct OperatorClaims: TokenClaims, Hashable {
    /// The operator type.
    public static var type: TokenType { .operator }
    /// What every token states. The operator signs for itself: `iss` is `sub`.
    public var common: CommonClaims
    /// `signing_keys`: further keys that sign accounts for this operator.
    public var signingKeys: [PublicKey] = []
    /// `account_server_url`; empty when absent.
    public var accountServerURL = ""
    /// `operator_service_urls`.
    public var serviceURLs: [String] = []
    /// `system_account`: the account of the servers themselves.
    public var systemAccount: PublicKey?
    /// `assert_server_version`: the oldest server that may load this operator; empty when absent.
    public var assertServerVersion = ""
    /// `strict_signing_key_usage`: identity keys sign nothing below them.
    public var strictSigningKeys = false
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// An operator without settings.
    public init(common: CommonClaims) { self.common = common }
}

import NKeys

/// What the functions of a template stand for: one user, and its account.
public struct TemplateValues: Hashable, Sendable {
    /// `{{name()}}`: the user's name.
    public var name: String
    /// `{{subject()}}`: the user's key.
    public var subject: PublicKey
    /// `{{tag(k)}}`: the values of the user's tags `k:value`.
    public var tags: [String]
    /// `{{account-name()}}`: the account's name.
    public var accountName: String
    /// `{{account-subject()}}`: the account's key.
    public var account: PublicKey
    /// `{{account-tag(k)}}`: the values of the account's tags `k:value`.
    public var accountTags: [String]

    /// The values of a user that is yet to be signed, for example to see what a role would give it.
    public init(
        name: String, subject: PublicKey, tags: [String] = [], accountName: String, account: PublicKey,
        accountTags: [String] = []
    ) {
        self.name = name
        self.subject = subject
        self.tags = tags
        self.accountName = accountName
        self.account = account
        self.accountTags = accountTags
    }

    /// The values of `user` in `account`.
    public init(user: UserClaims, account: AccountClaims) {
        self.init(
            name: user.common.name, subject: user.common.subject, tags: user.tags, accountName: account.common.name,
            account: account.common.subject, accountTags: account.tags)
    }

    /// The values of a function, in the order of the tags; none where a tag is missing.
    func values(of function: TemplateText.Function) -> [[UInt8]] {
        switch function {
        case .name: [Array(name.utf8)]
        case .subject: [Array(subject.text.utf8)]
        case .accountName: [Array(accountName.utf8)]
        case .accountSubject: [Array(account.text.utf8)]
        case .tag(let key): Self.values(of: key, in: tags)
        case .accountTag(let key): Self.values(of: key, in: accountTags)
        case .noTag, .unknown: []
        }
    }

    /// How many tags are looked at to find the values of a function.
    func cost(of function: TemplateText.Function) -> Int {
        switch function {
        case .tag: tags.count
        case .accountTag: accountTags.count
        default: 1
        }
    }

    /// What follows `key:` in the tags that begin with it. Tags are compared as they are: issuers keep them in lower
    /// case, and one that is not never matches.
    private static func values(of key: String, in tags: [String]) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for tag in tags {
            var rest = tag.utf8[...]
            var isMatch = true
            for byte in key.utf8 {
                guard rest.popFirst() == byte else {
                    isMatch = false
                    break
                }
            }
            if isMatch, rest.popFirst() == UInt8(ascii: ":") { values.append(Array(rest)) }
        }
        return values
    }
}

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
        var values: [[UInt8]] = []
        _ = forEachValue(of: function) { value in
            values.append(value.withUnsafeBufferPointer { Array($0) })
        }
        return values
    }

    /// How many tags are looked at to find the values of a function.
    func cost(of function: TemplateText.Function) -> Int {
        switch function {
        case .tag: tags.count
        case .accountTag: accountTags.count
        default: 1
        }
    }

    /// Calls the body with each value of a function, without copying it.
    ///
    /// - Returns: how many values there are.
    func forEachValue(of function: TemplateText.Function, _ body: (borrowing Span<UInt8>) -> Void) -> Int {
        switch function {
        case .name: body(name.utf8Span.span)
        case .accountName: body(accountName.utf8Span.span)
        case .subject: body(subject.text.utf8Span.span)
        case .accountSubject: body(account.text.utf8Span.span)
        case .tag(let key): return Self.forEachValue(of: key, in: tags, body)
        case .accountTag(let key): return Self.forEachValue(of: key, in: accountTags, body)
        case .noTag, .unknown: return 0
        }
        return 1
    }

    /// What follows `key:` in the tags that begin with it. Tags are compared as they are: issuers keep them in lower
    /// case, and one that is not never matches.
    private static func forEachValue(
        of key: String, in tags: [String], _ body: (borrowing Span<UInt8>) -> Void
    ) -> Int {
        var count = 0
        let key = key.utf8Span.span
        for tag in tags {
            let tag = tag.utf8Span.span
            guard tag.count > key.count, tag[key.count] == UInt8(ascii: ":") else { continue }
            var same = 0
            while same < key.count, tag[same] == key[same] { same &+= 1 }
            guard same == key.count else { continue }
            count &+= 1
            body(tag.extracting((same &+ 1)..<tag.count))
        }
        return count
    }
}

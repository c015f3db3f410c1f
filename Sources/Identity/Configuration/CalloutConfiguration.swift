import NKeys

/// What an authorization service is told: for which account it answers, as whom it connects, and how it judges.
public struct CalloutConfiguration: Sendable {
    /// What becomes of a request that is not sealed although the service has a key for that.
    public enum Unsealed: String, Hashable, Sendable, CaseIterable {
        case refused
        case accepted
    }

    /// Whether clients may show user tokens of ours.
    public enum UserTokens: String, Hashable, Sendable, CaseIterable {
        /// The token is there to reach the service, and says nothing.
        case ignored
        /// A token that holds by every rule, is meant for one of `names`, and whose key the client proved to have, is
        /// answered with the same user.
        case checked
    }

    /// Whether the server hears why a client was refused; it writes that to its log.
    public enum Reasons: String, Hashable, Sendable, CaseIterable {
        /// Only this service's own log says why.
        case hidden
        case told
    }

    /// As whom the service connects. Paths are as they stand in the file.
    public enum Login: Hashable, Sendable {
        case creds(String)
        case seed(String)
        case password(user: String, file: String)
    }

    /// The account whose callout it answers; of a server without operator the `issuer` of its `auth_callout`.
    public var account: PublicKey
    /// The key that signs answers: the account's, or one of its signing keys.
    public var signingKey: PublicKey
    /// The servers, by their addresses.
    public var servers: [String]
    /// As whom it connects.
    public var login: Login
    /// A file of certificates by which the servers are known; nil for those of the system.
    public var authorities: String?
    /// The file of the curve key's seed; nil when nothing is sealed.
    public var sealingKey: String?
    /// What becomes of what is not sealed.
    public var unsealed = Unsealed.refused
    /// The keys of the servers that are answered; nil for all.
    public var knownServers: Set<PublicKey>?
    /// The audience that roles have to admit; nil for none.
    public var audience: AudienceName?
    /// Whether user tokens are taken.
    public var userTokens = UserTokens.ignored
    /// The names one of which a user token has to be meant for.
    public var names: [AudienceName] = []
    /// The queue group that instances of the service share.
    public var queue: String?
    /// Whether reasons are told.
    public var reasons = Reasons.hidden
    /// How long a judgement may take, in milliseconds.
    public var timeLimit: Int64 = 1500
    /// How many judgements there are at once.
    public var concurrency = 64
    /// The file of the operator's token; nil without operator.
    public var operatorFile: String?
    /// A folder of accounts, or the address of an account server; nil without operator.
    public var accounts: String?

    /// A service with the standard for all else.
    public init(account: PublicKey, servers: [String], login: Login) {
        (self.account, self.servers, self.login) = (account, servers, login)
        signingKey = account
    }

    mutating func locateFiles(_ located: (String) -> String) {
        switch login {
        case .creds(let path): login = .creds(located(path))
        case .seed(let path): login = .seed(located(path))
        case .password(let user, let path): login = .password(user: user, file: located(path))
        }
        authorities = authorities.map(located)
        sealingKey = sealingKey.map(located)
        operatorFile = operatorFile.map(located)
        if let accounts, !accounts.hasPrefix("http://"), !accounts.hasPrefix("https://") {
            self.accounts = located(accounts)
        }
    }

    /// Reads the member `callout`; nil when it is at fault.
    init?(reading given: ConfigurationObject, names ownNames: [AudienceName], audiences: Set<AudienceName>) {
        var object = given
        let account = object.key("account", .account)
        if !object.wasGiven("account") { object.fault("account", "the account whose callout is answered is missing") }
        let signingKey = object.key("signing_key", .account)
        let servers = object.textOrTexts("server")
        if !object.wasGiven("server") { object.fault("server", "the address of a server is missing") }
        let login = Self.login(&object)
        let authorities = object.text("ca")
        let sealingKey = object.text("xkey")
        let unsealed = object.word("unsealed", of: Unsealed.allCases)
        if unsealed != nil, sealingKey == nil {
            object.fault("unsealed", "without `xkey` nothing is sealed: leave it out")
        }
        let knownServers = object.keys("servers", .server)
        let audience = object.text("audience").flatMap { object.audience($0, at: object.place(of: "audience")) }
        if let audience, !audiences.contains(audience) {
            object.fault("audience", "`\(audience)` is none of `audiences`: list it there, with what it is")
        }
        let userTokens = object.word("user_tokens", of: UserTokens.allCases) ?? .ignored
        let names = object.audienceNames("names") ?? ownNames
        let queue = object.text("queue")
        if let queue, queue.utf8.contains(where: { $0 <= 0x20 || [0x2a, 0x2e, 0x3e].contains($0) }) {
            object.fault("queue", "a queue group is one word without dots and wildcards")
        }
        let reasons = object.word("reasons", of: Reasons.allCases)
        let timeLimit = object.integer("time_limit", in: 10...60_000, unit: "milliseconds")
        let concurrency = object.integer("concurrency", in: 1...4096, unit: "judgements")
        let operatorFile = object.text("operator")
        let accounts = object.text("accounts")
        object.end()
        if (operatorFile == nil) != (accounts == nil) {
            object.faults.add(
                object.place,
                "`operator` and `accounts` belong together: give both, or neither for a server without operator")
        }
        if userTokens == .checked {
            if names.isEmpty { object.fault("user_tokens", "say by `names` for whom such tokens are to be meant") }
            if accounts == nil { object.fault("user_tokens", "say by `operator` and `accounts` whose tokens they are") }
        }
        guard let account, let servers, let login else { return nil }
        self.init(account: account, servers: servers, login: login)
        self.signingKey = signingKey ?? account
        self.authorities = authorities
        self.sealingKey = sealingKey
        self.unsealed = unsealed ?? .refused
        self.knownServers = knownServers.map { Set($0) }
        self.audience = audience
        self.userTokens = userTokens
        self.names = names
        self.queue = queue
        self.reasons = reasons ?? .hidden
        self.timeLimit = timeLimit ?? self.timeLimit
        self.concurrency = concurrency.map { Int(clamping: $0) } ?? self.concurrency
        self.operatorFile = operatorFile
        self.accounts = accounts
    }

    private static func login(_ object: inout ConfigurationObject) -> Login? {
        let creds = object.text("creds")
        let seed = object.text("nkey")
        let user = object.text("user")
        let password = object.text("password_file")
        let given = ["creds", "nkey", "user"].filter(object.wasGiven)
        guard given.count == 1, object.wasGiven("user") == object.wasGiven("password_file") else {
            object.fault("creds", "say as whom to connect: by `creds`, by `nkey`, or by `user` and `password_file`")
            return nil
        }
        if let creds { return .creds(creds) }
        if let seed { return .seed(seed) }
        guard let user, let password else { return nil }
        return .password(user: user, file: password)
    }
}

import NKeys

/// What is known of one server.
struct KnownServer {
    /// What it may lack.
    enum Lag: Hashable {
        /// Nothing is known: everything has to be told.
        case everything
        /// The newest tokens of these accounts.
        case accounts(Set<PublicKey>)
    }

    let identity: ServerIdentity
    /// What it calls itself in its inboxes.
    let inboxLabel: String
    var lag = Lag.everything
    /// What its words gave away of its resolver.
    var namedResolver: DistributionReport.Server.Resolver?
    /// Whether it was asked to list what it stores, and whether it has done so.
    var wasAsked = false
    var lists = false
    /// Whether it has taken an account.
    var hasConfirmed = false
    /// Surveys in a row that it did not answer.
    var missedSurveys = 0
    /// It did not answer a push, and is not waited for until it answers a survey.
    var isSilent = false
    var strangers = 0
    var notInForce: Set<PublicKey> = []
    var lastFault: String?
    /// How the state of its store differs from ours when nothing of ours is missing: what it stores beside.
    var difference: [UInt8]?
    /// Another difference, seen once.
    var suspectedDifference: [UInt8]?

    init(_ identity: ServerIdentity) {
        self.identity = identity
        inboxLabel = ServerIdentity.inboxLabel(of: identity.name)
    }

    /// How it comes to accounts, as far as it has shown.
    var resolver: DistributionReport.Server.Resolver {
        if let namedResolver { return namedResolver }
        guard hasConfirmed else { return .unknown }
        return lists ? .full : wasAsked ? DistributionReport.Server.Resolver.none : .unknown
    }

    func isPresent(_ limits: DistributionLimits) -> Bool { !isSilent && missedSurveys < limits.surveysUntilAbsent }

    /// It may lack the newest token of this account.
    mutating func falls(behindOn account: PublicKey, _ limits: DistributionLimits) {
        guard case .accounts(var accounts) = lag else { return }
        // Taken out while it is changed, so that it is not copied.
        lag = .everything
        accounts.insert(account)
        if accounts.count <= limits.behind { lag = .accounts(accounts) }
    }

    /// It does not lack this account any more.
    mutating func catchesUp(on account: PublicKey) {
        guard case .accounts(var accounts) = lag, accounts.contains(account) else { return }
        lag = .everything
        accounts.remove(account)
        lag = .accounts(accounts)
    }

    /// This is how its store differs from ours, and all is well with it.
    mutating func settles(on difference: [UInt8]?) {
        self.difference = difference
        suspectedDifference = nil
    }
}

/// What came of telling one server of an account.
enum PushOutcome: Hashable {
    /// It stores the account, or uses it, by this token.
    case updated
    /// It does not use the account, and keeps nothing; a cache may keep an older token.
    case skipped
    /// It did not take it; why.
    case failed(String)

    /// What a server's words mean, and what they tell of its resolver.
    static func reading(_ content: ServerReply.Content) -> (PushOutcome, DistributionReport.Server.Resolver?)? {
        switch content {
        case .accounts: nil
        case .failed(let fault): (.failed(fault), nil)
        case .done("jwt updated"): (.updated, nil)
        case .done("jwt updated cache"): (.updated, .cache)
        case .done("jwt update cache skipped"): (.skipped, .cache)
        case .done("jwt update skipped"): (.skipped, DistributionReport.Server.Resolver.none)
        case .done(let other): (.failed("an answer that is not known: \(other)"), nil)
        }
    }
}

import NATSClient

/// How servers are told, and how often they are asked.
public struct DistributionSettings: Sendable {
    /// What is answered to servers that ask for accounts.
    public enum Answers: Hashable, Sendable {
        /// Nothing: servers ask one another alone.
        case none
        /// Questions for one account.
        case lookups
        /// Questions for one account, and for all of them.
        case lookupsAndPacks
    }

    /// The connection, with creds of a user of the system account.
    public var connection: ConnectionSettings
    /// What is answered to servers that ask.
    public var answers = Answers.lookupsAndPacks
    /// Between two questions which servers there are.
    public var surveyInterval: Duration = .seconds(10)
    /// How long servers are waited for after a question to all of them.
    public var answerTimeout: Duration = .seconds(2)
    /// Between two comparisons of what servers list with what is kept here.
    public var comparisonInterval: Duration = .seconds(60)
    /// Before a push that failed is tried again: the first wait, which doubles with each failure.
    public var firstRetry: Duration = .milliseconds(500)
    /// The longest such wait.
    public var longestRetry: Duration = .seconds(60)
    /// Accounts that are pushed at once.
    public var parallelPushes = 32
    /// How long it takes to say that an account is not known. Servers count the answers to a question for an account and
    /// give up at the last that they expect; an answer from beside them must not be the one that fills the count while a
    /// server that has the account is still looking.
    public var unknownAnswerDelay: Duration = .milliseconds(250)

    /// Settings for a connection, and the standard for all else.
    public init(connection: ConnectionSettings) { self.connection = connection }
}

/// How much is kept in mind of servers, so that nobody can fill the memory.
struct DistributionLimits: Sendable {
    /// Servers. What is beyond is not followed.
    var servers = 1_024
    /// Accounts that a server lacks, each by name; beyond, everything is compared.
    var behind = 16_384
    /// Deletions that are kept for servers that come back.
    var deletions = 1_024
    /// Surveys without an answer after which a server is gone, and after which it is forgotten: a server that is started
    /// again bears another key.
    var surveysUntilAbsent = 2
    var surveysUntilForgotten = 60
    /// Questions for unknown accounts that wait for their answer at once.
    var unknownAnswers = 1_024
    /// The longest answer to a push, in bytes.
    var answer = 64 << 10

    static let standard = DistributionLimits()
}

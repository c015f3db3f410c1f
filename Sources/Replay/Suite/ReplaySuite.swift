import NKeys
import Trust

/// Attacks on imports, and the good imports that they are made from, as the file `suite.json` holds them.
///
///     let suite = try SuiteGenerator(keys: .fresh, at: now).suite().suite
///     let outcomes = LibraryTarget(policy: .strict).outcomes(of: suite, at: now)
///     print(ReplayReport(suite, outcomes, target: "library", policy: .strict, at: now).text)
///
/// Docs/ReplaySuite.md describes the file.
public struct ReplaySuite: Equatable, Sendable {
    /// The version of the format.
    public static let formatVersion = 1

    /// An account with its token.
    public struct Account: Equatable, Sendable {
        /// Its identity key.
        public let key: PublicKey
        /// Its account token.
        public let token: String
        /// The token of the suite's user as a member of the account; nil where the run needs none.
        public let userToken: String?
    }

    /// A change that attacks are made of.
    public struct Change: Equatable, Sendable {
        /// Its name.
        public let id: String
        /// What it changes.
        public let fact: Fact
        /// The code of the rule that it breaks in the first place.
        public let rule: String
        /// What it does, in a line.
        public let about: String
    }

    /// What a judge must find.
    public struct Expectation: Equatable, Sendable {
        /// The codes of the rules that the import breaks, in the order of the catalogue: none for a good import.
        public let rules: [String]
        /// The codes of what else a judge may find, where a text can be read in two ways; no other may be found.
        public let possible: [String]

        init(rules: [String], possible: [String] = []) { (self.rules, self.possible) = (rules, possible) }

        /// Whether the import must be refused.
        public var isRefused: Bool { !rules.isEmpty }
    }

    /// Two accounts, of which one imports from the other.
    public struct World: Equatable, Sendable {
        /// `BASE/good`, `BASE/MUTATION` or `BASE/MUTATION+MUTATION`.
        public let id: String
        /// The name of the good import that it is or was.
        public let base: String
        /// The names of the changes; empty for a good import.
        public let mutations: [String]
        /// The account whose messages or service they are.
        public let exporter: Account
        /// The account that imports, with the one import in its token.
        public let importer: Account
        /// The kind of the import: which way messages would go.
        public let kind: ExportKind
        /// Where the receiving side listens: the exporter for a service, the importer for a stream.
        public let listen: String
        /// What the sending side publishes, or asks for.
        public let publish: String
        /// By the strict policy.
        public let strict: Expectation
        /// By the compatible policy.
        public let compatible: Expectation
        /// Under which of the suite's operators it is, from 0.
        public let operatorIndex: Int
        /// What stands on a server before the attack comes; nil for a good import.
        public let standing: Standing?

        /// Whether it is a good import.
        public var isControl: Bool { mutations.isEmpty }

        /// By a policy.
        public func expectation(_ policy: SuitePolicy) -> Expectation { policy == .strict ? strict : compatible }
    }

    /// The moment that the suite is made for.
    public let at: UnixTime
    /// From this second on its good tokens are expired.
    public let until: UnixTime
    /// The tokens of the operators that are trusted.
    public let operators: [String]
    /// The servers' own account.
    public let system: Account
    /// Accounts that are good and stand in no world.
    public let bystanders: [Account]
    /// The user whom every account has.
    public let user: PublicKey
    /// What each base is, by its name.
    public let bases: [String: String]
    /// The changes that attacks are made of.
    public let changes: [Change]
    /// The good imports, each followed by its attacks.
    public let worlds: [World]
    /// Attacks on uploads themselves, and what is like them and good.
    public let uploads: [UploadAttack]

    /// The attacks alone.
    public var attacks: [World] { worlds.filter { !$0.isControl } }
    /// The good imports alone.
    public var controls: [World] { worlds.filter(\.isControl) }
}

/// The two policies that a suite knows the answers of.
public enum SuitePolicy: String, CaseIterable, Sendable {
    case strict, compatible

    /// The library's policy of that name.
    public var rules: Policy { self == .strict ? .strict : .compatible }
}

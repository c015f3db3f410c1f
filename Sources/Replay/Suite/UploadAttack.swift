import NKeys
import Trust

extension ReplaySuite {
    /// One request that changes something on an account server.
    public struct Request: Equatable, Sendable {
        /// What is done.
        public enum Verb: String, Sendable {
            /// A token is brought.
            case post = "POST"
            /// Accounts are deleted, by a token.
            case delete = "DELETE"
        }

        /// Where the accounts are, by their keys.
        public static let accounts = "/jwt/v1/accounts/"

        /// What is done.
        public let verb: Verb
        /// The path, as it goes over the wire.
        public let path: String
        /// The body, but for its padding.
        public let text: String
        /// The letter `A` follows the text up to that many bytes; nil for nothing.
        public let size: Int?

        init(_ verb: Verb, _ path: String, _ text: String, size: Int? = nil) {
            (self.verb, self.path, self.text, self.size) = (verb, path, text, size)
        }

        /// A token that is brought.
        public init(posting token: String, to path: String) { self.init(.post, path, token) }

        /// An account's token, to be stored under a key.
        static func store(_ token: String, for key: PublicKey) -> Request {
            Request(.post, accounts + key.text, token)
        }

        /// The body.
        public var body: [UInt8] {
            let bytes = Array(text.utf8)
            return bytes + Array(repeating: UInt8(ascii: "A"), count: max(0, (size ?? 0) - bytes.count))
        }

        /// What stands in place of an account's key; nil where the path is another.
        public var argument: String? {
            path.hasPrefix(Self.accounts) ? String(path.dropFirst(Self.accounts.count)) : nil
        }

        /// The account, where the path names one.
        public var account: PublicKey? { argument.flatMap { try? PublicKey($0, role: .account) } }

        /// Whether the server can be asked for the verdict alone: one account is uploaded, and its token is read.
        public var canRunDry: Bool { verb == .post && account != nil && size == nil }
    }

    /// A request that an account server must refuse, or for a good one accept, and what is to be stored before it.
    public struct UploadAttack: Equatable, Sendable {
        /// `upload/NAME`.
        public let id: String
        /// What it does, in a line.
        public let about: String
        /// The rows of the advisories that it tries, such as `T7`; may be none.
        public let covers: [String]
        /// Under which of the suite's operators it is, from 0.
        public let operatorIndex: Int
        /// What must be accepted first, in this order.
        public let before: [Request]
        /// The attack.
        public let attack: Request
        /// By the strict policy: all the rules that a server must name, and none beside them.
        public let strict: Expectation
        /// By the compatible policy.
        public let compatible: Expectation

        /// Whether it is good.
        public var isControl: Bool { !strict.isRefused }

        /// Whether it is uploads of accounts alone, which can be judged without a server.
        public var isJudgedByLibrary: Bool {
            (before + [attack]).allSatisfy { $0.verb == .post && $0.argument != nil }
        }
    }

    /// What stands of a world before its attack: the good import, by the same accounts.
    public struct Standing: Equatable, Sendable {
        /// The exporter's token; nil where it is the one of the attack.
        public let exporter: String?
        /// The importer's token.
        public let importer: String
    }

    /// One thing that is tried, whatever against: what a report is made of.
    public struct Trial: Equatable, Sendable {
        /// Its name.
        public let id: String
        /// The name of the good import that it is or was, or `upload`.
        public let base: String
        /// The names of the changes; empty for what is good.
        public let mutations: [String]
        /// By the strict policy.
        public let strict: Expectation
        /// By the compatible policy.
        public let compatible: Expectation
        /// Whether it is good.
        public var isControl: Bool { mutations.isEmpty }

        /// By a policy.
        public func expectation(_ policy: SuitePolicy) -> Expectation { policy == .strict ? strict : compatible }
    }
}

extension ReplaySuite.World {
    /// As a trial.
    public var trial: ReplaySuite.Trial {
        ReplaySuite.Trial(id: id, base: base, mutations: mutations, strict: strict, compatible: compatible)
    }

    /// As a trial of an account server.
    public var uploadTrial: ReplaySuite.Trial {
        let upload = upload
        return ReplaySuite.Trial(
            id: id, base: base, mutations: mutations, strict: upload.strict, compatible: upload.compatible)
    }

    /// As uploads: the good import first, then the attack. U-binding stands for every rule that refuses an import.
    public var upload: ReplaySuite.UploadAttack {
        var before: [ReplaySuite.Request] = []
        if let standing {
            before.append(.store(standing.exporter ?? exporter.token, for: exporter.key))
            before.append(.store(standing.importer, for: importer.key))
        }
        // The same token again changes nothing.
        if standing == nil || standing?.exporter != nil { before.append(.store(exporter.token, for: exporter.key)) }
        func refused(_ expectation: ReplaySuite.Expectation) -> ReplaySuite.Expectation {
            let binding = expectation.isRefused ? [Rule.uploadBinding.code] : []
            return ReplaySuite.Expectation(rules: expectation.rules + binding, possible: expectation.possible)
        }
        return ReplaySuite.UploadAttack(
            id: id, about: "", covers: [], operatorIndex: operatorIndex, before: before,
            attack: .store(importer.token, for: importer.key), strict: refused(strict), compatible: refused(compatible))
    }
}

extension ReplaySuite.UploadAttack {
    /// As a trial.
    public var trial: ReplaySuite.Trial {
        let name = String(id.drop { $0 != "/" }.dropFirst())
        return ReplaySuite.Trial(
            id: id, base: "upload", mutations: isControl ? [] : [name], strict: strict, compatible: compatible)
    }
}

import NKeys
import Synchronization

@testable import Trust

/// Accounts as a server stores them, and the means to make tokens for them.
struct UploadWorld {
    /// What a token of an account says, to be changed and signed again.
    struct Plan {
        var exports: [Export] = []
        var imports: [Import] = []
        /// Mappings as they stand in JSON, each a member.
        var mappings: [String] = []
        /// Whether the account lists its signing key.
        var listsSigner = true
        /// Seconds; nil for never.
        var expires: Int64?

        /// The names of exports and imports, to sign users for; makes a token another.
        var remark = ""
    }

    struct Export: Hashable {
        var subject: String
        var kind = "service"
        var tokenRequired = false
        /// Revocations as they stand in JSON, each a member.
        var revocations: [String] = []

        var json: String {
            let revoked = revocations.isEmpty ? "" : #","revocations":{\#(revocations.joined(separator: ","))}"#
            return
                #"{"subject":"\#(subject)","type":"\#(kind)"\#(tokenRequired ? #","token_req":true"# : "")\#(revoked)}"#
        }
    }

    struct Import: Hashable {
        var exporter: PublicKey
        var subject: String
        var kind = "service"
        var local: String?
        var token: String?

        var json: String {
            let local = local.map { #","local_subject":"\#($0)""# } ?? ""
            let token = token.map { #","token":"\#($0)""# } ?? ""
            return #"{"subject":"\#(subject)","account":"\#(exporter)","type":"\#(kind)"\#(local)\#(token)}"#
        }
    }

    /// A token that may be uploaded.
    struct Candidate {
        let text: String
        let subject: PublicKey
        let issuedAt: Int64
        let plan: Plan
        /// Whether its signature is not that of the issuer it names.
        var isForged = false

        var activations: [String] { plan.imports.compactMap(\.token) }
    }

    static let start = ChainWorld.moment(1_800_000_000)
    let chainWorld = ChainWorld()
    let foreignOperator = ChainWorld.pair(.operator)
    let pairs: [KeyPair]
    let signers: [KeyPair]
    let chain: ChainVerifier
    var now = UploadWorld.start
    /// What is stored.
    var stored: [PublicKey: Candidate] = [:]
    var deleted: [PublicKey: UnixTime] = [:]

    init(accounts: Int, policy: Policy = .strict) throws {
        pairs = (0..<accounts).map { _ in ChainWorld.pair(.account) }
        signers = (0..<accounts).map { _ in ChainWorld.pair(.account) }
        chain = try chainWorld.chain(policy: policy)
    }

    func key(_ account: Int) -> PublicKey { pairs[account].publicKey }

    func account(_ key: PublicKey) -> Int { pairs.firstIndex { $0.publicKey == key } ?? 0 }

    /// Signs an account token. `iat` stands in the token unless it is nil.
    func sign(
        _ account: Int, _ plan: Plan, issuedAt: Int64?, by signer: KeyPair? = nil
    ) throws -> Candidate {
        var claims = ["iat": issuedAt.map { "\($0)" } ?? ""]
        if let expires = plan.expires { claims["exp"] = "\(expires)" }
        if !plan.remark.isEmpty { claims["name"] = "\"\(plan.remark)\"" }
        let nats = """
            "limits":{\(ChainWorld.noLimits)},"exports":[\(plan.exports.map(\.json).joined(separator: ","))],\
            "imports":[\(plan.imports.map(\.json).joined(separator: ","))],\
            "mappings":{\(plan.mappings.joined(separator: ","))},\
            "signing_keys":[\(plan.listsSigner ? "\"\(signers[account].publicKey)\"" : "")]
            """
        let text = try ChainWorld.mint(
            "account", by: signer ?? chainWorld.operatorSigner, for: key(account), claims: claims, nats: nats)
        return Candidate(text: text, subject: key(account), issuedAt: issuedAt ?? 0, plan: plan)
    }

    /// The token with another signature than its issuer's.
    func forged(_ candidate: Candidate) throws -> Candidate {
        let end = candidate.text.lastIndex(of: ".") ?? candidate.text.endIndex
        let signature = try foreignOperator.sign(Array(candidate.text[..<end].utf8))
        let text = candidate.text[..<end] + "." + String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self)
        return Candidate(
            text: String(text), subject: candidate.subject, issuedAt: candidate.issuedAt, plan: candidate.plan,
            isForged: true)
    }

    /// Text of an activation that `exporter` gives `importer`.
    func activation(
        from exporter: Int, for importer: Int, _ subject: String, kind: String = "service", bySigner: Bool = false,
        claims: [String: String] = [:]
    ) throws -> String {
        let named = bySigner ? #","issuer_account":"\#(key(exporter))""# : ""
        return try ChainWorld.mint(
            "activation", by: bySigner ? signers[exporter] : pairs[exporter], for: key(importer), claims: claims,
            nats: #""subject":"\#(subject)","kind":"\#(kind)"\#(named)"#)
    }

    func version(of key: PublicKey) -> StoredVersion {
        if let stored = stored[key] { return .token(stored.text, issuedAt: ChainWorld.moment(stored.issuedAt)) }
        return deleted[key].map(StoredVersion.deleted) ?? .none
    }

    /// The accounts that name `key` as an exporter.
    func importers(of key: PublicKey) -> [PublicKey] {
        stored.filter { $0.value.plan.imports.contains { $0.exporter == key } }.keys.sorted()
    }

    var resolver: CountingResolver { CountingResolver(stored.mapValues(\.text)) }

    mutating func store(_ candidate: Candidate) {
        stored[candidate.subject] = candidate
        deleted[candidate.subject] = nil
    }

    mutating func delete(_ key: PublicKey) {
        guard stored.removeValue(forKey: key) != nil else { return }
        deleted[key] = now
    }

    /// Has a judge judge an upload over what is stored; nothing is stored by it.
    func judge(
        _ candidate: Candidate, at path: String? = nil, by judge: inout UploadJudge, resolver: CountingResolver? = nil
    ) -> Verdict<AcceptedUpload> {
        var text = candidate.text
        let key = path.flatMap { try? PublicKey($0) } ?? candidate.subject
        return text.withUTF8 {
            judge.judge(
                $0, at: path ?? candidate.subject.text, over: version(of: key), importers: importers(of: key),
                resolver: resolver ?? self.resolver, at: now)
        }
    }

    /// Has an upload judged, and stores what is accepted.
    @discardableResult
    mutating func upload(_ candidate: Candidate, to judge: inout UploadJudge) -> Verdict<AcceptedUpload> {
        let verdict = self.judge(candidate, by: &judge)
        if verdict.isAccepted { store(candidate) }
        return verdict
    }
}

/// Knows stored accounts, and counts how often it is asked.
final class CountingResolver: AccountResolver {
    enum Answer { case tokens, keptTexts }

    private let texts: [PublicKey: String]
    private let answer: Answer
    /// The accounts that cannot be read.
    private let failing: Set<PublicKey>
    private let asked = Mutex<[PublicKey]>([])

    init(_ texts: [PublicKey: String], _ answer: Answer = .tokens, failing: Set<PublicKey> = []) {
        (self.texts, self.answer, self.failing) = (texts, answer, failing)
    }

    /// The accounts that were asked for.
    var loads: [PublicKey] { asked.withLock { $0 } }

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        asked.withLock { $0.append(key) }
        if failing.contains(key) { throw AccountResolverError("the disk does not answer") }
        return texts[key].map { answer == .tokens ? .token($0) : .unsafeTokenWithKnownSignature($0) }
    }
}

import Identity
import NKeys
import Subjects
import Trust

/// Times whole exchanges of one of our user tokens, beside the signature work that each of them cannot do without: the
/// checks of the subject token and of the proof, the signature of the new token, and the check that a server makes of
/// it. Both work on the same bytes, in turns, so that what else the machine does falls on both.
struct ExchangeBenchmark {
    /// What was measured.
    struct Result: Sendable {
        /// Exchanges that were made.
        let exchanges: Int
        /// Of one exchange, in nanoseconds.
        let perExchange: Spread
        /// Of its bare signature work, in nanoseconds.
        let perBareWork: Spread
        /// Of the making of its proof, which is the caller's work and in neither.
        let perProof: Double

        /// The rate of exchanges beside the rate of their bare work.
        var ratio: Double { perExchange.median > 0 ? perBareWork.median / perExchange.median : 0 }
        /// Exchanges a second, one after the other.
        var rate: Double { perExchange.median > 0 ? 1e9 / perExchange.median : 0 }
    }

    private static let batch = 16

    private let user: KeyPair
    private let signing: KeyPair
    private let accounts: BenchAccounts
    private let subject: String
    private let exchange: TokenExchange
    private let audience: AudienceName
    private let service: AudienceName
    private let now: UnixTime

    /// Makes an operator, an account and a user, and what exchanges the user's token.
    init(at now: UnixTime) throws {
        self.now = now
        let (operatorKeys, account) = (try KeyPair.generate(.operator), try KeyPair.generate(.account))
        (user, signing) = (try KeyPair.generate(.user), try KeyPair.generate(.account))
        (audience, service) = (try AudienceName("orders"), try AudienceName("https://accounts.example.com"))
        let operatorToken = try TokenSigner(operatorKeys).sign(
            OperatorClaims(subject: operatorKeys.publicKey, name: "bench"), at: now)
        var claims = AccountClaims(subject: account.publicKey, name: "bench")
        claims.signingKeys = [.plain(signing.publicKey)]
        let accountToken = try TokenSigner(operatorKeys).sign(claims, under: operatorToken, at: now)
        accounts = BenchAccounts(operatorToken: operatorToken, accountToken: accountToken)
        var bench = UserClaims(subject: user.publicKey, name: "bench")
        bench.common.expires = now.advanced(by: 3600)
        bench.permissions = try ExchangeScope.permissions("pub:orders.> sub:orders.> sub:_INBOX.> !pub:orders.secret")
        subject = try TokenSigner(signing).sign(bench, for: accountToken, under: operatorToken, at: now).text
        var configuration = IdentityConfiguration()
        configuration.names = [service]
        configuration.audiences = AudienceRegistry([.init(name: audience, description: "")])
        exchange = TokenExchange(
            configuration, foreign: ForeignTokenVerifier([]),
            issuer: UserIssuer([TokenSigner(signing)], accounts: accounts), accounts: accounts,
            proofs: ProofMemory(since: now, capacity: 1 << 22))
    }

    /// Measures for about so many seconds.
    ///
    /// - Throws: when an exchange is refused, which none should be.
    func run(seconds: Double) async throws -> Result {
        var (whole, bare): ([Double], [Double]) = ([], [])
        var (proofTime, exchanges): (UInt64, Int) = (0, 0)
        let end = MonotonicClock.nanoseconds() &+ UInt64(max(0.1, seconds) * 1e9)
        // The first batch warms what is kept between exchanges, and is not counted.
        var isWarm = false
        while MonotonicClock.nanoseconds() < end || whole.isEmpty {
            let start = MonotonicClock.nanoseconds()
            let proofs = try (0..<Self.batch).map { _ in
                try ExchangeProof.text(
                    for: subject, audience: audience, service: service, signer: TokenSigner(user), at: now)
            }
            let made = MonotonicClock.nanoseconds()
            var issued: [String] = []
            for proof in proofs { issued.append(try await exchangeOnce(proof)) }
            let exchanged = MonotonicClock.nanoseconds()
            let works = try zip(proofs, issued).map { proof, token in
                try BareWork(
                    subject: Signed(subject, by: signing), proof: Signed(proof, by: user),
                    issued: Signed(token, by: signing))
            }
            let begun = MonotonicClock.nanoseconds()
            for work in works { try work.run(signing) }
            let checked = MonotonicClock.nanoseconds()
            if isWarm {
                exchanges += Self.batch
                proofTime += made - start
                whole.append(Double(exchanged - made) / Double(Self.batch))
                bare.append(Double(checked - begun) / Double(Self.batch))
            }
            isWarm = true
        }
        return Result(
            exchanges: exchanges, perExchange: Spread(whole), perBareWork: Spread(bare),
            perProof: Double(proofTime) / Double(max(1, exchanges)))
    }

    private func exchangeOnce(_ proof: String) async throws -> String {
        var form = ExchangeForm()
        form["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange"
        form["subject_token"] = subject
        form["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt"
        form["audience"] = audience.text
        form["scope"] = "pub:orders.eu.> sub:_INBOX.>"
        form["credence_proof"] = proof
        switch await exchange.exchange(form: Array(form.text.utf8), at: now) {
        case .issued(let user): return user.token.text
        case .refused(let refusal, _):
            throw CommandFailure(.internalError, "an exchange was refused: \(refusal.failures.first?.message ?? "")")
        }
    }
}

/// The bytes that a token's signature is over, and that signature.
private struct Signed {
    let key: PublicKey
    let message: [UInt8]
    let signature: Signature

    init(_ token: String, by pair: KeyPair) throws {
        key = pair.publicKey
        let end = token.utf8.lastIndex(of: UInt8(ascii: ".")) ?? token.utf8.endIndex
        message = Array(token.utf8[..<end])
        // Ed25519 is deterministic: it is the signature that stands there.
        signature = try pair.sign(message)
    }

    func check() throws {
        guard key.isValid(signature, for: message) else {
            throw CommandFailure(.internalError, "a signature of the benchmark is wrong")
        }
    }
}

/// The checks and the one signature of an exchange, and nothing else.
private struct BareWork {
    let subject: Signed
    let proof: Signed
    let issued: Signed

    @inline(never)
    func run(_ signing: KeyPair) throws {
        try subject.check()
        try proof.check()
        _ = try signing.sign(issued.message)
        try issued.check()
    }
}

/// One operator with one account.
private struct BenchAccounts: IssuingAccounts {
    let operatorToken: VerifiedToken<OperatorClaims>
    let accountToken: VerifiedToken<AccountClaims>

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        key == accountToken.subject ? accountToken : nil
    }

    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { operatorToken }
}

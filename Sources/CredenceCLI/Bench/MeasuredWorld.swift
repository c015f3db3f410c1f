import NKeys
import Subjects
import Trust

/// Accounts with throw-away keys, to measure on: each exports two services, a private and a public one, and imports some
/// of others', each with a token of its own where it is private.
///
/// Whom an account imports from is a fixed function of its number, so two worlds of one shape differ in keys alone. One
/// signing key, which all accounts list, signs the activations: a world of a million accounts needs no million seeds.
struct MeasuredWorld: Sendable {
    /// The shape of a world.
    struct Shape: Sendable {
        var accounts: Int
        /// Imports an account.
        var imports = 5
        /// How many percent of them are private.
        var privatePercent = 80
        /// Accounts from here on import nothing.
        var importers = Int.max
        /// As many accounts, from number 1 on, import from account 0.
        var importersOfFirst = 0
    }

    let shape: Shape
    let now: UnixTime
    let operatorToken: VerifiedToken<OperatorClaims>
    /// The accounts' keys, by number.
    let keys: [PublicKey]
    private let operatorSigner: TokenSigner
    private let accountSigner: TokenSigner

    /// Makes the keys.
    init(_ shape: Shape, at now: UnixTime, workers: Workers) async throws {
        self.shape = shape
        self.now = now
        let (operatorPair, signingPair) = (try Keys.generate(.operator), try Keys.generate(.account))
        operatorSigner = TokenSigner(operatorPair)
        accountSigner = TokenSigner(signingPair)
        operatorToken = try operatorSigner.sign(
            OperatorClaims(
                common: CommonClaims(issuer: operatorPair.publicKey, subject: operatorPair.publicKey, name: "MEASURED")),
            at: now)
        let made = await workers.map(shape.accounts) { range in
            range.compactMap { _ in try? KeyPair.generate(.account).publicKey }
        }
        keys = made.flatMap { $0 }
        guard keys.count == shape.accounts else { throw CommandFailure(.internalError, "no keys could be made") }
    }

    /// Whom import `number` of an account is from.
    func exporter(_ number: Int, of account: Int) -> Int {
        if number == 0, (1...max(1, shape.importersOfFirst)).contains(account), shape.importersOfFirst > 0 { return 0 }
        let mixed = UInt64(account &* shape.imports &+ number &+ 1) &* 0x9e37_79b9_7f4a_7c15
        let other = Int(truncatingIfNeeded: (mixed ^ (mixed >> 29)) % UInt64(max(1, shape.accounts)))
        return other == account ? (account + 1) % shape.accounts : other
    }

    private func isPrivate(_ number: Int, of account: Int) -> Bool {
        (account &+ number &* 100 / max(1, shape.imports)) % 100 < shape.privatePercent
    }

    /// The claims of an account, with its imports' tokens signed.
    private func claims(of account: Int) throws -> AccountClaims {
        var claims = AccountClaims(common: CommonClaims(issuer: operatorSigner.key, subject: keys[account], name: "A"))
        claims.limits = .unlimited
        claims.signingKeys = [.plain(accountSigner.key)]
        var secret = Export(subject: try SubjectPattern("p.>"), kind: .service)
        secret.tokenRequired = true
        claims.exports = [secret, Export(subject: try SubjectPattern("q.>"), kind: .service)]
        for number in 0..<shape.imports where account < shape.importers && shape.accounts > 1 {
            let exporter = keys[exporter(number, of: account)]
            let isPrivate = isPrivate(number, of: account)
            let subject = try SubjectPattern("\(isPrivate ? "p" : "q").service\(number)")
            var item = Import(subject: subject, account: exporter, kind: .service)
            item.localSubject = "from.n\(number).service"
            if isPrivate {
                var activation = ActivationClaims(
                    common: CommonClaims(issuer: accountSigner.key, subject: keys[account]), subject: subject,
                    kind: .service)
                activation.issuerAccount = exporter
                item.token = try accountSigner.sign(activation, at: now).text
            }
            claims.imports.append(item)
        }
        return claims
    }

    /// The token of an account; `change` makes another version of it, issued `later` seconds after the first.
    func token(
        of account: Int, later: Int64 = 0, _ change: (inout AccountClaims) -> Void = { _ in }
    ) throws -> String {
        var claims = try claims(of: account)
        change(&claims)
        return try operatorSigner.sign(claims, at: now.advanced(by: later)).text
    }

    /// The tokens of all accounts, in order.
    func tokens(with workers: Workers) async throws -> [String] {
        let made = await workers.map(shape.accounts) { range in range.compactMap { try? token(of: $0) } }
        let tokens = made.flatMap { $0 }
        guard tokens.count == shape.accounts else {
            throw CommandFailure(.internalError, "not every account could be signed")
        }
        return tokens
    }

    /// What judges the world's accounts.
    func chain() -> ChainVerifier { ChainVerifier(anchors: TrustAnchors([operatorToken]), verifier: TokenVerifier()) }
}

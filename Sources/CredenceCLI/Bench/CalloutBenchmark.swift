import Identity
import NKeys
import Trust

/// Times the answer to an authorization request, in this process and without a connection, and beside it the same number of
/// signatures and checks of signatures alone.
///
/// A request is opened and judged (one check), the client's token (one), a user is signed and judged (one signature, one
/// check), and the answer is signed (one signature, one check) and sealed.
struct CalloutBenchmark {
    /// What was measured, in nanoseconds.
    struct Result {
        var answers: Int
        var answer: Spread
        var signatures: Spread
        /// The middle of the differences: what an answer costs beyond its signatures.
        var beyond: Double
    }

    private static let issuer = "https://bench.invalid"

    private let judge: CalloutJudge
    private let request: [UInt8]
    private let serverKey: String?
    private let signer: KeyPair
    private let message = [UInt8](repeating: 0x61, count: 700)
    private let signature: Signature
    private let now: UnixTime

    /// - Parameter isSealed: whether requests and answers are.
    init(isSealed: Bool, at now: UnixTime) throws {
        self.now = now
        let (operatorKeys, account, target) = (
            try KeyPair.generate(.operator), try KeyPair.generate(.account), try KeyPair.generate(.account)
        )
        let (server, curve, serverCurve) = (
            try KeyPair.generate(.server), try KeyPair.generate(.curve), try KeyPair.generate(.curve)
        )
        let foreign = try KeyPair.generate(.user)
        let `operator` = try TokenSigner(operatorKeys).sign(
            OperatorClaims(subject: operatorKeys.publicKey, name: "OP"), at: now)
        let token = try TokenSigner(operatorKeys).sign(
            AccountClaims(subject: target.publicKey, name: "APP"), under: `operator`, at: now)
        let accounts = BenchAccounts(token: token, operatorToken: `operator`)
        var settings = CalloutSettings(
            account: account.publicKey, signer: TokenSigner(account),
            verifier: ForeignTokenVerifier([Self.issuer(of: foreign.publicKey)]),
            roles: RoleTable([
                Role("bench", issuer: Self.issuer, target: .account(target.publicKey), signingKey: target.publicKey)
            ]), issuer: UserIssuer([TokenSigner(target)], accounts: accounts), accounts: accounts)
        var claims = AuthorizationRequestClaims(
            common: CommonClaims(
                issuer: server.publicKey, subject: account.publicKey, audience: "nats-authorization-request",
                expires: now.advanced(by: 60)), userKey: try KeyPair.generate(.user).publicKey)
        claims.server.id = server.publicKey.text
        claims.server.sealingKey = serverCurve.publicKey
        claims.clientDetails.kind = "Client"
        claims.connectOptions.authToken = try Self.token(by: foreign, at: now)
        let text = Array(try TokenSigner(server).sign(claims, at: now).text.utf8)
        if isSealed {
            settings.sealing = curve
            request = try serverCurve.seal(text, to: curve.publicKey)
            serverKey = serverCurve.publicKey.text
        } else {
            (request, serverKey) = (text, nil)
        }
        judge = CalloutJudge(settings)
        signer = account
        signature = try account.sign(message)
    }

    /// Answers and signatures take turns, so that both see the same machine.
    func run(_ count: Int) async throws(CommandFailure) -> Result {
        var (answers, signatures, differences): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<max(1, count) {
            let begin = MonotonicClock.nanoseconds()
            let answer = await judge.answer(request, serverKey: serverKey) { [now] in now }
            let middle = MonotonicClock.nanoseconds()
            guard answer.failures.isEmpty else {
                throw CommandFailure(.internalError, "the request is refused: \(answer.failures.map(\.code))")
            }
            for _ in 0..<2 { _ = try? signer.sign(message) }
            for _ in 0..<4 { _ = signer.publicKey.isValid(signature, for: message) }
            let end = MonotonicClock.nanoseconds()
            answers.append(Double(middle &- begin))
            signatures.append(Double(end &- middle))
            differences.append(Double(middle &- begin) - Double(end &- middle))
        }
        return Result(
            answers: answers.count, answer: Spread(answers), signatures: Spread(signatures),
            beyond: Spread(differences).median)
    }

    private static func issuer(of key: PublicKey) -> ForeignIssuer {
        let x = String(decoding: Base64URL.encode(key.rawBytes), as: UTF8.self)
        let keys = #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","use":"sig","alg":"EdDSA","x":"\#(x)"}]}"#
        return ForeignIssuer(
            issuer: issuer, audiences: ["credence"], algorithms: [.edDSA], keys: .set(Array(keys.utf8)))
    }

    private static func token(by keys: KeyPair, at now: UnixTime) throws -> String {
        func part(_ text: String) -> String { String(decoding: Base64URL.encode(Array(text.utf8)), as: UTF8.self) }
        let claims =
            #"{"iss":"\#(issuer)","sub":"alice","aud":"credence","iat":\#(now.seconds),"exp":\#(now.seconds + 600),"#
            + #""jti":"one","groups":["orders","stock"]}"#
        let text = part(#"{"alg":"EdDSA","typ":"at+jwt","kid":"k"}"#) + "." + part(claims)
        let signature = try keys.sign(Array(text.utf8)).rawBytes
        return text + "." + String(decoding: Base64URL.encode(signature), as: UTF8.self)
    }
}

private struct BenchAccounts: IssuingAccounts {
    let token: VerifiedToken<AccountClaims>
    let operatorToken: VerifiedToken<OperatorClaims>

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        key == token.subject ? token : nil
    }
    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { operatorToken }
}

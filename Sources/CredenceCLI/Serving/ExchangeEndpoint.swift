import AccountServer
import Identity
import Logging
import NKeys
import Synchronization
import Trust

/// The token endpoint of an account server: an exchange by a configuration that is read again when it is asked for.
final class ExchangeEndpoint: TokenIssuing {
    private struct State: Sendable {
        let foreign: ForeignTokenVerifier
        let exchange: TokenExchange
        let audiences: [UInt8]
    }

    private let path: String
    private let accounts: ServedAccounts
    private let proofs: ProofMemory
    private let tokens: TokenVerifier
    private let state: Mutex<State>

    /// Reads the configuration at `path`.
    ///
    /// - Throws: what is wrong in it.
    init(path: String, accounts: any AccountServing, tokens: TokenVerifier) throws(CommandFailure) {
        self.path = path
        self.tokens = tokens
        self.accounts = ServedAccounts(accounts, verifier: tokens)
        proofs = ProofMemory(since: WallClock.now())
        state = Mutex(try Self.state(path, self.accounts, proofs, tokens, inPlaceOf: nil))
    }

    /// Reads the configuration again; what is wrong then changes nothing.
    func reload(_ logger: Logger) {
        do throws(CommandFailure) {
            // One-time tokens that were taken stay taken.
            let new = try Self.state(path, accounts, proofs, tokens, inPlaceOf: state.withLock(\.foreign))
            state.withLock { $0 = new }
            logger.notice("the configuration of token exchange was read again")
        } catch {
            logger.error("the configuration of token exchange stays as it was", metadata: ["fault": "\(error.what)"])
        }
    }

    var audiences: [UInt8] { state.withLock(\.audiences) }

    func issue(form: [UInt8]) async -> TokenIssue {
        let exchange = state.withLock(\.exchange)
        switch await exchange.exchange(form: form, at: WallClock.now()) {
        case .issued(let user):
            return .issued(
                TokenIssue.Issued(
                    token: user.token.text, party: .init(user.party), lifetime: user.lifetime, scope: user.scope,
                    warnings: user.warnings.map(TokenIssue.Line.init)))
        case .refused(let refusal, let party):
            return .refused(
                TokenIssue.Refused(
                    error: ExchangeError(refusal).rawValue, failures: refusal.failures.map(TokenIssue.Line.init),
                    warnings: refusal.warnings.map(TokenIssue.Line.init), party: .init(party)))
        }
    }

    // MARK: Parts

    private static func state(
        _ path: String, _ accounts: ServedAccounts, _ proofs: ProofMemory, _ tokens: TokenVerifier,
        inPlaceOf previous: ForeignTokenVerifier?
    ) throws(CommandFailure) -> State {
        let file = try IdentityFile(path)
        let configuration = file.configuration
        guard !configuration.names.isEmpty else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)) gives this service no name",
                hint: "name it in `names`: proofs are made for one of them")
        }
        let foreign = ForeignTokenVerifier(
            configuration.issuers, inPlaceOf: previous, logger: Logger(label: "credence.identity"))
        let exchange = TokenExchange(
            configuration, foreign: foreign,
            issuer: UserIssuer(file.signers, accounts: accounts), accounts: accounts, proofs: proofs, tokens: tokens)
        return State(foreign: foreign, exchange: exchange, audiences: configuration.audiences.document)
    }
}

extension TokenIssue.Line {
    fileprivate init(_ finding: IdentityFinding) {
        self.init(rule: finding.code, at: finding.place, message: finding.message)
    }
}

extension TokenIssue.Party {
    fileprivate init(_ party: ExchangeParty) { self.init(account: party.account, role: party.role) }
}

/// The accounts that a server keeps, as those for whose users tokens are issued.
final class ServedAccounts: IssuingAccounts {
    private struct Known: Sendable {
        var accounts: [PublicKey: VerifiedToken<AccountClaims>] = [:]
        var `operator`: VerifiedToken<OperatorClaims>?
    }

    /// As many as accounts that tokens are issued for; a bound for what is none.
    private static let most = 4096

    private let service: any AccountServing
    private let verifier: TokenVerifier
    private let known = Mutex(Known())

    init(_ service: any AccountServing, verifier: TokenVerifier) { (self.service, self.verifier) = (service, verifier) }

    /// What is kept was judged before it was stored; its signature is checked once a version.
    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        guard let kept = service.account(for: key) else { return nil }
        if let expires = kept.expires, now >= expires { return nil }
        if let known = known.withLock({ $0.accounts[key] }), known.text == kept.text { return known }
        let verdict = verifier.verify(kept.text, as: AccountClaims.self, at: now)
        guard let token = verdict.proof else { return nil }
        known.withLock {
            if $0.accounts.count >= Self.most { $0.accounts.removeAll() }
            $0.accounts[key] = token
        }
        return token
    }

    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? {
        let text = service.operatorToken
        if let known = known.withLock(\.operator), known.text == text {
            if let expires = known.claims.common.expires, now >= expires { return nil }
            return known
        }
        let token = verifier.verify(text, as: OperatorClaims.self, at: now).proof
        known.withLock { $0.operator = token }
        return token
    }
}

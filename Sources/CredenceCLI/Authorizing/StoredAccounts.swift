import FolderStores
import Identity
import Logging
import NKeys
import Synchronization
import SystemTimeZones
import Trust

/// The accounts of an operator, for who issues users of them: in a folder, which is read at every question, or at an account
/// server.
///
/// An account is found when its token holds by the T rules and is that of its key; who signed it is judged by who asks.
final class StoredAccounts: IssuingAccounts {
    /// Where they are.
    enum Source: Sendable {
        case folder(FolderAccountResolver)
        case server(FetchedAccounts)
    }

    private let operatorToken: VerifiedToken<OperatorClaims>
    private let source: Source
    private let logger: Logger
    private let verifier = TokenVerifier(zones: SystemZones())
    /// What was verified last, by the text: a text that is the same is not verified again.
    private let known = Mutex<[PublicKey: VerifiedToken<AccountClaims>]>([:])

    init(operatorFile: String, accounts: String, authorities: String?, logger: Logger) throws(CommandFailure) {
        let verdict = TokenVerifier(zones: SystemZones()).verify(
            try ServerFiles.operatorToken(operatorFile), as: OperatorClaims.self, at: WallClock.now())
        guard let token = verdict.proof else {
            let rules = verdict.failures.map { "\($0.rule.code) \($0.message)" }.joined(separator: "; ")
            throw CommandFailure(.no, "the operator's token is refused: \(rules)")
        }
        (operatorToken, self.logger) = (token, logger)
        if accounts.hasPrefix("https://") || accounts.hasPrefix("http://") {
            source = .server(try FetchedAccounts(accounts, authorities: authorities))
        } else {
            do throws(FolderStores.StoreFault) {
                source = .folder(try FolderAccountResolver(FolderStore(at: accounts)))
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    func close() async {
        if case .server(let client) = source { await client.close() }
    }

    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? {
        if let expires = operatorToken.claims.common.expires, now >= expires { return nil }
        return operatorToken
    }

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? {
        let text: String?
        do throws(AccountResolverError) {
            switch source {
            case .folder(let resolver):
                if case .token(let token)? = try resolver.account(for: key) { text = token } else { text = nil }
            case .server(let client): text = try await client.token(of: key)
            }
        } catch {
            logger.error("an account cannot be read", metadata: ["account": "\(key)", "fault": "\(error)"])
            return nil
        }
        guard let text else { return nil }
        if let known = known.withLock({ $0[key] }), known.text == text {
            if let expires = known.claims.common.expires, now >= expires { return nil }
            return known
        }
        let verdict = verifier.verify(text, as: AccountClaims.self, at: now)
        guard let token = verdict.proof, token.subject == key else {
            let rules = Set(verdict.failures.map(\.rule.code)).sorted().joined(separator: " ")
            logger.error("an account's token is refused", metadata: ["account": "\(key)", "rules": "\(rules)"])
            return nil
        }
        known.withLock { $0[key] = token }
        return token
    }
}

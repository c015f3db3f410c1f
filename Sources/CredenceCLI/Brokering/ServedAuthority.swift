import AccountServer
import Broker
import NKeys
import Trust

/// What the broker's command wants of an authority beside what the broker wants.
protocol ConfiguredAuthority: AccountAuthority {
    /// Takes over what another reading of the configuration says; what it does not tell stays as it is.
    ///
    /// - Throws: when it cannot; then nothing is changed.
    func reload(_ configuration: BrokerConfiguration) async throws(CommandFailure)

    /// Lets go of everything.
    func close() async
}

/// Accounts that an `AccountService` keeps in a store: judged by the U rules, an older token never in place of a newer
/// one, and everything that was brought in the journal.
struct ServedAuthority: ConfiguredAuthority {
    /// Where the accounts lie.
    enum Kind {
        /// In this process; what is pushed is gone with it.
        case memory
        case folder
        case bucket
    }

    let kind: Kind
    let service: AccountService
    let store: any AccountStore
    let services: Set<ClaimsService>
    /// How many accounts are taken; nil for no limit.
    var limit: Int?
    let verifier: TokenVerifier
    /// Ends what the store stands on.
    var release: @Sendable () async -> Void = {}

    func token(of account: PublicKey) async throws(AccountResolverError) -> String? {
        service.account(for: account)?.text
    }

    func accounts() async -> [PublicKey] { service.accounts(atMost: .max).map(\.key) }

    func changes() -> AsyncStream<Broker.AccountChange> {
        let (changes, (stream, continuation)) = (service.changes(), AsyncStream.makeStream(of: Broker.AccountChange.self))
        let task = Task {
            for await change in changes {
                switch change {
                case .stored(let account): continuation.yield(.token(account.text, of: account.key))
                case .deleted(let key): continuation.yield(.deleted(key))
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer {
        let key = account ?? subject(of: token)
        if let key, service.account(for: key) == nil {
            // As with servers: memory knows the accounts that it was given, and learns no others.
            if kind == .memory { return .accepted(message: "jwt update skipped", accounts: [key]) }
            if let limit, service.accounts(atMost: limit).count >= limit { return .failed("jwt store is full") }
        }
        let upload = Upload(path: key?.text ?? "", token: token, caller: Self.caller(caller))
        switch await service.upload(upload) {
        case .accepted: return .accepted(message: "jwt updated", accounts: [key].compactMap(\.self))
        case .refused(let refusal): return .refused(refusal, account: key)
        case .pending, .failed: return .failed("the resolver cannot keep it now")
        }
    }

    func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer {
        let accounts = DeletedAccounts.keys(in: request, by: verifier)
        let answer = await service.delete(accounts.first?.text ?? "", by: request, caller: Self.caller(caller))
        switch answer {
        case .accepted: return .accepted(message: "deleted \(accounts.count) accounts", accounts: accounts)
        case .refused(let refusal): return .refused(refusal, account: nil)
        case .pending, .failed: return .failed("the resolver cannot delete now")
        }
    }

    func reload(_ configuration: BrokerConfiguration) async throws(CommandFailure) {
        let trust = configuration.settings.trust
        do throws(AccountServer.StoreFault) {
            let preload = ResolverPreload(configuration.preload, verifier: verifier, kind: kind)
            if try await preload.put(into: store) || kind == .folder {
                guard await service.reread() else { throw AccountServer.StoreFault("the accounts cannot be read") }
            }
        } catch {
            throw CommandFailure(.inputOutput, error.description, hint: error.hint)
        }
        await service.trust(trust.operators, systemAccount: trust.systemKey)
    }

    func close() async {
        await service.close()
        await release()
    }

    private static func caller(_ key: String) -> Caller { Caller(name: key, address: "broker") }

    /// Whose token it says that it is. Nothing is trusted by it: the rules judge the token under this key.
    private func subject(of token: [UInt8]) -> PublicKey? {
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: WallClock.now()) }
        guard let key = report.claims?.common.subject, key.role == .account else { return nil }
        return key
    }
}

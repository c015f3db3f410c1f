import NKeys
import Synchronization
import Trust

/// Account tokens in memory, given by the program that embeds a broker: for few accounts that it knows itself.
///
/// It answers no request of the system account; the program changes the accounts with `set` and `remove`, and the broker
/// applies that to who is connected.
public final class PreloadedAccounts: AccountAuthority {
    private struct State {
        var tokens: [PublicKey: String] = [:]
        var listeners: [AsyncStream<AccountChange>.Continuation] = []
    }

    private let state: Mutex<State>

    /// Knows these tokens, each under its account's key.
    public init(_ tokens: [PublicKey: String] = [:]) { state = Mutex(State(tokens: tokens)) }

    /// From now on, this is the account's token.
    public func set(_ token: String, for account: PublicKey) {
        tell(.token(token, of: account)) { $0.tokens[account] = token }
    }

    /// From now on, the account is not known.
    public func remove(_ account: PublicKey) { tell(.deleted(account)) { $0.tokens[account] = nil } }

    private func tell(_ change: AccountChange, _ make: (inout State) -> Void) {
        let listeners = state.withLock { state in
            make(&state)
            return state.listeners
        }
        for listener in listeners { listener.yield(change) }
    }

    /// None.
    public var services: Set<ClaimsService> { [] }

    /// What is known of an account.
    public func token(of account: PublicKey) async throws(AccountResolverError) -> String? {
        state.withLock { $0.tokens[account] }
    }

    /// Refuses: the program itself changes its accounts.
    public func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer {
        .failed("accounts are set by the program")
    }

    /// Refuses: the program itself changes its accounts.
    public func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer {
        .failed("accounts are set by the program")
    }

    /// The accounts, in the order of their keys.
    public func accounts() async -> [PublicKey] {
        state.withLock { $0.tokens.keys.sorted { $0.text < $1.text } }
    }

    /// What `set` and `remove` do.
    public func changes() -> AsyncStream<AccountChange> {
        AsyncStream { continuation in state.withLock { $0.listeners.append(continuation) } }
    }
}

import AsyncHTTPClient
import NIOCore
import NKeys
import Synchronization
import Trust

/// Asks an account server for account tokens.
///
/// A token that was fetched is fresh for `fresh`, and when the server does not answer it stands for `kept` at most: so long
/// may a revocation take to count here while the server is down.
final class FetchedAccounts: Sendable {
    private struct Entry: Sendable {
        let token: String?
        let fetched: ContinuousClock.Instant
    }

    private struct State: Sendable {
        var entries: [PublicKey: Entry] = [:]
        var fetches: [PublicKey: Task<Entry?, Never>] = [:]
    }

    private static let fresh: Duration = .seconds(5)
    private static let kept: Duration = .seconds(300)
    private static let timeout: Duration = .seconds(1)

    private let base: String
    private let client: HTTPClient
    private let state = Mutex(State())

    /// A client of the server at this address: of the whole, or of its accounts.
    init(_ address: String, authorities: String?) throws(CommandFailure) {
        let accounts = "/jwt/v1/accounts/"
        let address = address.hasSuffix("/") ? String(address.dropLast()) : address
        base = address.hasSuffix("/jwt/v1/accounts") ? address + "/" : address + accounts
        guard URLAuthority.isPrivate(base) else {
            throw CommandFailure(
                .badInput, "`accounts`: the account server would be asked in the clear",
                hint: "give an `https://` address")
        }
        var configuration = HTTPClient.Configuration.asking(
            within: TimeAmount(Self.timeout), trusting: authorities.map { .alone($0) } ?? .system)
        // Somebody waits to be let in: a server that comes back within the time is still of use.
        configuration.connectionPool.retryConnectionEstablishment = true
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func close() async { try? await client.shutdown() }

    /// The account's token; nil when the server knows none.
    func token(of key: PublicKey) async throws(AccountResolverError) -> String? {
        let (known, fetch) = asked(key)
        guard let fetch else { return known?.token }
        if let entry = await fetch.value { return entry.token }
        if let known, ContinuousClock.now - known.fetched < Self.kept { return known.token }
        throw AccountResolverError("the account server does not answer as it should")
    }

    /// What is known of a key, and, unless that is fresh, who asks for it: whoever comes meanwhile waits for that one answer.
    private func asked(_ key: PublicKey) -> (known: Entry?, fetch: Task<Entry?, Never>?) {
        state.withLock { state -> (known: Entry?, fetch: Task<Entry?, Never>?) in
            let known = state.entries[key]
            if let known, ContinuousClock.now - known.fetched < Self.fresh { return (known, nil) }
            if let running = state.fetches[key] { return (known, running) }
            let task = Task { await self.fetch(key) }
            state.fetches[key] = task
            return (known, task)
        }
    }

    private func fetch(_ key: PublicKey) async -> Entry? {
        var entry: Entry?
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: base + key.text), timeout: TimeAmount(Self.timeout))
            switch response.status.code {
            case 200:
                let body = try await response.body.collect(upTo: (1 << 20) + 16)
                let text = String(buffer: body)
                entry = Entry(token: text.trimmed, fetched: .now)
            case 404: entry = Entry(token: nil, fetched: .now)
            default: break
            }
        } catch {
            entry = nil
        }
        let found = entry
        state.withLock { state in
            state.fetches[key] = nil
            if let found { state.entries[key] = found }
        }
        return found
    }
}

extension String {
    /// Without the blanks and line ends that files of tokens have around them.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\r\n" || $0 == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}

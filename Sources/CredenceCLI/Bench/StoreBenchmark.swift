import Glibc
import NKeys
import Trust

/// Times a live store of accounts: many known, some active, one of them with many importers, and updates coming in.
struct StoreBenchmark: Sendable {
    struct Result: Sendable {
        var accounts = 0
        var active = 0
        /// What knowing an account costs beside the text of its token, in bytes.
        var bytesPerKnownAccount = 0.0
        /// What an active account costs beside that, its exporters included.
        var bytesPerActiveAccount = 0.0
        /// How long all active accounts took to be loaded, one after the other, on one processor.
        var loadSeconds = 0.0
        /// From a token that revokes a user to the effect that says who must go; milliseconds, sorted.
        var enforcement: [Double] = []
        /// The update of the account with many importers, sorted.
        var manyImporters: [Double] = []
        /// How many imports such an update judged.
        var importsPerUpdate = 0
    }

    let world: MeasuredWorld
    let tokens: [String]
    let active: Int
    let rounds: Int

    func run() throws -> Result {
        var result = Result()
        result.accounts = tokens.count
        result.active = active
        let before = Self.heldBytes()
        var known = [PublicKey: String](minimumCapacity: tokens.count)
        for (key, token) in zip(world.keys, tokens) { known[key] = Self.ownCopy(token) }
        var resolver = MemoryAccountResolver(known)
        known = [:]
        let text = tokens.reduce(0) { $0 + $1.utf8.count }
        let loaded = Self.heldBytes()
        result.bytesPerKnownAccount = Double(loaded - before - text) / Double(tokens.count)

        var store = TrustStore(chain: world.chain())
        let start = MonotonicClock.nanoseconds()
        for account in 0..<active {
            _ = store.require(world.keys[account], from: resolver, at: world.now)
        }
        result.loadSeconds = Double(MonotonicClock.nanoseconds() - start) / 1e9
        result.bytesPerActiveAccount = Double(Self.heldBytes() - loaded) / Double(max(1, active))

        for round in 0..<rounds {
            let now = world.now.advanced(by: Int64(round) + 1)
            let account = 1 + world.shape.importersOfFirst + round % max(1, active - world.shape.importersOfFirst - 1)
            let user = try Keys.generate(.user).publicKey
            let revoking = try world.token(of: account, later: Int64(round) + 1) {
                $0.revocations.revoke(user, at: now)
            }
            try time(&store, &resolver, account, revoking, now, into: &result.enforcement) { effect in
                if case .disconnect = effect { true } else { false }
            }
            // Every other version withdraws the export that the others import.
            let first = try world.token(of: 0, later: Int64(round) + 1) {
                if round % 2 == 0 { $0.exports = [] }
            }
            let judged = store.counters.imports
            try time(&store, &resolver, 0, first, now, into: &result.manyImporters) { effect in
                switch effect {
                case .lost, .gained: true
                default: false
                }
            }
            result.importsPerUpdate = store.counters.imports - judged
        }
        result.enforcement.sort()
        result.manyImporters.sort()
        return result
    }

    private func time(
        _ store: inout TrustStore, _ resolver: inout MemoryAccountResolver, _ account: Int, _ token: String,
        _ now: UnixTime, into times: inout [Double], until isEnforced: (TrustEffect) -> Bool
    ) throws {
        let key = world.keys[account]
        resolver[key] = .token(token)
        let snapshot = store.snapshot
        let start = MonotonicClock.nanoseconds()
        let effects = store.update(token, for: key, at: now)
        times.append(Double(MonotonicClock.nanoseconds() - start) / 1e6)
        // A reader that holds the old snapshot must not make the update cheaper or dearer than it is.
        withExtendedLifetime(snapshot) {}
        guard effects.contains(where: isEnforced) else {
            throw CommandFailure(.internalError, "the update of account \(account) had no effect")
        }
    }

    /// A text with storage of its own, as one that was read has it.
    private static func ownCopy(_ text: String) -> String { String(decoding: Array(text.utf8), as: UTF8.self) }

    /// The memory that the process holds, in bytes, in whole pages: of use for many accounts only.
    private static func heldBytes() -> Int {
        guard let text = try? Files.read("/proc/self/statm", limit: 4096) else { return 0 }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}

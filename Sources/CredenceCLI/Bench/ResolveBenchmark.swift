import FolderStores
import Glibc
import NKeys
import SystemTimeZones
import Trust

/// Times how long a whole store takes to be loaded and put in force: every account, every import, every circle.
///
/// Two walks over the accounts by as many workers as there are processors, as `validate` has them, without users, and
/// then one search for circles. Every signature is checked once, and none that nothing depends on.
struct ResolveBenchmark: Sendable {
    struct Result: Sendable {
        var accounts = 0
        var imports = 0
        var acceptedImports = 0
        var signatures = 0
        var seconds = 0.0
        /// How long bare checks of as many signatures take with the same workers; nil where it was not asked for.
        var bareSeconds: Double?
        /// The most memory that the process held at once until all was in force, in bytes.
        var peakBytes = 0
    }

    let verifier: TokenVerifier
    let now: UnixTime
    let workers: Workers

    private struct Judged: Sendable {
        var account: TrustedAccount?
        var wasChecked = false
        var bytes = 0
    }

    func run(_ listing: AccountListing, isResolver: Bool, operator: TrustedOperator, bare: Bare) async throws -> Result
    {
        let start = MonotonicClock.nanoseconds()
        let chain = ChainVerifier(anchors: `operator`.anchors, verifier: verifier)
        let first = await workers.map(listing.count) { range in read(range, of: listing, isResolver, chain) }
        let accounts = first.flatMap { $0 }
        var known: [PublicKey: TrustedAccount] = [:]
        known.reserveCapacity(accounts.count)
        for one in accounts {
            guard let account = one.account else { continue }
            if let other = known[account.key], !account.isLater(than: other) { continue }
            known[account.key] = account
        }
        let (bindings, exporters) = (BindingVerifier(verifier: verifier), known)
        let second = await workers.map(accounts.count) { range in
            range.compactMap { index in
                accounts[index].account.map { account in
                    bindings.imports(of: account, at: now) { exporters[$0].map(Exporter.trusted) ?? .unknown }
                }
            }
        }
        let judged = second.flatMap { $0 }
        let inForce = AccountsInForce.resolve(judged, policy: verifier.policy)
        var result = Result()
        result.seconds = Double(MonotonicClock.nanoseconds() - start) / 1e9
        result.peakBytes = Self.peakBytes()
        result.accounts = accounts.count
        result.imports = inForce.reduce(0) { $0 + $1.imports.count }
        result.acceptedImports = inForce.reduce(0) { $0 + $1.bindings.count }
        result.signatures =
            accounts.count(where: \.wasChecked) + judged.reduce(0) { $0 + $1.signaturesChecked }
        if bare == .beside {
            let bytes = accounts.reduce(0) { $0 + $1.bytes } / max(1, accounts.count)
            result.bareSeconds = try await bareSeconds(result.signatures, accounts.count(where: \.wasChecked), bytes)
        }
        return result
    }

    /// Whether bare checks are timed beside.
    enum Bare { case none, beside }

    private func read(
        _ range: Range<Int>, of listing: AccountListing, _ isResolver: Bool, _ chain: ChainVerifier
    ) -> [Judged] {
        let reader = StoreReader(listing)
        return range.map { index in
            let key = isResolver ? try? PublicKey(listing.name(at: index), role: .account) : nil
            let judged = try? reader.withToken(ofAccountAt: index) { token in
                let verdict = chain.account(utf8: token.bindMemory(to: UInt8.self), for: key, at: now)
                return Judged(
                    account: verdict.proof, wasChecked: !verdict.notJudged.contains(.tokenSignature), bytes: token.count
                )
            }
            return judged ?? Judged()
        }
    }

    /// Checks `count` signatures and does nothing else: as many over messages as long as the account tokens as there
    /// were of these, and the others over as many bytes as an activation has.
    private func bareSeconds(_ count: Int, _ accounts: Int, _ bytes: Int) async throws -> Double {
        let pair = try Keys.generate(.account)
        let (long, short) = ([UInt8](repeating: 0x61, count: bytes), [UInt8](repeating: 0x61, count: 500))
        let (longSignature, shortSignature) = (try pair.sign(long), try pair.sign(short))
        let key = pair.publicKey
        let start = MonotonicClock.nanoseconds()
        let valid = await workers.map(count) { range in
            range.count { index in
                index < accounts ? key.isValid(longSignature, for: long) : key.isValid(shortSignature, for: short)
            }
        }
        precondition(valid.reduce(0, +) == count, "a signature of this process is not valid")
        return Double(MonotonicClock.nanoseconds() - start) / 1e9
    }

    private static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return max(0, usage.ru_maxrss) &* 1024
    }
}

extension TrustedAccount {
    /// Whether this token was issued after the other.
    fileprivate func isLater(than other: TrustedAccount) -> Bool {
        claims.common.issuedAt ?? .zero > other.claims.common.issuedAt ?? .zero
    }
}

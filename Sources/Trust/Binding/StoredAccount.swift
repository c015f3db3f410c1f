import NKeys
import Subjects

/// What a store keeps of one account.
struct StoredAccount: Sendable {
    enum Token: Sendable {
        case loading
        case unknown
        case refused(String, Refusal, KnownSignature)
        case trusted(TrustedAccount)
    }

    var token = Token.loading
    /// Whether somebody needs it in force, and not only as an exporter.
    var isRequired = false
    /// Whether all its imports are judged, and not only those that others' messages may take.
    var isWhole = false
    /// The imports that somebody needs judged.
    var wanted: Set<Int> = []
    /// The imports judged so far, by their places in the token.
    var verdicts: [Int: Verdict<Binding>] = [:]
    /// What is known of the imports' tokens.
    var tokens: [Int: KnownToken] = [:]
    /// All imports that the token claims, to be found by subject.
    var streams: ImportWays?
    var services: ImportWays?

    var trusted: TrustedAccount? {
        if case .trusted(let account) = token { account } else { nil }
    }

    var isLoading: Bool {
        if case .loading = token { true } else { false }
    }

    /// The token's text; nil while there is none.
    var text: String? {
        switch token {
        case .loading, .unknown: nil
        case .refused(let text, _, _): text
        case .trusted(let account): account.text
        }
    }

    /// Whether every import has been judged.
    var isJudged: Bool { verdicts.count == trusted?.claims.imports.count }

    /// When something of what was judged by `now` may change by itself.
    func nextTime(after now: UnixTime, leeway: Int64) -> UnixTime? {
        var times: [UnixTime] = []
        switch token {
        case .loading, .unknown: return nil
        case .refused(_, let refusal, _): times += Self.times(in: refusal.failures, leeway: leeway)
        case .trusted(let account): times += [account.expires].compactMap { $0 }
        }
        for verdict in verdicts.values {
            times += Self.times(in: verdict.failures, leeway: leeway) + Self.times(in: verdict.warnings, leeway: leeway)
        }
        times += tokens.values.compactMap(\.expires)
        return times.filter { $0 > now }.min()
    }

    /// When findings that speak of a time cease to hold.
    private static func times(in findings: [Finding], leeway: Int64) -> [UnixTime] {
        findings.compactMap { finding in
            switch finding.detail {
            case .notYetValid(let from, _): from
            case .issuedInFuture(let at, _): at.advanced(by: -leeway)
            default: nil
            }
        }
    }

    /// The bindings that hold so far.
    var bindings: [Binding] { verdicts.sorted { $0.key < $1.key }.compactMap(\.value.proof) }
}

/// Accounts that nobody needs, in the order in which they came to be so.
struct IdleAccounts: Sendable {
    private var queue: [(account: PublicKey, stamp: Int)] = []
    private var head = 0
    private var stamps: [PublicKey: Int] = [:]
    private var next = 0

    /// How many there are.
    var count: Int { stamps.count }

    mutating func insert(_ account: PublicKey) {
        next += 1
        stamps[account] = next
        queue.append((account, next))
        // What was passed over must not pile up.
        if head > 1024, head * 2 > queue.count {
            queue.removeFirst(head)
            head = 0
        }
        if queue.count - head > 2 * stamps.count + 1024 {
            queue = queue[head...].filter { stamps[$0.account] == $0.stamp }
            head = 0
        }
    }

    mutating func remove(_ account: PublicKey) { stamps[account] = nil }

    /// Takes out the one that has been idle for longest.
    mutating func popFirst() -> PublicKey? {
        while head < queue.count {
            let first = queue[head]
            head += 1
            if stamps[first.account] == first.stamp {
                stamps[first.account] = nil
                return first.account
            }
        }
        queue = []
        head = 0
        return nil
    }
}

import NKeys
import Subjects

/// The imports of many accounts together, and which of them close a circle (B-cycle).
///
/// The accounts are taken in the order of their tokens' `iat` and then of their keys, each one's imports in the order of
/// its token, and an import is out when it closes a circle with those before it that are not. So of a circle the
/// latest import gives way, nobody puts out another's import by closing a circle through it, and the answer depends
/// neither on the order in which accounts are loaded nor on the one in which they change.
///
/// Streams and services are followed apart: a message that came through the one never goes on through the other.
struct ImportGraph: Sendable {
    /// Why an import is out.
    enum Closing: Hashable, Sendable {
        case circle([PublicKey])
        /// The search for a circle ran out of its budget.
        case exhausted
    }

    /// What the graph knows of an account.
    private struct Node: Sendable {
        let issuedAt: UnixTime
        let streams: ImportWays
        let services: ImportWays
        let mappings: [AccountMapping]
        var closings: [Int: Closing] = [:]

        func ways(_ kind: ExportKind) -> ImportWays { kind == .stream ? streams : services }
    }

    /// How many accounts a change may make the graph walk over. One that leads to more loses its imports.
    static let reachLimit = 100_000

    private var nodes: [PublicKey: Node] = [:]
    /// The accounts that have imports which are out, each with the accounts that a circle of it leads through.
    private var out: [PublicKey: Set<PublicKey>] = [:]

    /// No accounts.
    init() {}

    /// Takes many accounts in at once; quicker than one by one.
    init(_ accounts: some Sequence<(account: TrustedAccount, bindings: [Binding])>) {
        for (account, bindings) in accounts { put(account, bindings) }
        for kind in [ExportKind.stream, .service] {
            var components = Components(exporters: exporters(kind))
            for key in nodes.keys { components.visit(from: key) }
            for group in components.circular { judge(group, kind) }
        }
    }

    /// Which imports of an account are out, by their places in its token.
    func closings(of account: PublicKey) -> [Int: Closing] { nodes[account]?.closings ?? [:] }

    /// Takes an account in, or anew, with those of its imports that hold by every other rule.
    ///
    /// Where nothing is on a circle, before or after, it costs a search from each import of the account.
    /// - Returns: the accounts whose closings this changes, itself included when they do.
    mutating func set(_ account: TrustedAccount, bindings: [Binding]) -> Set<PublicKey> {
        let key = account.key
        let concerned = concerned(by: key)
        let before = closings(of: concerned)
        put(account, bindings)
        guard concerned.count > 1 || before[key]?.isEmpty == false || closesCircle(key) else { return [] }
        return judgeAgain(concerned, before)
    }

    /// Forgets an account.
    ///
    /// - Returns: the accounts whose closings this changes.
    mutating func remove(_ account: PublicKey) -> Set<PublicKey> {
        let concerned = concerned(by: account)
        let before = closings(of: concerned)
        nodes[account] = nil
        return judgeAgain(concerned, before)
    }

    // MARK: -

    private mutating func put(_ account: TrustedAccount, _ bindings: [Binding]) {
        let ways = bindings.compactMap(FollowedImport.init)
        // Without imports nothing leads on from an account.
        nodes[account.key] =
            ways.isEmpty
            ? nil
            : Node(
                issuedAt: account.claims.common.issuedAt ?? .zero,
                streams: ImportWays(ways.filter { $0.kind == .stream }),
                services: ImportWays(ways.filter { $0.kind == .service }), mappings: account.claims.mappings)
        out[account.key] = nil
    }

    private func exporters(_ kind: ExportKind) -> (PublicKey) -> [PublicKey] {
        { [nodes] in nodes[$0]?.ways(kind).exporters ?? [] }
    }

    /// The account, and those with an import that is out for a circle through it.
    private func concerned(by account: PublicKey) -> Set<PublicKey> {
        var keys: Set<PublicKey> = [account]
        for (key, through) in out where through.contains(account) { keys.insert(key) }
        return keys
    }

    private func closings(of accounts: Set<PublicKey>) -> [PublicKey: [Int: Closing]] {
        Dictionary(uniqueKeysWithValues: accounts.map { ($0, closings(of: $0)) })
    }

    /// Whether an import of `account` closes a circle with those that are in force.
    private func closesCircle(_ account: PublicKey) -> Bool {
        guard let node = nodes[account] else { return false }
        for kind in [ExportKind.stream, .service] {
            for way in node.ways(kind).all {
                var search = CircleSearch(
                    ways: { [nodes] key, subjects in
                        guard let node = nodes[key] else { return [] }
                        let ways = node.ways(kind).meeting(subjects)
                        return node.closings.isEmpty ? ways : ways.filter { node.closings[$0.index] == nil }
                    }, mappings: { [nodes] in nodes[$0]?.mappings ?? [] })
                if search.circle(through: way) != .none { return true }
            }
        }
        return false
    }

    /// Judges anew the groups of accounts that any of `accounts` is in.
    private mutating func judgeAgain(
        _ accounts: Set<PublicKey>, _ before: [PublicKey: [Int: Closing]]
    ) -> Set<PublicKey> {
        var before = before
        for key in accounts { clear(key) }
        for kind in [ExportKind.stream, .service] {
            var components = Components(exporters: exporters(kind), limit: Self.reachLimit)
            for key in accounts { components.visit(from: key) }
            if components.isExhausted {
                for key in accounts { exhaust(key) }
                continue
            }
            for group in components.circular where group.contains(where: accounts.contains) {
                for key in group where before[key] == nil {
                    before[key] = closings(of: key)
                    clear(key, kind)
                }
                judge(group, kind)
            }
        }
        return Set(before.keys.filter { before[$0] != closings(of: $0) })
    }

    private mutating func clear(_ account: PublicKey, _ kind: ExportKind? = nil) {
        guard let node = nodes[account], !node.closings.isEmpty else {
            if kind == nil { out[account] = nil }
            return
        }
        guard let kind else {
            nodes[account]?.closings = [:]
            out[account] = nil
            return
        }
        for way in node.ways(kind).all { nodes[account]?.closings[way.index] = nil }
    }

    /// Puts an import out. What was found depends on `accounts`: when one of them changes it is judged anew.
    private mutating func close(_ way: FollowedImport, _ closing: Closing, through accounts: Set<PublicKey>) {
        nodes[way.importer]?.closings[way.index] = closing
        if out[way.importer] == nil {
            out[way.importer] = accounts
        } else {
            out[way.importer]?.formUnion(accounts)
        }
    }

    private mutating func exhaust(_ account: PublicKey) {
        guard let node = nodes[account] else { return }
        for way in node.streams.all + node.services.all { close(way, .exhausted, through: [way.exporter]) }
    }

    /// The imports of a group that are in force so far. A class, so that a search looks at it as it is.
    private final class Taken {
        var places: [PublicKey: Set<Int>] = [:]

        func holds(_ way: FollowedImport) -> Bool { places[way.importer]?.contains(way.index) ?? false }
    }

    /// Judges the imports between the accounts of one group, each of which leads to every other.
    private mutating func judge(_ group: [PublicKey], _ kind: ExportKind) {
        let order = group.sorted {
            let (left, right) = (nodes[$0]?.issuedAt ?? .zero, nodes[$1]?.issuedAt ?? .zero)
            return left == right ? $0 < $1 : left < right
        }
        let members = Set(group)
        let taken = Taken()
        for key in order {
            for way in nodes[key]?.ways(kind).all ?? [] where members.contains(way.exporter) {
                var search = CircleSearch(
                    ways: { [nodes] in (nodes[$0]?.ways(kind).meeting($1) ?? []).filter(taken.holds) },
                    mappings: { [nodes] in nodes[$0]?.mappings ?? [] })
                switch search.circle(through: way) {
                case .none: taken.places[key, default: []].insert(way.index)
                case .circle(let keys): close(way, .circle(keys), through: Set(keys))
                // What the search would have met is not known; it is somewhere in the group.
                case .exhausted: close(way, .exhausted, through: members)
                }
            }
        }
    }
}

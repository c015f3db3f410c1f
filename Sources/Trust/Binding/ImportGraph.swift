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
        let account: TrustedAccount
        let bindings: [Binding]
        /// The accounts that it imports from, each once.
        let streamExporters: [PublicKey]
        let serviceExporters: [PublicKey]
        var closings: [Int: Closing] = [:]

        init(_ account: TrustedAccount, _ bindings: [Binding]) {
            self.account = account
            self.bindings = bindings
            streamExporters = Self.exporters(bindings, .stream)
            serviceExporters = Self.exporters(bindings, .service)
        }

        private static func exporters(_ bindings: [Binding], _ kind: ExportKind) -> [PublicKey] {
            var keys: [PublicKey] = []
            for binding in bindings where binding.import.kind == kind { keys.append(binding.exporter) }
            if keys.count < 2 { return keys }
            if keys.count > 8 { return Array(Set(keys)) }
            return keys.indices.filter { !keys[..<$0].contains(keys[$0]) }.map { keys[$0] }
        }

        var issuedAt: UnixTime { account.claims.common.issuedAt ?? .zero }

        func exporters(_ kind: ExportKind) -> [PublicKey] { kind == .stream ? streamExporters : serviceExporters }
    }

    /// The imports of accounts as ways, made when a search comes to them.
    private final class Ways {
        private let nodes: [PublicKey: Node]
        private let kind: ExportKind
        private var made: [PublicKey: ImportWays] = [:]

        init(_ nodes: [PublicKey: Node], _ kind: ExportKind) {
            self.nodes = nodes
            self.kind = kind
        }

        /// Whether nothing that comes through `binding` is taken further by the account that it comes to: then it is on no
        /// circle, which is quickly seen of nearly every import.
        func endsAtOnce(_ binding: Binding) -> Bool {
            guard let exporter = nodes[binding.exporter] else { return true }
            if kind == .service, !exporter.account.claims.mappings.isEmpty { return false }
            let arriving = binding.renaming.exported
            guard exporter.bindings.count <= ImportWays.few else {
                return !of(binding.exporter).meeting(arriving).contains { $0.renaming.local.overlaps(arriving) }
            }
            return !exporter.bindings.contains {
                $0.import.kind == kind && $0.renaming.local.overlaps(arriving)
            }
        }

        func of(_ account: PublicKey) -> ImportWays {
            if let known = made[account] { return known }
            let bindings = (nodes[account]?.bindings ?? []).filter { $0.import.kind == kind }
            let ways = ImportWays(bindings.map { FollowedImport($0) })
            made[account] = ways
            return ways
        }

        func mappings(of account: PublicKey) -> [AccountMapping] { nodes[account]?.account.claims.mappings ?? [] }
    }

    private var nodes: [PublicKey: Node] = [:]
    /// The accounts that have imports which are out, each with the accounts that a circle of it leads through.
    private var out: [PublicKey: Set<PublicKey>] = [:]

    /// The account whose token is being uploaded: it comes last, whatever the times say.
    var uploaded: PublicKey?

    /// No accounts.
    init(uploading account: PublicKey? = nil) { uploaded = account }

    /// Takes many accounts in at once; quicker than one by one.
    init(_ accounts: some Sequence<(account: TrustedAccount, bindings: [Binding])>) {
        uploaded = nil
        for (account, bindings) in accounts { put(account, bindings) }
        for kind in [ExportKind.stream, .service] {
            var components = Components(exporters: exporters(kind))
            for key in nodes.keys { components.visit(from: key) }
            for group in components.circular { judge(group, kind) }
        }
    }

    /// Which imports of an account are out, by their places in its token.
    func closings(of account: PublicKey) -> [Int: Closing] { nodes[account]?.closings ?? [:] }

    /// The accounts that have imports which are out.
    var accountsWithClosings: some Sequence<PublicKey> { out.keys }

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
        // Each import on a circle goes on.
        let bindings = bindings.filter(\.mayGoOn)
        nodes[account.key] = bindings.isEmpty ? nil : Node(account, bindings)
        out[account.key] = nil
    }

    private func exporters(_ kind: ExportKind) -> (PublicKey) -> [PublicKey] {
        { [nodes] in nodes[$0]?.exporters(kind) ?? [] }
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
            let ways = Ways(nodes, kind)
            for binding in node.bindings where binding.import.kind == kind && !ways.endsAtOnce(binding) {
                let way = FollowedImport(binding)
                var search = CircleSearch(
                    ways: { [nodes] key, subjects in
                        let closings = nodes[key]?.closings ?? [:]
                        let meeting = ways.of(key).meeting(subjects)
                        return closings.isEmpty ? meeting : meeting.filter { closings[$0.index] == nil }
                    }, mappings: ways.mappings)
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
            var components = Components(exporters: exporters(kind))
            for key in accounts { components.visit(from: key) }
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
        for binding in node.bindings where binding.import.kind == kind { nodes[account]?.closings[binding.index] = nil }
    }

    /// Puts an import out. What was found depends on `accounts`: when one of them changes it is judged anew.
    private mutating func close(
        _ index: Int, of account: PublicKey, _ closing: Closing, through accounts: Set<PublicKey>
    ) {
        nodes[account]?.closings[index] = closing
        if out[account] == nil {
            out[account] = accounts
        } else {
            out[account]?.formUnion(accounts)
        }
    }

    /// The imports of a group that are in force so far. A class, so that a search looks at it as it is.
    private final class Taken {
        var places: [PublicKey: Set<Int>] = [:]

        func holds(_ way: FollowedImport) -> Bool { places[way.importer]?.contains(way.index) ?? false }
    }

    /// Judges the imports between the accounts of one group, each of which leads to every other.
    private mutating func judge(_ group: [PublicKey], _ kind: ExportKind) {
        let order = group.sorted {
            if $0 == uploaded || $1 == uploaded { return $1 == uploaded && $0 != uploaded }
            let (left, right) = (nodes[$0]?.issuedAt ?? .zero, nodes[$1]?.issuedAt ?? .zero)
            return left == right ? $0 < $1 : left < right
        }
        let members = Set(group)
        let taken = Taken()
        let ways = Ways(nodes, kind)
        for key in order {
            for binding in nodes[key]?.bindings ?? []
            where binding.import.kind == kind && members.contains(binding.exporter) {
                let way = FollowedImport(binding)
                if ways.endsAtOnce(binding) {
                    taken.places[key, default: []].insert(way.index)
                    continue
                }
                var search = CircleSearch(
                    ways: { ways.of($0).meeting($1).filter(taken.holds) }, mappings: ways.mappings)
                switch search.circle(through: way) {
                case .none: taken.places[key, default: []].insert(way.index)
                case .circle(let keys): close(way.index, of: key, .circle(keys), through: Set(keys))
                // What the search would have met is not known; it is somewhere in the group.
                case .exhausted: close(way.index, of: key, .exhausted, through: members)
                }
            }
        }
    }
}

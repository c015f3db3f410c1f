import NKeys
import Subjects
import Trust

/// What an account says, for people: a section for each kind of thing that it has.
struct AccountText {
    let claims: AccountClaims
    /// What the rules say of its imports and users.
    let report: StoreReport.Account
    /// The names of accounts by key.
    let names: [PublicKey: String]

    var lines: [String] {
        var lines: [String] = []
        if !claims.description.isEmpty { lines.append("about:    \(claims.description)") }
        if !claims.tags.isEmpty { lines.append("tags:     \(claims.tags.joined(separator: ", "))") }
        lines.append("limits:   \(limits)")
        lines += section("signing keys", claims.signingKeys.map(signingKey))
        lines += section("exports", claims.exports.indices.flatMap(export))
        lines += section("imports", claims.imports.indices.flatMap(item))
        lines += section("revoked users", revocations(claims.revocations) { _ in nil })
        lines += section("mappings", claims.mappings.flatMap(mapping))
        lines += section("default permissions", permissions)
        let refused = report.users.count { !$0.outcome.isAccepted }
        lines.append("users:    \(report.users.count)" + (refused > 0 ? " (\(refused) refused)" : ""))
        return lines
    }

    private func section(_ name: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["\(name):"] + lines.map { "  \($0)" }
    }

    private func account(_ key: PublicKey) -> String { names[key].map { "\($0) (\(key.text))" } ?? key.text }

    // MARK: Limits and keys

    private var limits: String {
        let limits = claims.limits
        let numbers: [(String, Int64)] = [
            ("connections", limits.connections), ("leaf connections", limits.leafConnections),
            ("subscriptions", limits.subscriptions), ("payload", limits.payload), ("imports", limits.imports),
            ("exports", limits.exports),
        ]
        var parts = numbers.filter { $0.1 >= 0 }.map { "\($0.0) \($0.1)" }
        if !limits.wildcardExports { parts.append("exports without wildcards") }
        if limits.disallowsBearer { parts.append("no bearers") }
        if limits.streams.memoryStorage != 0 || limits.streams.diskStorage != 0 {
            parts.append("streams: memory \(limits.streams.memoryStorage), disk \(limits.streams.diskStorage)")
        }
        if !limits.tiers.isEmpty {
            parts += limits.tiers.sorted { $0.key < $1.key }.map {
                "tier \($0.key): memory \($0.value.memoryStorage), disk \($0.value.diskStorage)"
            }
        }
        return parts.isEmpty ? "none" : parts.joined(separator: "; ")
    }

    private func signingKey(_ key: SigningKey) -> String {
        guard let scope = key.scope else { return key.key.text }
        return "\(key.key.text), signs users of the role `\(scope.role)`"
    }

    // MARK: What is exchanged

    // The numbers are those of places such as `imports[2]`.

    private func export(_ index: Int) -> [String] {
        let export = claims.exports[index]
        var line = "\(index) \(export.kind.rawValue) `\(export.subject.text)`"
        if !export.name.isEmpty, export.name != export.subject.text { line += " (\(export.name))" }
        line += export.tokenRequired ? ", private" : ", public"
        if export.accountTokenPosition > 0 { line += ", the importer's key at \(export.accountTokenPosition)" }
        if let type = export.responseType, export.kind == .service { line += ", answers: \(type.rawValue)" }
        if export.responseThreshold > 0 { line += " within \(export.responseThreshold / 1_000_000) ms" }
        if let latency = export.latency {
            line += ", \(latency.percent.map { "\($0)%" } ?? "asked-for") latencies to `\(latency.results.text)`"
        }
        return [line] + revocations(export.revocations) { names[$0] }.map { "    revoked: \($0)" }
    }

    private func item(_ index: Int) -> [String] {
        let item = claims.imports[index]
        let outcome = report.imports.indices.contains(index) ? report.imports[index].outcome : .unread
        var line = "\(index) \(item.kind.rawValue) `\(item.exporterSubject.text)` of \(account(item.account))"
        if let local = item.localPattern, local != item.exporterSubject { line += " as `\(local.text)`" }
        line += outcome.isAccepted ? ": in force" : ": not in force"
        return [line] + outcome.failures.map { "    \(Printable.finding($0))" }
            + outcome.warnings.map { "    warning: \(Printable.finding($0))" }
    }

    // MARK: The rest

    private func revocations(_ revocations: Revocations, name: (PublicKey) -> String?) -> [String] {
        revocations.sorted.map { key, time in
            let who = key.map { key in name(key).map { "\($0) (\(key.text))" } ?? key.text } ?? "all"
            return "\(who), issued until \(time)"
        }
    }

    private func mapping(_ mapping: AccountMapping) -> [String] {
        mapping.destinations.map { destination in
            let weight = destination.weight == 0 ? 100 : destination.weight
            let cluster = destination.cluster.isEmpty ? "" : " in cluster \(destination.cluster)"
            return "`\(mapping.source.text)` to `\(destination.subject)`, \(weight)%\(cluster)"
        }
    }

    private var permissions: [String] {
        let claims = claims.defaultPermissions
        let lists: [(String, [PermissionEntry]?)] = [
            ("may publish", claims.publishAllow), ("may not publish", claims.publishDeny),
            ("may subscribe", claims.subscribeAllow), ("may not subscribe", claims.subscribeDeny),
        ]
        var lines = lists.compactMap { name, entries in
            entries.map { "\(name): \($0.map { "`\($0.text)`" }.joined(separator: ", "))" }
        }
        if let responses = claims.responses {
            lines.append("may answer: \(responses.maximum) times within \(responses.timeToLive / 1_000_000) ms")
        }
        return lines
    }
}

import Foundation
import Testing

/// What `credence explain ... --json` printed, as tests ask for it.
struct ExplainedRun {
    let run: CommandRun
    let json: [String: Any]
    let tree: [String: Any]

    init(_ run: CommandRun, _ location: SourceLocation = #_sourceLocation) throws {
        self.run = run
        json = try run.json(location)
        tree = try #require(json["explanation"] as? [String: Any], sourceLocation: location)
    }

    /// The codes in the member `failures`, each once.
    var failures: Set<String> {
        Set((json["failures"] as? [[String: String]] ?? []).compactMap { $0["rule"] })
    }

    /// Every node, the root first; without what stands below a rule that is named.
    func nodes(notBelow rule: String? = nil) -> [[String: Any]] { Self.nodes(of: tree, notBelow: rule) }

    private static func nodes(of node: [String: Any], notBelow rule: String?) -> [[String: Any]] {
        let children = node["children"] as? [[String: Any]] ?? []
        let descends = rule == nil || node["rule"] as? String != rule
        return [node] + (descends ? children.flatMap { nodes(of: $0, notBelow: rule) } : [])
    }

    /// The codes of rules that fail in the tree.
    func failing(notBelow rule: String? = nil) -> [String] {
        nodes(notBelow: rule).filter { $0["outcome"] as? String == "fails" }.compactMap { $0["rule"] as? String }
    }

    /// The node of a rule that fails, or the first one of it.
    func node(_ rule: String) throws -> [String: Any] {
        let all = nodes().filter { $0["rule"] as? String == rule }
        return try #require(all.first { $0["outcome"] as? String == "fails" } ?? all.first)
    }

    /// The nodes that are about no rule and whose text begins so.
    func nodes(about text: String) -> [[String: Any]] {
        nodes().filter { $0["rule"] is NSNull && ($0["about"] as? String ?? "").hasPrefix(text) }
    }

    /// The claims of a node, as `name: value`.
    static func claims(_ node: [String: Any]?) -> [String] {
        (node?["claims"] as? [[String: String]] ?? []).map { "\($0["name"] ?? ""): \($0["value"] ?? "")" }
    }
}

import Foundation
import Trust

/// What tests ask of a tree of rules.
struct ExplainedTree {
    let root: Explanation

    /// Every node, the root first.
    var nodes: [Explanation] { Self.nodes(of: root) { _ in true } }

    /// The nodes that the verdict on an import is about: all but the exporting account and what stands below it.
    var ownNodes: [Explanation] { Self.nodes(of: root) { $0.rule != .exporterUnknown } }

    private static func nodes(of node: Explanation, descending: (Explanation) -> Bool) -> [Explanation] {
        [node] + (descending(node) ? node.children.flatMap { nodes(of: $0, descending: descending) } : [])
    }

    /// The codes that fail, as often as they stand there.
    static func failing(_ nodes: [Explanation]) -> [String] {
        nodes.filter { $0.outcome == .fails }.compactMap(\.rule).sorted().map(\.code)
    }

    /// Every text that the tree holds.
    var texts: [String] {
        nodes.flatMap { node in
            [
                node.about, node.message ?? "", node.place?.path ?? "", node.token?.id ?? "",
                node.token?.subject.text ?? "",
            ]
                + node.claims.flatMap { [$0.name, $0.value] }
        }
    }

    /// What the tree shows of tokens: those of their segments that stand in a text of it.
    func shown(of tokens: [String]) -> [String] {
        let segments = tokens.flatMap { $0.split(separator: ".") }.filter { $0.count > 20 }.map {
            String($0.prefix(40))
        }
        let texts = texts
        return segments.filter { segment in texts.contains { $0.contains(segment) } }
    }

    /// A member of a token's payload, read without the code that is tested.
    static func member(_ name: String, of token: String) -> String? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        let object = Data(base64Encoded: String(text)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
        return (object as? [String: Any])?[name] as? String
    }
}

import Trust

/// A tree of rules for people: one line a node, the outcome as a word in front, and what it rests on below, further in.
///
/// Rules about which there is nothing more to say stand on one line by their codes: the T rules of a token that hold,
/// which are many and seldom what is looked for, and rules in a row that were not asked for one reason.
struct ExplanationText {
    private(set) var lines: [String] = []

    init(_ tree: Explanation) { add(tree, depth: 0) }

    var text: String { lines.map { Printable.line($0) + "\n" }.joined() }

    private mutating func add(_ node: Explanation, depth: Int) {
        lines.append(Self.line(node, depth))
        var row: [Explanation] = []
        for child in node.children {
            if let last = row.last, Self.kind(of: last) != Self.kind(of: child) { end(&row, depth: depth + 1) }
            if Self.kind(of: child) == nil {
                add(child, depth: depth + 1)
            } else {
                row.append(child)
            }
        }
        end(&row, depth: depth + 1)
    }

    /// What rules of one row have in common; nil for a node that stands by itself.
    private static func kind(of node: Explanation) -> String? {
        guard let rule = node.rule, node.children.isEmpty else { return nil }
        switch node.outcome {
        case .holds: return rule.code.hasPrefix("T-") ? "" : nil
        case .notAsked where rule.code.hasPrefix("T-"): return ""
        case .notAsked, .notJudged: return node.claims.isEmpty ? "\(node.outcome): \(node.message ?? "")" : nil
        case .fails, .warns: return nil
        }
    }

    private mutating func end(_ row: inout [Explanation], depth: Int) {
        guard let first = row.first else { return }
        if row.count == 1 {
            lines.append(Self.line(first, depth))
        } else {
            var claims: [Explanation.Claim] = []
            for claim in row.flatMap(\.claims) where !claims.contains(claim) { claims.append(claim) }
            let codes = row.compactMap(\.rule?.code).joined(separator: ", ")
            let isToken = Self.kind(of: first) == ""
            let message = isToken ? "" : first.message.map { ": \($0)" } ?? ""
            lines.append(Self.start(isToken ? .holds : first.outcome, depth) + codes + message + Self.text(claims))
        }
        row = []
    }

    private static func line(_ node: Explanation, _ depth: Int) -> String {
        var text = start(node.outcome, depth)
        let place = node.place.map { $0.path.isEmpty ? "" : " at \($0.path)" } ?? ""
        if let rule = node.rule {
            text += "\(rule.code)\(place): \(node.message ?? node.about)"
        } else {
            text += "\(node.about)\(place)" + (node.message.map { ": \($0)" } ?? "")
        }
        if let token = node.token {
            text += " (\(token.type.name) token of \(token.subject.text)"
            text += token.id.isEmpty ? ", without jti)" : ", jti \(token.id))"
        }
        return text + Self.text(node.claims)
    }

    private static func start(_ outcome: Explanation.Outcome, _ depth: Int) -> String {
        let word = outcome.word
        let blanks = String(repeating: " ", count: max(1, 12 - word.count))
        return String(repeating: "  ", count: depth) + word + blanks
    }

    private static func text(_ claims: [Explanation.Claim]) -> String {
        claims.isEmpty ? "" : " [" + claims.map { "\($0.name): \($0.value)" }.joined(separator: "; ") + "]"
    }
}

extension Explanation.Outcome {
    /// The outcome in words.
    fileprivate var word: String {
        switch self {
        case .holds: "holds"
        case .fails: "fails"
        case .warns: "warns"
        case .notJudged: "not judged"
        case .notAsked: "not asked"
        }
    }
}

extension JSONWriter {
    /// A tree of rules; each node has every member.
    mutating func explanation(_ node: Explanation) {
        object {
            $0.member("about", node.about)
            $0.member("outcome", node.outcome.rawValue)
            $0.member("rule", node.rule?.code)
            $0.member("at", node.place?.path)
            $0.member("message", node.message)
            if let token = node.token {
                $0.object("token") {
                    $0.member("type", token.type.name)
                    $0.member("sub", token.subject.text)
                    $0.member("jti", token.id)
                }
            } else {
                $0.member("token", nil)
            }
            $0.list("claims") { list in
                for claim in node.claims {
                    list.object {
                        $0.member("name", claim.name)
                        $0.member("value", claim.value)
                    }
                }
            }
            $0.list("children") { list in
                for child in node.children { list.explanation(child) }
            }
        }
    }
}

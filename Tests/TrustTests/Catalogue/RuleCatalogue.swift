import Foundation
import Trust

/// Ties the catalogue's four places together: the document, the enum, the vectors and the code that raises a rule.
enum RuleCatalogue {
    /// Rules that nothing raises yet, each with the reason.
    static let notRaised: [Rule: String] = [:]

    /// The codes that a document of rules defines, in its order: the first cell of each row of a table of codes.
    static func codes(inDocument text: String) -> [String] {
        text.matches(of: /(?m)^\| `([TCBU]-[a-z0-9-]+)`(?: \(c\))? \|/).map { String($0.output.1) }
    }

    /// Codes that a document names anywhere and that are no rule.
    static func strangers(inDocument text: String) -> [String] {
        text.matches(of: /\b[TCBU]-[a-z0-9]+(?:-[a-z0-9]+)*\b/.wordBoundaryKind(.simple)).map { String($0.output) }
            .filter { Rule(rawValue: $0) == nil }
    }

    /// Rules that a source raises: those that it hands to what collects findings.
    ///
    /// `names` are the cases of the enum. A rule that is merely listed (as not judged) is not raised.
    static func raised(in source: String, names: [String: Rule]) -> Set<Rule> {
        let calls = source.matches(
            of: /\b(?:fail|refuse|warn|note|add|finding|Finding|limitFindings)\s*\(\s*\.(\w+)/.wordBoundaryKind(.simple)
        )
        let moved = source.matches(of: /\bto: \.(\w+)/.wordBoundaryKind(.simple))
        return Set(calls.compactMap { names[String($0.output.1)] } + moved.compactMap { names[String($0.output.1)] })
    }

    /// The enum's cases by name, read from its source.
    static func names(inEnum text: String) -> [String: Rule] {
        var names: [String: Rule] = [:]
        for match in text.matches(of: /(?m)^    case (\w+) = "([A-Z]-[a-z0-9-]+)"/) {
            names[String(match.output.1)] = Rule(rawValue: String(match.output.2))
        }
        return names
    }

    /// What is missing of the pairs of vectors.
    static func vectorFaults(_ cases: [CatalogueCase], notRaised: [Rule: String]) -> [String] {
        var faults: [String] = []
        for rule in Rule.allCases {
            let own = cases.filter { $0.rule == rule.code }
            guard notRaised[rule] == nil else {
                if !own.isEmpty { faults.append("\(rule.code) has vectors, though nothing raises it") }
                continue
            }
            for side in [CatalogueCase.Side.accept, .reject] where !own.contains(where: { $0.expected == side }) {
                faults.append("\(rule.code) has no case to \(side.rawValue)")
            }
        }
        for vector in cases {
            if Rule(rawValue: vector.rule) == nil { faults.append("\(vector.id): `\(vector.rule)` is no rule") }
            let expects = vector.failures?.contains { $0.rule == vector.rule } ?? false
            if (vector.expected == .reject) != expects { faults.append("\(vector.id) does not expect its own rule") }
        }
        if Set(cases.map(\.id)).count != cases.count { faults.append("two cases have one id") }
        return faults
    }
}

import Foundation
import NKeys
import Subjects
import Testing

@testable import Trust

/// The templates of `permissions.json`, run by `PermissionsVectors`.
enum TemplateVectors {
    private static let rules: [String: Set<Rule>] = ["template-injection": [.templateValue]]

    /// What is wrong with a case; nil for nothing.
    static func complaint(_ vector: VectorCase) throws -> String? {
        let user = vector.fields["user"] as? [String: Any] ?? [:]
        let account = vector.fields["account"] as? [String: Any] ?? [:]
        let values = TemplateValues(
            name: user["name"] as? String ?? "", subject: try PublicKey(user["subject"] as? String ?? ""),
            tags: user["tags"] as? [String] ?? [], accountName: account["name"] as? String ?? "",
            account: try PublicKey(account["subject"] as? String ?? ""),
            accountTags: account["tags"] as? [String] ?? [])
        let template = vector.fields["template"] as? [String: [String: [String]]] ?? [:]
        var permissions = TemplatePermissions()
        permissions.publishAllow = template["pub"]?["allow"]
        permissions.publishDeny = template["pub"]?["deny"]
        permissions.subscribeAllow = template["sub"]?["allow"]
        permissions.subscribeDeny = template["sub"]?["deny"]

        let verdict = permissions.expanded(for: values)
        guard let got = verdict.proof else {
            let found = Set(rules.filter { !$0.value.isDisjoint(with: verdict.failures.map(\.rule)) }.keys)
            let places = verdict.failures.map { "\($0.rule.code) at \($0.place)" }.joined(separator: ", ")
            return vector.mismatch(with: .refused(found, at: places), knowing: Set(rules.keys))
        }
        guard vector.expectsAcceptance else { return vector.mismatch(with: .accepted()) }
        let expected = vector.fields["expected_expanded"] as? [String: [String: [String]]] ?? [:]
        for (direction, allow, deny) in [
            ("pub", got.publishAllow, got.publishDeny), ("sub", got.subscribeAllow, got.subscribeDeny),
        ] {
            for (side, list) in [("allow", allow), ("deny", deny)] {
                let list = list?.map(\.text)
                // A value that comes twice makes no second entry here.
                let wanted = expected[direction]?[side].map { Self.unique($0) }
                if list != wanted { return "\(direction).\(side): expected \(wanted ?? []), got \(list ?? [])" }
            }
        }
        return nil
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

import Subjects
import Testing

/// `permissions.json`: lists, response permissions and templates.
@Suite struct PermissionsVectors {
    @Test func `every case of permissions.json`() throws {
        try VectorFile.run("permissions.json") { vector in
            let one = vector.fields
            switch vector.operation {
            case "template": return try TemplateVectors.complaint(vector)
            case "permissions": try Self.permissions(one)
            case "response": try Self.responses(one)
            default: return "unknown op"
            }
            return nil
        }
    }

    private static func compile(_ one: [String: Any]) throws -> Permissions {
        let lists = one["permissions"] as? [String: Any] ?? [:]
        let publish = lists["pub"] as? [String: [String]] ?? [:]
        let subscribe = lists["sub"] as? [String: [String]] ?? [:]
        let responses = (lists["resp"] as? [String: Int]).map {
            ResponsePermission(max: $0["max"] ?? 0, ttl: $0["ttl"] ?? 0)
        }
        let byLists = try Permissions(
            publish: PermissionLists(allow: publish["allow"], deny: publish["deny"] ?? [], in: .publish),
            subscribe: PermissionLists(allow: subscribe["allow"], deny: subscribe["deny"] ?? [], in: .subscribe),
            responses: responses)
        return byLists
    }

    private static func permissions(_ one: [String: Any]) throws {
        let permissions = try compile(one)
        for check in one["checks"] as? [[String: Any]] ?? [] {
            let subject = check["subject"] as? String ?? ""
            let queue = try (check["queue"] as? String).map { try QueueName($0) }
            let got: Bool
            switch check["op"] as? String {
            case "publish": got = try publishes(permissions, subject)
            case "subscribe": got = try subscribes(permissions, subject, queue)
            default:
                let subscription = check["subscription"] as? String ?? ""
                got =
                    try subscribes(permissions, subscription, queue)
                    && permissions.delivers(Subject(subject), queue: queue)
            }
            try same(got, check["expected"] as? Bool ?? false, "\(check)")
        }
    }

    private static func publishes(_ permissions: Permissions, _ text: String) throws -> Bool {
        let subject = try Subject(text)
        let bytes = Array(text.utf8)
        let decision = permissions.decide(publish: subject)
        try same(try permissions.decide(publish: bytes.span), decision, "by bytes")
        return decision.isAllowed
    }

    private static func subscribes(_ permissions: Permissions, _ text: String, _ queue: QueueName?) throws -> Bool {
        guard let pattern = try? SubjectPattern(text) else { return false }
        guard let queue else { return permissions.decide(subscribe: pattern).isAllowed }
        return permissions.decide(subscribe: pattern, queue: queue).isAllowed
    }

    private static func responses(_ one: [String: Any]) throws {
        let permissions = try compile(one)
        let responses = try #require(permissions.responses)
        let effective = one["effective"] as? [String: Int] ?? [:]
        try same(responses.limit ?? -1, effective["max"] ?? 0, "max")
        try same(responses.nanoseconds.map { Int($0) } ?? -1, effective["ttl_ns"] ?? 0, "ttl")
        var ledger = ReplyLedger(responses)
        var now: UInt64 = 1_000
        for step in one["steps"] as? [[String: Any]] ?? [] {
            switch step["do"] as? String {
            case "deliver":
                permissions.noteDelivery(reply: try Subject(step["reply"] as? String ?? ""), in: &ledger, at: now)
            case "wait": now += UInt64(step["ms"] as? Int ?? 0) * 1_000_000
            default:
                let subject = try Subject(step["subject"] as? String ?? "")
                let got = permissions.decide(publish: subject, replies: &ledger, at: now).isAllowed
                try same(got, step["expected"] as? Bool ?? false, "\(step)")
            }
        }
    }
}

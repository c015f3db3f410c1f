import Foundation

extension ConversationGroup {
    /// Which accounts let their users in.
    static let accountsOfUsers = Conversation(
        "accounts",
        accounts: { cast in
            func preload(
                _ name: String, _ claims: [String: Any] = [:], _ change: (inout Cast.Claims) -> Void = { _ in }
            ) throws {
                var more = Cast.Claims()
                change(&more)
                try cast.preload(name, claims, more)
            }
            _ = try cast.keys("other operator", .operator)
            try preload("good")
            try preload("by a signing key") { $0.by = "OP1" }
            try preload("foreign") { $0.by = "other operator" }
            var selfSigned = Cast.Claims()
            selfSigned.by = "self-signed"
            try cast.preload(unread: "self-signed", [:], selfSigned)
            try preload("expired") { $0.expires = Cast.now - 10 }
            try preload("not yet") { $0.notBefore = Cast.now + 3600 }
            let export = { (subject: String) -> [String: Any] in ["subject": subject, "type": "stream"] }
            try preload("too many exports", ["limits": ["exports": 1], "exports": [export("a"), export("b")]])
            try preload(
                "wildcard exports", ["limits": ["wildcards": false, "exports": 5], "exports": [export("a.*")]])
            try preload(
                "wildcard exports without a limit", ["limits": ["wildcards": false], "exports": [export("a.*")]])
            try preload("exports inside each other", ["exports": [export("a.*"), export("a.b")]])
            try preload("an export with a blank", ["exports": [export("a b")]])
            try cast.preload(unread: "a null export", ["exports": [NSNull()]])
            try cast.preload(unread: "a null import", ["imports": [NSNull()]])
            try preload("an import without account", ["imports": [["subject": "a", "type": "stream"]]])
            let import_ = { (more: [String: Any]) throws -> [String: Any] in
                ["subject": "a.*", "type": "stream", "account": try cast.id("good")].merging(more) { $1 }
            }
            try preload("share on a stream", ["imports": [try import_(["share": true])]])
            try preload("to and local_subject", ["imports": [try import_(["to": "x", "local_subject": "y.*"])]])
            try preload("a local subject without its star", ["imports": [try import_(["local_subject": "fixed"])]])
            try preload(
                "a response type that is none",
                ["exports": [["subject": "a", "type": "service", "response_type": "singleton"]]])
            try preload(
                "a response type on a stream",
                ["exports": [["subject": "a", "type": "stream", "response_type": "Stream"]]])
            try preload(
                "a sampling over 100",
                [
                    "exports": [
                        ["subject": "a", "type": "service", "service_latency": ["sampling": 101, "results": "l"]]
                    ]
                ])
            try preload(
                "a wildcard of results",
                [
                    "exports": [
                        ["subject": "a", "type": "service", "service_latency": ["sampling": 10, "results": "l.*"]]
                    ]
                ])
            try preload(
                "a position that is no star",
                ["exports": [["subject": "a.b", "type": "stream", "account_token_position": 1]]])
            try preload(
                "a position out of range",
                ["exports": [["subject": "a.*", "type": "stream", "account_token_position": 3]]])
            try preload("a user as signing key", ["signing_keys": [try cast.id("a user", .user)]])
            try preload("allowed accounts without users", ["authorization": ["allowed_accounts": ["*"]]])
            try preload(
                "a mapping beyond 100",
                ["mappings": ["a": [["subject": "b", "weight": 60], ["subject": "c", "weight": 60]]]])
            try preload("a mapping that is none", ["mappings": ["a.*": [["subject": "b.{{nothing(1)}}"]]]])
            try preload(
                "overlapping services",
                [
                    "imports": [
                        ["subject": "s.a", "type": "service", "account": try cast.id("good"), "local_subject": "l.a"],
                        ["subject": "s.b", "type": "service", "account": try cast.id("good"), "local_subject": "l.*"],
                    ]
                ])
            try preload("an import that nobody exports", ["imports": [try import_([:])]])
            try preload(
                "an import of nobody",
                ["imports": [["subject": "a", "type": "stream", "account": try cast.id("nobody")]]])
        }
    ) { stage in
        let claims: [(String, Bool)] = [
            ("good", true), ("by a signing key", true), ("foreign", false), ("self-signed", false), ("expired", false),
            ("not yet", false),
            ("too many exports", false), ("wildcard exports", false), ("wildcard exports without a limit", true),
            ("exports inside each other", false), ("an export with a blank", false), ("a null export", false),
            ("a null import", false),
            ("an import without account", false), ("share on a stream", false), ("to and local_subject", false),
            ("a local subject without its star", false), ("a response type that is none", false),
            ("a response type on a stream", false),
            ("a sampling over 100", false), ("a wildcard of results", false), ("a position that is no star", false),
            ("a position out of range", false), ("a user as signing key", false),
            ("allowed accounts without users", false),
            ("a mapping beyond 100", false), ("a mapping that is none", true),
            ("an import that nobody exports", true), ("an import of nobody", true), ("unknown", false),
        ]
        for (name, isLet) in claims {
            try stage.login(name, stage.cast.user("u of \(name)", of: name), [:], isLet ? ["in"] : refused)
        }
        try stage.login("overlapping services", stage.cast.user("u of o", of: "overlapping services"))
        try stage.login("the system account", stage.cast.user("u of s", of: "SYS"), [:], ["in"])
    }
}

import Foundation

extension ConversationGroup {
    /// Users of scoped keys.
    static let templates = [scopes, templateValues]

    private static func scope(_ cast: Cast, _ key: String, _ template: [String: Any]) throws -> [String: Any] {
        ["kind": "user_scope", "key": try cast.id(key), "role": key, "template": template]
    }

    /// Which of these a user who comes in by a scoped key may publish to or subscribe to.
    private static func rights(_ client: Talker, _ user: Cast.User, in account: String) throws -> [String] {
        let subjects = [
            "a", "b", "u.bob", "u.bob.x", "u.bob.smith", "u.bob.smith.x", "u.other.x", "u.other", "u.*.x", "u.A",
            "u.A.x", "u.\(account)",
            "u.\(user.keys.publicKey.text)", "r.red", "r.blue", "r.red.x", "r.blue.x", "r.RED.x", "r.eu.x", "r.a.b.x",
            "r.a:b.x", "r.prod", "r.test",
            "r.RED", "pbobs.x", "bob.red", "bob.blue", "red.prod", "blue.test", "red.red", "red.blue", "u.{{name()}",
            "u.{{}}", "u.{{tag(team)}}.x",
            "u.red.x", "u.b\u{f6}b.x", "u.a*b.x", "u.axb.x", "u..x", "r..x", "lit", "u", "0.0", "0.1",
        ]
        var said: [String] = []
        for (operation, words) in [("PUB", { "PUB \($0) 0\r\n\r\n" }), ("SUB", { "SUB \($0) 1\r\nUNSUB 1\r\n" })]
            as [(String, (String) -> String)]
        {
            for subject in subjects + (operation == "SUB" ? ["lit grp", "lit other", "u.bob grp"] : []) {
                try client.send(words(subject))
                try client.settle()
                if client.take().isEmpty { said.append("\(operation) \(subject)") }
            }
        }
        for operation in ["PUB", "SUB"] where said.count(where: { $0.hasPrefix(operation) }) >= subjects.count {
            said = said.filter { !$0.hasPrefix(operation) } + ["\(operation) everything"]
        }
        return said
    }

    private static let scopes = Conversation(
        "scopes",
        accounts: { cast in
            let lists: [String: Any] = ["allow": ["a.>"]]
            try cast.preload(
                "A",
                [
                    "signing_keys": [
                        try scope(cast, "limited", ["pub": lists, "sub": ["allow": ["a.>"]], "subs": 2, "payload": 9]),
                        try scope(cast, "unlimited", ["pub": lists]),
                        try scope(cast, "bearer", ["bearer_token": true]),
                        try scope(cast, "elsewhere", ["src": ["10.0.0.0/8"]]),
                        try scope(cast, "web", ["allowed_connection_types": ["WEBSOCKET"]]),
                        try scope(cast, "never", ["times": [["start": "00:00:00", "end": "00:00:00"]]]),
                        try scope(cast, "answers", ["resp": ["max": 1, "ttl": 3_600_000_000_000]]),
                        try scope(cast, "empty", [:]),
                        try cast.id("plain"),
                    ], "default_permissions": ["pub": ["deny": ["default.no"]]],
                ])
        }
    ) { stage in
        let cast = stage.cast
        var bare = Cast.Claims()
        bare.isBare = true
        func user(_ key: String, _ claims: [String: Any] = [:]) throws -> Cast.User {
            var more = bare
            more.by = key
            return try cast.user("u \(key) \(claims.count)", of: "A", claims, more)
        }
        let limited = try stage.connect(user("limited"))
        let no = { (subject: String) in "-ERR 'Permissions Violation for Publish to \"\(subject)\"'" }
        try limited.does("publishing", "PUB a.b 0\r\n\r\nPUB b 0\r\n\r\n", [no("b")])
        try limited.does(
            "subscriptions", "SUB a.1 1\r\nSUB a.2 2\r\nSUB a.3 3\r\n", ["-ERR 'maximum subscriptions exceeded'"])
        try limited.does("payload", "PUB a.b 10\r\n", ["-ERR 'Maximum Payload Violation'", "closed"])
        let unlimited = try stage.connect(user("unlimited"))
        try unlimited.does(
            "absent limits are none", "SUB a.1 1\r\nSUB x 2\r\nPUB a.1 10\r\n0123456789\r\n",
            ["MSG a.1 1 10: 0123456789"])
        try stage.login("a bearer by its role", user("bearer"), ["sig": NSNull()], ["in"])
        try stage.login("a source by its role", user("elsewhere"), [:], refused)
        try stage.login("a connection type by its role", user("web"), [:], refused)
        try stage.login("hours by its role", user("never"), [:], refused)
        let answers = try stage.connect(user("answers"))
        try answers.does("responses by its role", "PUB a 0\r\n\r\n", [no("a")])
        let empty = try stage.connect(user("empty"))
        try empty.does(
            "an empty role has the account's defaults", "PUB default.no 0\r\n\r\nPUB b 0\r\n\r\n", [no("default.no")])
        let own: [(String, [String: Any], [String]?)] = [
            ("publishing", ["pub": ["allow": ["x"]]], refused), ("subscribing", ["sub": ["deny": ["x"]]], refused),
            ("responses", ["resp": ["max": 1]], refused), ("subs", ["subs": -1], refused),
            ("payload", ["payload": 5], refused),
            ("subs of 0", ["subs": 0], ["in"]), ("data", ["data": -1], refused),
            ("a bearer", ["bearer_token": true], refused),
            ("a source", ["src": ["127.0.0.0/8"]], refused), ("an empty source", ["src": [String]()], refused),
            ("hours", ["times": [["start": "00:00:00", "end": "23:59:59"]]], refused),
            ("connection types", ["allowed_connection_types": ["STANDARD"]], refused),
            ("empty sections", ["pub": [:], "sub": [:]], ["in"]), ("empty lists", ["pub": ["allow": []]], nil),
            ("a zone", ["times_location": "UTC"], nil), ("tags", ["tags": ["a:b"]], ["in"]),
            ("a proxy", ["proxy_required": true], nil),
        ]
        for (step, claims, claimed) in own { try stage.login("its own \(step)", user("limited", claims), [:], claimed) }
        var plain = Cast.Claims()
        plain.by = "plain"
        let free = try stage.connect(cast.user("free", of: "A", ["pub": ["allow": ["own"]]], plain))
        try free.does("a plain key's user has its own", "PUB own 0\r\n\r\nPUB a.b 0\r\n\r\n", [no("a.b")])
    }

    private static let templateValues = Conversation(
        "template values",
        accounts: { cast in
            func role(_ name: String, _ entries: [String], deny: [String]? = nil, direction: String = "pub") throws
                -> [String: Any]
            {
                var lists: [String: Any] = ["allow": entries]
                if let deny { lists["deny"] = deny }
                return try scope(cast, name, [direction: lists])
            }
            try cast.preload(
                "A",
                [
                    "tags": ["env:prod", "env:test", "Team:RED"],
                    "signing_keys": [
                        try role("name", ["u.{{name()}}.>"]), try role("subject", ["u.{{subject()}}"]),
                        try role("account name", ["u.{{account-name()}}"]),
                        try role("account", ["u.{{account-subject()}}"]),
                        try role("tag", ["r.{{tag(team)}}.>"]), try role("account tag", ["r.{{account-tag(env)}}"]),
                        try role("inside a token", ["p{{name()}}s.x"]), try role("two", ["{{name()}}.{{tag(team)}}"]),
                        try role("capitals", ["u.{{ NAME() }}"]), try role("capital tag", ["r.{{Tag(team)}}"]),
                        try role("tag of capitals", ["r.{{tag(TEAM)}}"]),
                        try role("blanks in a tag", ["r.{{tag( team )}}"]),
                        try role("product", ["{{tag(team)}}.{{account-tag(env)}}"]),
                        try role("twice", ["{{tag(team)}}.{{tag(team)}}"]),
                        try role("missing", ["a", "r.{{tag(none)}}"]), try role("only missing", ["r.{{tag(none)}}"]),
                        try role("deny missing", ["a"], deny: ["r.{{tag(none)}}"]),
                        try role("deny", [">"], deny: ["r.{{tag(team)}}"]),
                        try role("unknown", ["a", "u.{{bogus()}}"]), try role("no call", ["u.{{name}}"]),
                        try role("blank", ["u.{{ }}"]),
                        try role("empty tag", ["a", "u.{{tag()}}"]), try role("open", ["u.{{name()}"]),
                        try role("empty braces", ["u.{{}}"]),
                        try role("queue", ["lit grp", "u.{{name()}}"], direction: "sub"),
                        try role("queue without", ["lit grp", "u"], direction: "sub"),
                        try role("queue denied", [">"], deny: ["lit grp", "u.{{name()}}"], direction: "sub"),
                        try role("squared", ["{{tag(t)}}.{{tag(t)}}"]),
                    ],
                ])
        }
    ) { stage in
        func tries(_ step: String, _ key: String, name: String = "bob", tags: [String] = ["team:red", "team:blue"])
            throws
        {
            var more = Cast.Claims()
            (more.by, more.name, more.isBare) = (key, name, true)
            let user = try stage.cast.user("u \(step)", of: "A", ["tags": tags], more)
            let client = try stage.greeted()
            let said = try client.logIn(user)
            guard said == ["in"] else { return try stage.note(step, said) }
            try stage.note(step, rights(client, user, in: stage.cast.id("A")))
        }
        let asIs = [
            "name", "subject", "account name", "account", "tag", "account tag", "inside a token", "two", "capitals",
            "capital tag",
            "tag of capitals", "blanks in a tag", "product", "twice", "missing", "only missing", "deny missing", "deny",
            "unknown",
            "no call", "blank", "empty tag", "open", "empty braces", "queue", "queue without", "queue denied",
        ]
        for key in asIs { try tries(key, key) }
        for (step, name) in [
            ("a rest", ">"), ("a star", "*"), ("a dot", "bob.smith"), ("a blank", "bob smith"), ("nothing", ""),
            ("a template", "{{tag(team)}}"),
            ("a line end", "bob\r\nPUB x"), ("a tab", "a\tb"), ("beyond ASCII", "b\u{f6}b"),
            ("a star in a word", "a*b"), ("a NUL", "a\u{0}b"),
        ] { try tries("named \(step)", "name", name: name) }
        for (step, tag) in [
            ("a rest", "team:>"), ("a star", "team:*"), ("a dot", "team:a.b"), ("nothing", "team:"),
            ("capitals", "Team:RED"), ("a capital value", "team:RED"), ("a second colon", "team:a:b"),
        ] {
            try tries("tagged \(step)", "tag", tags: [tag])
        }
        try tries("64 tags squared", "squared", tags: (0..<64).map { "t:\($0)" })
        try tries("65 tags squared", "squared", tags: (0..<65).map { "t:\($0)" })
    }
}

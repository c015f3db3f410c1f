import Foundation

extension ConversationGroup {
    /// What permissions let through: Docs/TrustRules.md, and the real server where it is laxer.
    static let permissions =
        [
            publishing, subscribing, queuePermissions, deliveryDenies,
        ] + responsePermissions

    /// A user's lists, and what it tries: `true` where the real server lets it.
    private struct Row {
        let name: String
        let claims: [String: Any]
        let tries: [(String, Bool)]

        init(_ name: String, _ claims: [String: Any], _ tries: [(String, Bool)]) {
            (self.name, self.claims, self.tries) = (name, claims, tries)
        }
    }

    static func refusal(of operation: String, _ subject: String, _ queue: String? = nil) -> String {
        let group = queue.map { " using queue \"\($0)\"" } ?? ""
        return "-ERR 'Permissions Violation for \(operation) to \"\(subject)\"\(group)'"
    }

    private static func trying(publish rows: [Row]) -> @Sendable (Stage) throws -> Void {
        nonisolated(unsafe) let rows = rows
        return { stage in
            for (place, row) in rows.enumerated() {
                let client = try stage.greeted()
                let said = try client.logIn(stage.cast.user("u\(place)", of: "A", row.claims))
                if said != ["in"] { try stage.note("\(row.name): login", said) }
                for (subject, isLet) in row.tries where said == ["in"] {
                    try client.does(
                        "\(row.name): `\(subject)`", "PUB \(subject) 0\r\n\r\n",
                        isLet ? [] : [refusal(of: "Publish", subject)])
                }
            }
        }
    }

    private static let publishing = Conversation(
        "publishing",
        accounts: { cast in
            try cast.preload("A", ["mappings": ["m.in": [["subject": "m.out"]]]])
        }
    ) { stage in
        let lists: [String: Any] = ["pub": ["allow": ["a.*", "b.>"], "deny": ["a.no", "b.x.>"]]]
        try trying(publish: [
            Row(
                "allow and deny", lists,
                [
                    ("a.1", true), ("b.1.2", true), ("b.x", true), ("a.*", true), ("a.>", true), ("a", false),
                    ("a.1.2", false), ("a.no", false), ("b.x.1", false), ("c", false), ("b", false),
                ]),
            Row(
                "deny alone", ["pub": ["deny": ["foo.bar"]]],
                [("foo.bar", false), ("foo.*", true), ("foo.>", true), ("foo", true)]),
            Row("an empty allow beside a deny", ["pub": ["allow": [], "deny": ["z"]]], [("q", false), ("z", false)]),
            Row("both empty", ["pub": ["allow": [], "deny": []]], [("q", true)]),
            Row("an empty allow, and something else", ["pub": ["allow": []], "sub": ["allow": ["q"]]], [("q", true)]),
            Row("no publish section", ["sub": ["allow": ["q"]]], [("x", true)]),
            Row("everything", ["pub": ["allow": [">"]]], [("a.b.c", true), ("_INBOX.x", true)]),
            Row("deny everything", ["pub": ["deny": [">"]]], [("a", false), ("_INBOX.x", false)]),
            Row("deny wins", ["pub": ["allow": ["a"], "deny": ["a"]]], [("a", false)]),
            Row(
                "a literal that looks wild", ["pub": ["allow": ["a*.b", "*x"]]],
                [("a*.b", true), ("ax.b", false), ("*x", true), ("yx", false)]),
            Row("mapping, the source allowed", ["pub": ["allow": ["m.in"]]], []),
        ])(stage)
        try stage.login(
            "a null allow beside a deny", stage.cast.user("null", of: "A", ["pub": ["allow": NSNull(), "deny": ["z"]]]))
        let mapped = try stage.connect("source", of: "A", ["pub": ["allow": ["m.in"]]])
        try mapped.does("the subject is judged as mapped", "PUB m.in 0\r\n\r\n", [refusal(of: "Publish", "m.out")])
        let target = try stage.connect("target", of: "A", ["pub": ["allow": ["m.out"]]])
        try target.does("the target allowed", "SUB m.* 1\r\nPUB m.in 0\r\n\r\n", ["MSG m.out 1 0: "])
        let secret = try stage.connect("secret", of: "A", ["pub": ["deny": ["secret.>"]], "sub": ["allow": ["any"]]])
        try secret.does(
            "a reply is not judged", "SUB any 1\r\nPUB any secret.reply 0\r\n\r\n", ["MSG any 1 secret.reply 0: "])
        let watcher = try stage.connect("watcher", of: "A")
        try watcher.quietly("SUB foo.* 1\r\nSUB foo.bar 2\r\n")
        let wild = try stage.connect("wild", of: "A", ["pub": ["deny": ["foo.bar"]]])
        try wild.does("what passes a deny as a wildcard", "PUB foo.* 2\r\nhi\r\n")
        try watcher.hears("what passes a deny as a wildcard, heard", ["MSG foo.* 1 2: hi"])
        try wild.does(
            "the payload of what is denied is read", "PUB foo.bar 4\r\nPING\r\nPUB foo.bar 0\r\n\r\n",
            [refusal(of: "Publish", "foo.bar"), refusal(of: "Publish", "foo.bar")])
        try watcher.hears("and nothing of it is delivered", [])
    }

    private static let subscribing = Conversation("subscribing") { stage in
        let rows = [
            Row(
                "allow and deny", ["sub": ["allow": ["foo.*", "bar"], "deny": ["foo.no"]]],
                [
                    ("foo.1", true), ("foo.*", true), ("bar", true), ("foo.>", true), ("foo", false), (">", false),
                    ("*.1", false), ("foo.no", false), ("*", false), ("foo.1.2", false),
                ]),
            Row("allow of a star", ["sub": ["allow": ["*"]]], [("*", true), (">", true), ("a", true), ("a.b", false)]),
            Row(
                "allow of a rest", ["sub": ["allow": ["a.>"]]],
                [("a.>", true), ("a.*", true), ("a.b.c", true), ("a", false), (">", false)]),
            Row("allow of everything", ["sub": ["allow": [">"]]], [(">", true), ("*", true), ("a", true)]),
            Row(
                "deny of a star", ["sub": ["deny": ["foo.*"]]],
                [
                    ("foo.*", false), ("foo.>", false), ("foo.1", false), ("*.1", true), (">", true), ("foo", true),
                    ("foo.1.2", true),
                ]),
            Row(
                "deny of a rest", ["sub": ["deny": ["foo.>"]]],
                [("foo.>", false), ("foo.*", false), ("foo.a.b", false), ("foo", true), (">", true)]),
            Row(
                "deny of everything", ["sub": ["deny": [">"]]],
                [("a", false), ("_INBOX.a", false), (">", false), ("*", false)]),
            Row("empty allow", ["sub": ["allow": []], "pub": ["allow": ["x"]]], [("a", true)]),
            Row("empty allow beside a deny", ["sub": ["allow": [], "deny": ["z"]]], [("a", true), ("z", false)]),
            Row("publishing limited alone", ["pub": ["allow": ["x"]]], [("a", true), (">", true)]),
            Row("union of allows", ["sub": ["allow": ["a.b", "a.c"]]], [("a.b", true), ("a.*", false)]),
        ]
        for (place, row) in rows.enumerated() {
            let client = try stage.connect("u\(place)", of: "A", row.claims)
            for (subject, isLet) in row.tries {
                try client.does(
                    "\(row.name): `\(subject)`", "SUB \(subject) 1\r\nUNSUB 1\r\n",
                    isLet ? [] : [refusal(of: "Subscription", subject)])
            }
        }
        let publisher = try stage.connect("publisher", of: "A")
        let deep = try stage.connect("deep", of: "A", ["sub": ["allow": ["foo.*"]]])
        try deep.send("SUB foo.> 1\r\n")
        try deep.settle()
        try publisher.quietly("PUB foo.1 0\r\n\r\nPUB foo.1.2.3 0\r\n\r\n")
        try deep.hears("what a rest under a star delivers", ["MSG foo.1 1 0: ", "MSG foo.1.2.3 1 0: "])
        let all = try stage.connect("all", of: "A", ["sub": ["allow": ["*"]]])
        try all.send("SUB > 1\r\n")
        try all.settle()
        try publisher.quietly("PUB a.b.c 0\r\n\r\n")
        try all.hears("what everything under a star delivers", ["MSG a.b.c 1 0: "])
        let order = try stage.connect("order", of: "A", ["sub": ["allow": ["*.x", "ok"]]])
        try order.does("permission first, then the subject", "SUB >.x 1\r\nSUB no..x 2\r\n")
    }

    private static let queuePermissions = Conversation("queue permissions") { stage in
        let groups: [String?] = [nil, "q", "v1", "v1.prod", "v2"]
        let rows: [(allow: [String]?, deny: [String]?, String)] = [
            (["foo"], nil, "ooooo"), (["foo v1"], nil, "xxoxx"), (["foo", "foo v1"], nil, "oxoxx"),
            (["foo v1.*"], nil, "xxxox"), (["foo *"], nil, "xooxo"), (["foo >"], nil, "xoooo"),
            (["foo", "foo v1.>"], nil, "oxxox"), (nil, ["foo"], "xxxxx"), (nil, ["foo v1"], "ooxoo"),
            (nil, ["foo v1.*"], "oooxo"), (nil, ["foo *"], "oxxox"), (nil, ["foo >"], "oxxxx"),
            (["foo"], ["foo v1"], "ooxoo"), (["foo v1"], ["foo"], "xxxxx"), (["foo >"], ["foo v1"], "xoxoo"),
        ]
        for (place, row) in rows.enumerated() {
            var lists: [String: Any] = [:]
            lists["allow"] = row.allow
            lists["deny"] = row.deny
            let client = try stage.connect("u\(place)", of: "A", ["sub": lists])
            for (group, letter) in zip(groups, row.2) {
                let name = group ?? "none"
                let step = "allow \(row.allow ?? []) deny \(row.deny ?? []): \(name)"
                try client.does(
                    step, "SUB foo\(group.map { " \($0)" } ?? "") 1\r\nUNSUB 1\r\n",
                    letter == "o" ? [] : [refusal(of: "Subscription", "foo", group)])
            }
        }
        let wide: [(String, [String: Any], [(String, Bool)])] = [
            (
                "allow `foo.* q`", ["allow": ["foo.* q"]],
                [("foo.1 q", true), ("foo.* q", true), ("foo.> q", true), ("foo.1 r", false)]
            ),
            (
                "allow `>` deny `foo.> q`", ["allow": [">"], "deny": ["foo.> q"]],
                [
                    ("foo.a q", false), ("foo.> q", false), ("> q", true), ("*.a q", true), ("foo.a", true),
                ]
            ),
            ("allow `>`", ["allow": [">"]], [("foo _sys_", false)]),
            // The deny of a group and the plain deny stand beside each other (2026-18).
            (
                "allow `>` deny `admin.>`, `> restricted`", ["allow": [">"], "deny": ["admin.>", "> restricted"]],
                [
                    ("admin.secret workers", false), ("admin.secret restricted", false), ("admin.secret", false),
                    ("other workers", true), ("other restricted", false),
                ]
            ),
        ]
        for (place, row) in wide.enumerated() {
            let client = try stage.connect("w\(place)", of: "A", ["sub": row.1])
            for (text, isLet) in row.2 {
                let parts = text.split(separator: " ").map(String.init)
                try client.does(
                    "\(row.0): \(text)", "SUB \(text) 1\r\nUNSUB 1\r\n",
                    isLet ? [] : [refusal(of: "Subscription", parts[0], parts.count > 1 ? parts[1] : nil)])
            }
        }
    }

    private static let deliveryDenies = Conversation("delivery under a deny") { stage in
        let publisher = try stage.connect("publisher", of: "A")
        let denied = try stage.connect("denied", of: "A", ["sub": ["deny": ["foo.bar"]]])
        try denied.quietly("SUB foo.* 1\r\nSUB foo.> 2\r\nSUB > 3\r\nSUB *.bar 4\r\nSUB > q 5\r\nSUB foo.* q 6\r\n")
        try publisher.quietly("PUB foo.bar 0\r\n\r\n")
        try denied.hears("what is denied is not delivered", [])
        try publisher.quietly("PUB foo.baz 0\r\n\r\n")
        try stage.note("what is not denied is", ["\(try denied.collected().count)"], ["4"])
        try publisher.does(
            "a message that nobody may have finds no responders", "SUB in 1\r\nPUB foo.bar in 0\r\n\r\n",
            ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: foo.bar⏎⏎| "])
        try denied.leave()

        let member = try stage.connect("member", of: "A", ["sub": ["deny": ["job.x"]]])
        let other = try stage.connect("other", of: "A")
        for client in [member, other] { try client.quietly("SUB job.* g 1\r\n") }
        try publisher.quietly(String(repeating: "PUB job.x 0\r\n\r\n", count: 8))
        try stage.note(
            "in a group another member has it", ["\(try member.collected().count)", "\(try other.collected().count)"],
            ["0", "8"])

        let group = try stage.connect("group", of: "A", ["sub": ["deny": ["one.bar q"]]])
        try group.quietly("SUB one.* q 1\r\nSUB one.* 2\r\nSUB one.* z 3\r\n")
        try publisher.quietly("PUB one.bar 0\r\n\r\n")
        try group.hearsSorted("a deny of one group", "", ["MSG one.bar 2 0: ", "MSG one.bar 3 0: "])

        // Overlaps where neither contains the other (2026-17), and a group under a rest (CVE-2022-29946, T6d).
        let rows: [(deny: String, sub: String, publish: String)] = [
            ("*.secret", "foo.*", "foo.secret"), ("foo.*", "*.secret", "foo.secret"), ("a.*.c", "a.b.>", "a.b.c"),
            ("a.>", "*.b", "a.b"), ("*.*", ">", "a.b"), ("foo.secret", "> q", "foo.secret"),
            ("foo.* q1", "foo.> q1", "foo.x"), ("*.secret", "foo.* q", "foo.secret"), ("> q2", "foo.* q2", "foo.x"),
        ]
        for (place, row) in rows.enumerated() {
            let client = try stage.connect("o\(place)", of: "A", ["sub": ["allow": [">"], "deny": [row.deny]]])
            try client.does("deny `\(row.deny)`, SUB `\(row.sub)`", "SUB \(row.sub) 1\r\n")
            try publisher.quietly("PUB \(row.publish) 0\r\n\r\n")
            try client.hears("deny `\(row.deny)`, SUB `\(row.sub)`, what comes", [])
            try client.leave()
        }
        let both = try stage.connect("both", of: "A", ["sub": ["allow": ["foo.*"], "deny": ["foo.*.*"]]])
        try both.does("a rest between allow and deny", "SUB foo.> 1\r\n")
        try publisher.quietly("PUB foo.1 0\r\n\r\nPUB foo.1.2 0\r\n\r\nPUB foo.1.2.3 0\r\n\r\n")
        try both.hears("a rest between allow and deny, what comes")
    }
}

import Foundation

extension ConversationGroup {
    /// What changes for those who are connected when their account does.
    static let live = [
        liveUsers, liveLimits, liveKeys, liveDefaults, liveImports, liveActivations, liveExpiry, updates,
    ]

    static let revoked = ["-ERR 'User Authentication Revoked'", "closed"]
    static let gone = ["-ERR 'Account Authentication Expired'", "closed"]

    private static let liveUsers = Conversation("live users") { stage in
        let cast = stage.cast
        var more = Cast.Claims()
        let then = Cast.now - 50
        more.issuedAt = then
        let one = try cast.user("one", of: "A", [:], more)
        let other = try stage.connect(cast.user("other", of: "A", [:], more))
        let first = try stage.connect(one)
        try stage.mustPush("A", ["revocations": [try cast.id("one", .user): then - 1]])
        try first.does("a revocation before its token", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try stage.mustPush("A", ["revocations": [try cast.id("one", .user): then]])
        try first.ends("revoked", "", revoked)
        try stage.login("a revoked user comes again", one, [:], refused)
        try other.does("others stay", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try stage.mustPush("A", ["revocations": ["*": then + 1]])
        try other.ends("all revoked", "", revoked)
        try stage.mustPush("A")
        try stage.login("a revocation that was taken back", one, [:], ["in"])

        let bearer = try stage.connect(cast.user("bearer", of: "A", ["bearer_token": true]), ["sig": NSNull()])
        let signed = try stage.connect(one)
        try stage.mustPush("A", ["limits": ["disallow_bearer": true]])
        try bearer.ends("bearers no longer allowed", "", refused)
        try signed.does("who signed stays", "PUB a 0\r\n\r\n", [])
    }

    private static let liveLimits = Conversation("live limits") { stage in
        let cast = stage.cast
        let user = try cast.user("u", of: "A")
        let client = try stage.connect(user)
        try client.quietly("SUB a 1\r\nSUB b 2\r\n")
        try stage.mustPush("A", ["limits": ["payload": 3]])
        try client.does("a lower payload, kept", "PUB a 3\r\nabc\r\n", ["MSG a 1 3: abc"])
        try client.does("a lower payload, broken", "PUB a 4\r\n", ["-ERR 'Maximum Payload Violation'", "closed"])
        try stage.mustPush("A")

        let full = ["-ERR 'maximum subscriptions exceeded'", "closed"]
        let (three, two, one) = (try stage.connect(user), try stage.connect(user), try stage.connect(user))
        try three.quietly("SUB a 1\r\nSUB b 2\r\nSUB c 3\r\n")
        try two.quietly("SUB a 1\r\nSUB b 2\r\n")
        try one.quietly("SUB a 1\r\n")
        try stage.mustPush("A", ["limits": ["subs": 2]])
        try three.ends("fewer subscriptions than there are", "", full)
        try two.endsOrStays("fewer subscriptions, as many as there are", "", full)
        try one.does("fewer subscriptions, less than there are", "PUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try one.does(
            "fewer subscriptions, more are refused", "SUB c 3\r\nSUB d 4\r\n", ["-ERR 'maximum subscriptions exceeded'"]
        )
        try stage.mustPush("A")

        try two.leave()
        // The first ones stay; the real server counts those that it has counted itself.
        let old = try (0..<2).map { _ in try stage.connect(user) }
        let late = try (0..<2).map { _ in try stage.connect(user) }
        // The one from before stays, so that nobody has to wait until a server has seen it go.
        try stage.mustPush("A", ["limits": ["conn": 3]])
        for (place, client) in late.enumerated() {
            try client.ends(
                "fewer connections, newest \(place + 1)", "",
                ["-ERR 'maximum account active connections exceeded'", "closed"])
        }
        for (place, client) in old.enumerated() {
            try client.does("fewer connections, oldest \(place + 1)", "PUB x 0\r\n\r\n", [])
        }
        try stage.login(
            "fewer connections, another", user, [:], ["-ERR 'maximum account active connections exceeded'", "closed"])
    }

    private static let liveKeys = Conversation(
        "live keys",
        accounts: { cast in
            try cast.preload(
                "A", ["signing_keys": [try cast.id("A1"), try cast.id("A2"), try scope(cast, ["description": "one"])]])
        }
    ) { stage in
        let cast = stage.cast
        func user(_ name: String, by key: String) throws -> Cast.User {
            var more = Cast.Claims()
            (more.by, more.isBare) = (key, key == "role")
            return try cast.user(name, of: "A", [:], more)
        }
        let own = try stage.connect(cast.user("own", of: "A"))
        let (one, two, role) = (
            try stage.connect(user("one", by: "A1")), try stage.connect(user("two", by: "A2")),
            try stage.connect(user("three", by: "role"))
        )
        try stage.mustPush("A", ["signing_keys": [try cast.id("A2"), try scope(cast, ["description": "one"])]])
        try one.ends("its signing key is gone", "", ["closed"])
        try stage.login("and it comes again", user("one", by: "A1"), [:], refused)
        try two.does("others stay", "PUB a 0\r\n\r\n", [])
        try stage.mustPush("A", ["signing_keys": [try cast.id("A2"), try scope(cast, ["description": "another"])]])
        try role.ends("its role is described otherwise", "", ["closed"])
        let again = try stage.connect(user("four", by: "role"))
        try stage.mustPush(
            "A", ["signing_keys": [try cast.id("A2"), try scope(cast, ["template": ["pub": ["allow": ["x"]]]])]])
        try again.ends("its role may do less", "", ["closed"])
        let third = try stage.connect(user("five", by: "role"))
        try third.does(
            "the new role holds", "PUB a 0\r\n\r\nPUB x 0\r\n\r\n",
            ["-ERR 'Permissions Violation for Publish to \"a\"'"])
        try stage.mustPush("A", ["signing_keys": [try cast.id("A2"), try cast.id("role")]])
        // Its limits, which are none at all now, may be what the real server finds first.
        try third.hear { if case .closed = $0 { true } else { false } }
        try stage.note("its key has no role any more", [third.take().last?.observed ?? "nothing"], ["closed"])
        try stage.mustPush("A", ["signing_keys": [try scope(cast, [:], key: "A2")]])
        try two.ends("its key has a role now", "", ["closed"])
        try own.does("who has the account's own key stays", "PUB a 0\r\n\r\n", [])
    }

    private static func scope(_ cast: Cast, _ more: [String: Any], key: String = "role") throws -> [String: Any] {
        ["kind": "user_scope", "key": try cast.id(key), "role": "r", "template": [String: Any]()].merging(more) { $1 }
    }

    private static let liveDefaults = Conversation("live defaults") { stage in
        let client = try stage.connect("u", of: "A")
        let own = try stage.connect("own", of: "A", ["pub": ["allow": ["a", "b"]]])
        try client.quietly("SUB a 1\r\nSUB b 2\r\nSUB b q 3\r\nSUB > 4\r\n")
        try own.quietly("SUB b 1\r\n")
        try stage.mustPush("A", ["default_permissions": ["sub": ["deny": ["b"]], "pub": ["deny": ["c"]]]])
        try client.hearsSorted(
            "what is no longer allowed", "",
            [
                #"-ERR 'Permissions Violation for Subscription to "b" (sid "2")'"#,
                #"-ERR 'Permissions Violation for Subscription to "b" using queue "q" (sid "3")'"#,
            ])
        try client.does(
            "publishing is judged anew", "PUB c 0\r\n\r\n", [#"-ERR 'Permissions Violation for Publish to "c"'"#])
        try own.send("PUB a 0\r\n\r\nPUB b 0\r\n\r\n")
        try own.settle()
        try client.hearsSorted("what stays", "", ["MSG a 1 0: ", "MSG a 4 0: "])
        try own.hears("who has its own is not touched", ["MSG b 1 0: "])
        try stage.mustPush("A", ["default_permissions": ["sub": ["allow": ["a"]]]])
        try client.hears("an allow instead", [#"-ERR 'Permissions Violation for Subscription to ">" (sid "4")'"#])
        try stage.mustPush("A")
        try client.does("lifted", "SUB b 2\r\nPUB c 0\r\n\r\nPUB b 0\r\n\r\n", ["MSG b 2 0: "])
        // The group's name counts on reload too.
        try client.quietly("SUB foo.> q1 5\r\nSUB foo.> q2 6\r\n")
        try stage.mustPush("A", ["default_permissions": ["sub": ["deny": ["foo.> q1"]]]])
        try client.hears(
            "a deny of one group",
            [#"-ERR 'Permissions Violation for Subscription to "foo.>" using queue "q1" (sid "5")'"#])
        try stage.mustPush("A", ["default_permissions": ["sub": ["deny": ["foo.x"]]]])
        try own.send("PUB a 0\r\n\r\n")
        try own.settle()
        try client.hears("an overlap ends no subscription", ["MSG a 1 0: "])
        let free = try stage.connect("free", of: "A", ["pub": ["allow": ["foo.*"]]])
        try free.quietly("PUB foo.x 0\r\n\r\nPUB foo.y 0\r\n\r\n")
        try client.hears("but is not delivered", ["MSG foo.y 6 0: "])
    }

    private static let liveImports = Conversation(
        "live imports",
        accounts: { cast in
            try cast.preload("E", try exporter(cast))
            try cast.preload("I", try importer(cast))
        }
    ) { stage in
        let cast = stage.cast
        let (e, i) = (try stage.connect("e", of: "E"), try stage.connect("i", of: "I"))
        try e.quietly("SUB svc 1\r\n")
        try i.quietly("SUB ev.> 1\r\nSUB in 2\r\nSUB priv 3\r\n")
        var step = 0
        func tries(_ name: String, _ claimed: [String]) throws {
            step += 1
            try e.send("PUB ev.a 0\r\n\r\nPUB priv 0\r\n\r\n")
            try e.settle()
            try i.send("PUB svc in 0\r\n\r\n")
            try i.settle()
            let asked = try e.collected().count
            try stage.note(
                name,
                try i.collected().map { $0.headers == nil ? $0.subject : "no responders" }
                    + (asked > 0 ? ["asked"] : []), claimed)
        }
        let all = ["ev.a", "priv", "asked"]
        try tries("at first", all)
        try stage.mustPush("E", ["exports": [service("svc"), stream("priv", ["token_req": true])]])
        try tries("the exporter takes a stream back", ["priv", "asked"])
        try stage.mustPush("E", try exporter(cast))
        try tries("and gives it again", all)
        try stage.mustPush("E", ["exports": [stream("ev.>"), stream("priv", ["token_req": true])]])
        try tries("the exporter takes a service back", ["ev.a", "priv", "no responders"])
        try stage.mustPush("E", try exporter(cast))
        try tries("and gives that again", all)
        try stage.mustPush("I", ["imports": [service("svc", ["account": try cast.id("E")])]])
        try tries("the importer leaves streams", ["asked"])
        try stage.mustPush("I", try importer(cast))
        try tries("and takes them again", all)
        try stage.mustPush(
            "E",
            [
                "exports": [
                    stream("ev.>"), service("svc"),
                    stream("priv", ["token_req": true, "revocations": [try cast.id("I"): Cast.now + 10]]),
                ]
            ])
        try tries("an activation is revoked", ["ev.a", "asked"])
        try stage.mustPush("E", try exporter(cast))
        try tries("and no longer", all)
        try stage.mustPush(
            "E",
            [
                "exports": [
                    stream("ev.>"), service("svc"),
                    stream("priv", ["token_req": true, "revocations": ["*": Cast.now + 10]]),
                ]
            ])
        try tries("every activation is revoked", ["ev.a", "asked"])
        try stage.mustPush("E", ["exports": [stream("ev.>"), service("svc"), stream("priv")]])
        try tries("what was private is public", all)
        // The key that signed the activation is taken away.
        try stage.mustPush("E", try exporter(cast, signing: ["E1"]))
        try stage.mustPush("I", try importer(cast, by: "E1"))
        try tries("an activation by a signing key", all)
        try stage.mustPush("E", try exporter(cast))
        try tries("whose key is gone", ["ev.a", "asked"])
        // Who was not there when it was asked for.
        try stage.mustPush("I", ["imports": [stream("late", ["account": try cast.id("L")])]])
        try i.quietly("SUB late 9\r\n")
        try stage.note("an exporter that is not known", try push(stage, "L", ["exports": [stream("late")]]))
    }

    private static let liveActivations = Conversation(
        "live activations",
        accounts: { cast in
            try cast.preload("E", try exporter(cast))
            try cast.preload("I", try importer(cast))
        }
    ) { stage in
        let cast = stage.cast
        let (e, i) = (try stage.connect("e", of: "E"), try stage.connect("i", of: "I"))
        try i.quietly("SUB priv 3\r\n")
        let ends = Cast.now + 12
        try stage.mustPush("I", try importer(cast, expires: ends))
        try e.quietly("PUB priv 0\r\n\r\n")
        try i.hears("an activation that ends soon", ["MSG priv 3 0: "])
        while Cast.now <= ends + 1 {
            try i.settle()
            usleep(50_000)
        }
        try e.quietly("PUB priv 0\r\n\r\n")
        try i.hears("and has ended", [])
        try stage.mustPush("I", try importer(cast))
        try e.quietly("PUB priv 0\r\n\r\n")
        try i.hears("and a new one")
    }

    private static func push(_ stage: Stage, _ account: String, _ claims: [String: Any]) throws -> [String] {
        let answer = try stage.push(account, stage.cast.account(account, claims))
        return claimsAnswer(answer, stage.cast)
    }

    /// What the answer of a claims service says, without what differs with every run.
    static func claimsAnswer(_ answer: [String: Any], _ cast: Cast) -> [String] {
        var lines = [answer.keys.sorted().joined(separator: " ")]
        for member in ["data", "error"] {
            guard let object = answer[member] as? [String: Any] else { continue }
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                let rules = (value as? [[String: Any]])?.map { "\($0["rule"] ?? "")" }.joined(separator: " ")
                lines.append("\(name)=\(rules ?? cast.normalised("\(value)"))")
            }
        }
        return lines
    }

    private static func exporter(_ cast: Cast, signing: [String] = []) throws -> [String: Any] {
        [
            "exports": [stream("ev.>"), service("svc"), stream("priv", ["token_req": true])],
            "signing_keys": try signing.map { try cast.id($0) },
        ]
    }

    private static func importer(_ cast: Cast, by signer: String? = nil, expires: Int? = nil) throws -> [String: Any] {
        var more = Cast.Claims()
        (more.by, more.expires) = (signer, expires)
        let from: [String: Any] = ["account": try cast.id("E")]
        let token = try cast.activation("priv", "stream", for: "I", from: "E", more)
        return [
            "imports": [
                stream("ev.>", from), service("svc", from), stream("priv", from.merging(["token": token]) { $1 }),
            ]
        ]
    }
}

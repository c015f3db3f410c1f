import Foundation

extension ConversationGroup {
    /// Limits that tokens set.
    static let limits = [controlLine, payloads, subscriptions, accountConnections, absentLimits]
    /// Limits that the servers' configuration sets.
    static let serverLimits = [serverPayload, serverSubscriptions]

    private static let tooLong = ["-ERR 'maximum control line exceeded'", "closed"]

    private static let controlLine = Conversation("control line") { stage in
        let user = try stage.cast.user("u", of: "A")
        let argument = "a 1"
        let pad = { (length: Int) in argument + String(repeating: " ", count: length - argument.count) }
        try stage.connect(user).does("SUB of 4096 bytes", "SUB \(pad(4096))\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try stage.connect(user).does("SUB of 4097 bytes", "SUB \(pad(4097))\r\n", tooLong)
        let subject = String(repeating: "a", count: 4094)
        try stage.connect(user).does("PUB of 4096 bytes", "PUB \(subject) 0\r\n\r\n", [])
        try stage.connect(user).does("PUB of 4097 bytes", "PUB \(subject)a 0\r\n\r\n", tooLong)
        try stage.connect(user).ends("a line without an end", "SUB \(String(repeating: "a", count: 10_000))", tooLong)
        // Who closes with so much unread may lose its last word.
        let blank = try stage.connect(user)
        try blank.send("SUB\(String(repeating: " ", count: 100_000))")
        try blank.hear { if case .closed = $0 { true } else { false } }
        try stage.note("nothing but blanks", [blank.take().last?.observed ?? "nothing"], ["closed"])
        for (step, length) in [("CONNECT of 4096 bytes", 4096), ("CONNECT of 4097 bytes", 4097)] {
            let client = try stage.greeted()
            let line = try client.connectLine(user, ["name": ""])
            let missing = length + "CONNECT ".utf8.count - (line.utf8.count - 2)
            let name = String(repeating: "n", count: missing)
            try stage.note(
                step, client.logIn(saying: try client.connectLine(user, ["name": name])),
                length == 4096 ? ["in"] : tooLong)
        }
        try stage.greeted().ends(
            "a line without an end before CONNECT", "CONNECT \(String(repeating: "a", count: 10_000))", tooLong)
        try stage.greeted().ends("no operation at all before CONNECT", String(repeating: "a", count: 100_000))
    }

    private static let payloads = Conversation(
        "payload limits",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("B", ["limits": ["payload": 77]])
        }
    ) { stage in
        let tooLarge = ["-ERR 'Maximum Payload Violation'", "closed"]
        let rows: [(step: String, account: String, payload: Int, limit: Int)] = [
            ("the user's", "A", 50, 50), ("the account's", "B", -1, 77), ("the lesser, the user's", "B", 60, 60),
            ("the lesser, the account's", "B", 100, 77), ("none", "A", 0, 0),
        ]
        for row in rows {
            let user = try stage.cast.user("u", of: row.account, ["payload": row.payload])
            let text = { (size: Int) in "PUB a \(size)\r\n\(String(repeating: "x", count: size))\r\n" }
            let client = try stage.connect(user)
            try stage.note(
                "\(row.step): told", ["\(client.laterInfos.first?["max_payload"] ?? "nothing")"], ["\(row.limit)"])
            try client.does("\(row.step): at the limit", text(row.limit), [])
            try client.does("\(row.step): over it", text(row.limit + 1), tooLarge)
            try stage.connect(user).ends(
                "\(row.step): over it, judged before the payload is read", "PUB a \(row.limit + 1)\r\n", tooLarge)
        }
        let user = try stage.cast.user("u", of: "A", ["payload": 20])
        try stage.connect(user).does("headers count", "HPUB a 12 20\r\nNATS/1.0\r\n\r\n12345678\r\n", [])
        try stage.connect(user).does(
            "headers count and are too much", "HPUB a 12 21\r\nNATS/1.0\r\n\r\n123456789\r\n", tooLarge)
        try stage.connect("v", of: "A").does("the server's", "PUB a 1048577\r\n", tooLarge)
        try stage.connect("v", of: "A").does("a size of nine digits", "PUB a 999999999\r\n", tooLarge)
    }

    private static let subscriptions = Conversation(
        "subscription limits",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("B", ["limits": ["subs": 3]])
        }
    ) { stage in
        let full = "-ERR 'maximum subscriptions exceeded'"
        let subs = { (count: Int) in (1...count).map { "SUB a.\($0) \($0)\r\n" }.joined() }
        let user = try stage.cast.user("u", of: "A", ["subs": 2])
        let client = try stage.connect(user)
        try client.does("the user's", subs(4), [full, full])
        try client.does("and it goes on", "UNSUB 1\r\nSUB b 9\r\nPUB b 0\r\n\r\n", ["MSG b 9 0: "])
        try client.does("a sid that is taken", "SUB c 9\r\n")
        try stage.connect("v", of: "B", ["subs": 10]).does("the account's", subs(4), [full])
        try stage.connect("w", of: "B").does("each connection has its own", subs(3), [])
        let ended = try stage.connect(user)
        try ended.does(
            "one that ended by its number is none", "SUB a 1\r\nUNSUB 1 1\r\nPUB a 0\r\n\r\nSUB b 2\r\nSUB c 3\r\n",
            ["MSG a 1 0: "])
        try stage.connectAndEnd("none", stage.cast.user("x", of: "A", ["subs": 0]), [full, "closed"])
    }

    private static let accountConnections = Conversation(
        "connection limits",
        accounts: { cast in
            try cast.preload("A", ["limits": ["conn": 2]])
            try cast.preload("N", ["limits": ["conn": 0]])
        }
    ) { stage in
        let full = ["-ERR 'maximum account active connections exceeded'", "closed"]
        let user = try stage.cast.user("u", of: "A")
        let first = try stage.connect(user)
        let second = try stage.connect(user)
        try stage.login("one too many", user, [:], full)
        try first.leave()
        // The account has room when the server says that the connection is gone; until then it may say otherwise.
        var said: [String] = full
        let limit = Date() + 60
        while said == full, Date() < limit {
            said = try stage.greeted().logIn(user)
            if said == full { usleep(10_000) }
        }
        try stage.note("one that ended makes room", said, ["in"])
        try second.quietly("SUB a 1\r\n")
        try stage.login("none at all", stage.cast.user("n", of: "N"), [:], full)
    }

    private static let absentLimits = Conversation(
        "absent limits",
        accounts: { cast in
            try cast.preload("A")
            var bare = Cast.Claims()
            bare.isBare = true
            try cast.preload("B", [:], bare)
            try cast.preload("C", ["limits": ["conn": -1]], bare)
        }
    ) { stage in
        var bare = Cast.Claims()
        bare.isBare = true
        let full = "-ERR 'maximum subscriptions exceeded'"
        try stage.login(
            "an account without limits", stage.cast.user("v", of: "B"), [:],
            ["-ERR 'maximum account active connections exceeded'", "closed"])
        try stage.connectAndEnd("an account with one limit", stage.cast.user("w", of: "C"))
        let empty = try stage.connect(stage.cast.user("x", of: "A", ["subs": -1], bare))
        try empty.does("a user without a payload limit, empty", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try empty.does(
            "a user without a payload limit, one byte", "PUB a 1\r\nx\r\n",
            ["-ERR 'Maximum Payload Violation'", "closed"])
        try stage.connectAndEnd("a user without limits", stage.cast.user("u", of: "A", [:], bare), [full, "closed"])
    }

    private static let serverPayload = Conversation("server payload") { stage in
        let client = try stage.connect("u", of: "A", ["payload": 1000])
        try stage.note(
            "INFO", ["\(client.info["max_payload"] ?? "")", "\(client.laterInfos.first?["max_payload"] ?? "")"],
            ["64", "64"])
        try client.does("at the limit", "PUB a 64\r\n\(String(repeating: "x", count: 64))\r\n", [])
        try client.does("over it", "PUB a 65\r\n", ["-ERR 'Maximum Payload Violation'", "closed"])
        try stage.connect("v", of: "A", ["payload": 10]).does(
            "the user's is less", "PUB a 11\r\n", ["-ERR 'Maximum Payload Violation'", "closed"])
    }

    private static let serverSubscriptions = Conversation("server subscriptions") { stage in
        let full = "-ERR 'maximum subscriptions exceeded'"
        let client = try stage.connect("u", of: "A", ["subs": 10])
        try client.does("the server's", (1...4).map { "SUB a.\($0) \($0)\r\n" }.joined(), [full])
        try client.does("tokens at the limit", "UNSUB 1\r\nSUB a.b.c.d 1\r\n", [])
        try client.does(
            "too many tokens", "UNSUB 1\r\nSUB a.b.c.d.e 1\r\n",
            [#"-ERR 'Permissions Violation for Subscription to "a.b.c.d.e", too many tokens'"#])
        try client.does("too many tokens with a queue", "SUB a.b.c.d.e q 1\r\n")
        try client.does("it goes on", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
    }

    static let authenticationTimeout = Conversation("authentication timeout") { stage in
        try stage.greeted().ends("nothing said", "", ["-ERR 'Authentication Timeout'", "closed"])
        try stage.greeted().ends("half of CONNECT", "CONNECT {\"jwt\"", ["-ERR 'Authentication Timeout'", "closed"])
        let client = try stage.connect("u", of: "A")
        try stage.greeted().ends("again", "", ["-ERR 'Authentication Timeout'", "closed"])
        try client.does("who is in stays", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
    }

    /// The third connection is one too many. The configuration allows two.
    static let serverConnections = Conversation("server connections") { stage in
        let user = try stage.cast.user("u", of: "A")
        let first = try stage.connect(user)
        let second = try stage.connect(user)
        try stage.greeted().ends("one too many", "", ["-ERR 'maximum connections exceeded'", "closed"])
        try second.quietly("SUB a 1\r\n")
        try first.does("who is in stays", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try second.hears("and who came second", ["MSG a 1 0: "])
    }
}

import Foundation

extension ConversationGroup {
    /// What servers answer and tell.
    static let system = [userInfo, services503, memoryClaims]

    private static let userInfo = Conversation(
        "user info",
        accounts: { cast in
            var more = Cast.Claims()
            more.name = "The Account"
            try cast.preload("A", ["default_permissions": ["pub": ["allow": ["d", "$SYS.REQ.USER.INFO"]]]], more)
            try cast.preload("B")
        }
    ) { stage in
        func shown(_ step: String, _ user: Cast.User, _ options: [String: Any] = [:]) throws {
            let client = try stage.connect(user, options)
            let answer = try client.ask("$SYS.REQ.USER.INFO").json ?? [:]
            try stage.note("\(step): envelope", answer.keys.sorted(), ["data", "server"])
            let server = answer["server"] as? [String: Any] ?? [:]
            try stage.note("\(step): server", server.keys.sorted())
            var data = answer["data"] as? [String: Any] ?? [:]
            // Whole seconds, as nanoseconds.
            if let left = data["expires"] as? Int {
                data["expires"] =
                    left % 1_000_000_000 == 0 && left > 50_000_000_000 && left < 100_000_000_000
                    ? "whole seconds" : "\(left)"
            }
            if var permissions = data["permissions"] as? [String: Any] {
                for side in ["publish", "subscribe"] {
                    guard let lists = permissions[side] as? [String: Any] else { continue }
                    permissions[side] = lists.mapValues { ($0 as? [String])?.sorted() as Any }
                }
                data["permissions"] = permissions
            }
            try stage.note("\(step): data", [String(decoding: Cast.json(data), as: UTF8.self)])
        }
        let cast = stage.cast
        var more = Cast.Claims()
        more.expires = Cast.now + 90
        try shown("unrestricted", cast.user("u", of: "B"))
        try shown("by defaults", cast.user("v", of: "A"))
        try shown(
            "restricted",
            cast.user(
                "w", of: "B",
                [
                    "pub": ["allow": ["a.>", "$SYS.REQ.USER.INFO"], "deny": ["a.b"]],
                    "sub": ["allow": ["_INBOX.>", "q grp"]], "resp": ["max": 3, "ttl": 5_000_000_000],
                ], more))
        try shown("with a user beside", cast.user("x", of: "B"), ["user": "somebody", "name": "n"])
        let system = try stage.system().ask("$SYS.REQ.USER.INFO").json?["data"] as? [String: Any]
        try stage.note("in the system account", ["\(system?["account"] ?? "")"], ["<SYS>"])
        let client = try stage.connect("y", of: "B")
        try client.does("without a reply", "PUB $SYS.REQ.USER.INFO 0\r\n\r\n", [])
        let denied = try stage.connect("z", of: "B", ["pub": ["deny": ["$SYS.>"]]])
        try denied.does(
            "denied", "PUB $SYS.REQ.USER.INFO in 0\r\n\r\n",
            [#"-ERR 'Permissions Violation for Publish to "$SYS.REQ.USER.INFO"'"#])
        let raw = try client.ask("$SYS.REQ.USER.INFO").text
        try stage.note("JSON escapes", ["\(raw.contains("\\u003e"))", "\(raw.contains("jwt"))"])
    }

    private static let services503 = Conversation("system services") { stage in
        let client = try stage.connect("u", of: "A")
        try client.quietly("SUB in 1\r\nSUB $SYS.> 2\r\n")
        let id = try stage.cast.id("A")
        let none = { (subject: String) in ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: \(subject)⏎⏎| "] }
        for subject in [
            "$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.CLAIMS.LIST", "$SYS.REQ.CLAIMS.UPDATE",
            "$SYS.REQ.CLAIMS.DELETE", "$SYS.REQ.CLAIMS.PACK", "$SYS.DEBUG.SUBSCRIBERS",
            "$SYS.REQ.ACCOUNT.\(id).CLAIMS.UPDATE", "$SYS.REQ.ACCOUNT.\(id).CLAIMS.LOOKUP", "$SYS.REQ.USER.\(id).INFO",
            "$SYS.REQ.ACCOUNT.\(id).CONNZ",
        ] {
            try client.quietly("UNSUB 2\r\n")
            try client.does(
                "from an account, \(stage.cast.normalised(subject))", "PUB \(subject) in 0\r\n\r\n",
                none(stage.cast.normalised(subject)))
        }
        for subject in ["$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.STATZ"] {
            let answer = try client.ask(subject)
            let text = answer.text
            try stage.note(
                "from an account, \(subject)",
                [
                    "\((answer.json ?? [:]).keys.sorted())", "token: \(text.contains("eyJ"))",
                    "other accounts: \(text.contains("\"SYS\""))",
                ])
        }
    }

    static let events = Conversation("events") { stage in
        let cast = stage.cast
        let system = try stage.connect("watcher", of: "SYS")
        let id = try cast.id("A")
        try system.quietly(
            "SUB $SYS.ACCOUNT.\(id).CONNECT 1\r\nSUB $SYS.ACCOUNT.\(id).DISCONNECT 2\r\nSUB $SYS.SERVER.*.CLIENT.AUTH.ERR 3\r\n"
        )
        func noted(_ step: String, _ message: ServerLine.Message) throws {
            let json = message.json ?? [:]
            try stage.note("\(step): members", json.keys.sorted())
            let client = json["client"] as? [String: Any] ?? [:]
            try stage.note("\(step): client", client.keys.sorted())
            let open = ["acc", "user", "name", "lang", "ver", "kind", "client_type", "name_tag", "issuer_key", "host"]
            try stage.note(
                "\(step): values",
                ["type=\(json["type"] ?? "")", "reason=\(json["reason"] ?? "")"]
                    + open.map { "\($0)=\(client[$0] ?? "")" })
            try stage.note("\(step): a token in it", ["\(message.text.contains("eyJ"))"])
        }
        func next(about user: String) throws -> ServerLine.Message {
            while true {
                let message = try system.nextMessage()
                if message.text.contains(user) || message.subject.hasSuffix(user) { return message }
            }
        }
        let user = try cast.user("u", of: "A")
        let client = try stage.connect(user, ["name": "a client"])
        try noted("connect", next(about: cast.id("u", .user)))
        try client.quietly("SUB a 1\r\nUNSUB 1\r\nPUB b 2\r\nhi\r\n")
        try client.leave()
        try noted("disconnect", next(about: cast.id("u", .user)))
        let stranger = try cast.user(
            "stranger", of: "A", [:],
            {
                var more = Cast.Claims()
                more.expires = Cast.now - 100
                return more
            }())
        try stage.login("refused", stranger, ["name": "stranger"], refused)
        let error = try next(about: "AUTH.ERR")
        try noted("refused", error)
        try stage.note(
            "refused: subject",
            [
                error.subject.split(separator: ".").enumerated().map { $0 == 2 ? "<server>" : String($1) }.joined(
                    separator: ".")
            ], ["$SYS.SERVER.<server>.CLIENT.AUTH.ERR"])
        let slow = try stage.connect(user)
        _ = try next(about: cast.id("u", .user))
        try slow.ends("ended by the server", "FOO\r\n", nil)
        try noted("ended by the server", next(about: cast.id("u", .user)))
    }

    /// What a server that keeps accounts in memory answers of the claims services.
    private static let memoryClaims = Conversation("claims in memory") { stage in
        let system = try stage.system()
        try system.quietly("SUB claims.in 1\r\n")
        let id = try stage.cast.id("A")
        for subject in [
            "$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.CLAIMS.LIST", "$SYS.REQ.CLAIMS.DELETE", "$SYS.REQ.CLAIMS.PACK",
            "$SYS.REQ.ACCOUNT.\(id).CLAIMS.LOOKUP",
        ] {
            try system.does(
                stage.cast.normalised(subject), "PUB \(subject) claims.in 0\r\n\r\n",
                ["HMSG claims.in 1: NATS/1.0 503⏎Nats-Subject: \(stage.cast.normalised(subject))⏎⏎| "])
        }
    }
}

import Foundation

extension ConversationGroup {
    /// When, from where and how a user may come.
    static let conditions = [times, sources, connectionTypes, bearers]

    private static let times = Conversation("times") { stage in
        let cast = stage.cast
        let now = Cast.now
        func user(_ name: String, _ change: (inout Cast.Claims) -> Void, _ claims: [String: Any] = [:]) throws
            -> Cast.User
        {
            var more = Cast.Claims()
            change(&more)
            return try cast.user(name, of: "A", claims, more)
        }
        try stage.login("expired", user("e") { $0.expires = now - 1 }, [:], refused)
        try stage.login("not yet", user("n") { $0.notBefore = now + 3600 }, [:], refused)
        try stage.login("since now", user("s") { $0.notBefore = now }, [:], ["in"])
        try stage.login("until later", user("l") { $0.expires = now + 3600 }, [:], ["in"])
        let ends = try stage.connect(user("x") { $0.expires = Cast.now + 10 })
        try ends.ends("the token ends", "", ["-ERR 'User Authentication Expired'", "closed"])
        let clock = { (offset: Int) -> String in
            let second = ((Cast.now + offset) % 86_400 + 86_400) % 86_400
            return String(format: "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
        }
        let windows: [(String, [[String: String]], [String]?)] = [
            ("inside", [["start": clock(-600), "end": clock(600)]], ["in"]),
            ("before", [["start": clock(600), "end": clock(1200)]], refused),
            ("after", [["start": clock(-1200), "end": clock(-600)]], refused),
            ("over midnight, inside", [["start": clock(-600), "end": clock(-1200)]], ["in"]),
            ("equal", [["start": clock(0), "end": clock(0)]], refused),
            (
                "one of two", [["start": clock(600), "end": clock(1200)], ["start": clock(-600), "end": clock(600)]],
                ["in"]
            ),
            ("one digit", [["start": "0:00:00", "end": "23:59:59"]], ["in"]),
            ("no seconds", [["start": "01:00", "end": "23:00"]], refused),
            ("hour 24", [["start": "00:00:00", "end": "24:00:00"]], refused),
        ]
        for (step, times, claimed) in windows {
            try stage.login(
                "window, \(step)", cast.user("w", of: "A", ["times": times, "times_location": "UTC"]), [:], claimed)
        }
        try stage.login("zone that is none", cast.user("z", of: "A", ["times_location": "Nowhere/Land"]), [:], refused)
        let closes = try stage.connect(
            cast.user("c", of: "A", ["times": [["start": clock(-600), "end": clock(10)]], "times_location": "UTC"]))
        try closes.ends("the window ends", "", ["-ERR 'User Authentication Expired'", "closed"])
    }

    private static let sources = Conversation("sources") { stage in
        let rows: [(String, Any, [String]?)] = [
            ("the loopback", ["127.0.0.0/8"], ["in"]), ("elsewhere", ["10.0.0.0/8"], refused),
            ("one of two", ["10.0.0.0/8", "127.0.0.1/32"], ["in"]), ("none", [String](), ["in"]),
            ("everywhere", ["0.0.0.0/0"], ["in"]), ("version 6 everywhere", ["::/0"], nil),
            ("version 4 in version 6", ["::ffff:127.0.0.0/104"], ["in"]), ("no network", ["127.0.0.1"], refused),
            ("text", "10.0.0.0/8, 127.0.0.0/8", ["in"]), ("text elsewhere", "10.0.0.0/8", refused),
            ("blanks", [" 127.0.0.0/8"], refused), ("nonsense", ["x"], refused),
            ("too many bits", ["127.0.0.0/33"], refused),
            ("low bits set", ["127.0.0.1/8"], nil),
        ]
        for (step, networks, claimed) in rows {
            try stage.login(step, stage.cast.user("u", of: "A", ["src": networks]), [:], claimed)
        }
    }

    private static let connectionTypes = Conversation("connection types") { stage in
        let rows: [(String, Any, [String]?)] = [
            ("standard", ["STANDARD"], ["in"]), ("small letters", ["standard"], ["in"]),
            ("WebSocket", ["WEBSOCKET"], refused),
            ("both", ["WEBSOCKET", "STANDARD"], ["in"]), ("none", [String](), ["in"]),
            ("MQTT and leaves", ["MQTT", "LEAFNODE"], refused),
            ("unknown beside", ["X", "STANDARD"], ["in"]), ("unknown alone", ["X"], refused),
            ("in process", ["IN_PROCESS"], refused),
            ("as text", "STANDARD", refused),
        ]
        for (step, types, claimed) in rows {
            try stage.login(step, stage.cast.user("u", of: "A", ["allowed_connection_types": types]), [:], claimed)
        }
        try stage.login("by a proxy", stage.cast.user("p", of: "A", ["proxy_required": true]), [:], refused)
    }

    private static let bearers = Conversation(
        "bearers",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("B", ["limits": ["disallow_bearer": true]])
        }
    ) { stage in
        let bearer = try stage.cast.user("u", of: "A", ["bearer_token": true])
        try stage.login("without a signature", bearer, ["sig": NSNull()], ["in"])
        try stage.login("with a wrong signature", bearer, ["sig": "x"], ["in"])
        try stage.login("with its signature", bearer, [:], ["in"])
        try stage.login("where none may be", stage.cast.user("v", of: "B", ["bearer_token": true]), [:], refused)
        try stage.login("no bearer where none may be", stage.cast.user("w", of: "B"), [:], ["in"])
        try stage.login(
            "bearer as text", stage.cast.user("x", of: "A", ["bearer_token": "true"]), ["sig": NSNull()], refused)
    }
}

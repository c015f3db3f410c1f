import Foundation

extension ConversationGroup {
    /// How a connection begins, and what CONNECT may say.
    static let start = [infos, connectFields, connectFaults, beforeConnect, secondConnect]

    private static let infos = Conversation("start") { stage in
        let user = try stage.cast.user("u", of: "A", ["payload": 50])
        let client = try stage.greeted()
        let plain = ["host", "port", "client_id", "git_commit", "go", "version", "server_name"]
        for (name, value) in client.info.sorted(by: { $0.key < $1.key }) {
            let shown = plain.contains(name) || value is String && name != "client_ip" ? "some" : "\(value)"
            try stage.note("INFO \(name)", [shown])
        }
        let shape = /[A-Za-z0-9_-]{15}/
        let (id, xkey) = (client.info["server_id"] as? String ?? "", client.info["xkey"] as? String ?? "")
        try stage.note("the nonce is 15 letters", ["\(client.nonce.wholeMatch(of: shape) != nil)"], ["true"])
        try stage.note("the server's keys", [String(id.prefix(1)), String(xkey.prefix(1))], ["N", "X"])
        let other = try stage.greeted()
        try stage.note("the nonce is new each time", ["\(client.nonce != other.nonce)"], ["true"])
        let raw = try stage.greeted(raw: ())
        try stage.note("the end of INFO", [raw], ["} \r\n"])

        try client.send(client.connectLine(user))
        try stage.note("no second INFO before PING", ["\(client.laterInfos.count)"], ["0"])
        try client.settle()
        try client.settle()
        try stage.note("INFO after the first PONG", ["\(client.laterInfos.count)"], ["1"])
        let second = client.laterInfos.first ?? [:]
        let expected = ["connect_info": "1", "remote_account": "<A>", "max_payload": "50"]
        for (name, value) in expected {
            try stage.note("second INFO \(name)", [second[name].map { "\($0)" } ?? "none"], [value])
        }
        let others = ["nonce", "acc_is_sys"].map { second[$0] == nil ? "no \($0)" : "\($0)" }
        try stage.note("second INFO, others", others, ["no nonce", "no acc_is_sys"])
        try client.settle()
        try stage.note("no third INFO", ["\(client.laterInfos.count)"], ["1"])

        let old = try stage.connect(user, ["protocol": 0])
        try old.settle()
        try stage.note("protocol 0 has no second INFO", ["\(old.laterInfos.count)"], ["0"])
        let system = try stage.connect("s", of: "SYS")
        let told = system.laterInfos.first ?? [:]
        try stage.note(
            "second INFO in the system account",
            ["acc_is_sys", "remote_account"].map { told[$0].map { "\($0)" } ?? "none" }, ["1", "<SYS>"])
    }

    private static let connectFields = Conversation("connect") { stage in
        let user = try stage.cast.user("u", of: "A")
        let bare: [String: Any] = Dictionary(
            uniqueKeysWithValues: [
                "verbose", "pedantic", "echo", "headers", "no_responders", "protocol", "lang", "version",
            ].map { ($0, NSNull()) })
        // Without a word on it, everything is verbose, pedantic and echoed, and nothing has headers.
        let client = try stage.greeted()
        try client.send(client.connectLine(user, bare) + "PING\r\n")
        try client.hear { if case .pong = $0 { true } else { false } }
        try client.hears("verbose unless told otherwise", ["+OK"])
        try client.does("echo unless told otherwise", "SUB a 1\r\nPUB a 0\r\n\r\n", ["+OK", "+OK", "MSG a 1 0: "])
        try client.does(
            "pedantic unless told otherwise", "PUB a.* 0\r\n\r\n", ["-ERR 'Invalid Publish Subject'", "+OK"])
        try client.does("no headers unless told otherwise", "HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n", ["closed"])

        let fields: [(String, [String: Any], [String]?)] = [
            ("unknown fields", ["whatever": ["a": 1], "x": NSNull()], ["in"]),
            ("an empty account", ["account": ""], ["in"]),
            ("an account", ["account": try stage.cast.id("A")], ["-ERR 'Authorization Violation'", "closed"]),
            ("another account", ["account": "$SYS"], ["-ERR 'Authorization Violation'", "closed"]),
            ("a new account", ["new_account": true], ["-ERR 'Authorization Violation'", "closed"]),
            ("no new account", ["new_account": false], ["in"]),
            ("protocol 1", ["protocol": 1], ["in"]),
            ("protocol 2", ["protocol": 2], ["-ERR 'invalid client protocol'", "closed"]),
            ("protocol -1", ["protocol": -1], ["-ERR 'invalid client protocol'", "closed"]),
            ("protocol 1.5", ["protocol": 1.5], ["closed"]),
            (
                "no responders without headers", ["headers": false],
                ["-ERR 'no responders requires headers support'", "closed"]
            ),
            ("headers without no responders", ["no_responders": false], ["in"]),
            ("verbose as text", ["verbose": "true"], ["closed"]),
            ("verbose as a number", ["verbose": 1], ["closed"]),
            ("the token as a number", ["jwt": 1], ["closed"]),
            ("the signature as an object", ["sig": [:]], ["closed"]),
            ("a name as a number", ["name": 1], ["closed"]),
            ("protocol as text", ["protocol": "1"], ["closed"]),
            ("user and password beside", ["user": "a", "pass": "b", "auth_token": "c"], ["in"]),
            ("another key beside", ["nkey": try stage.cast.id("stranger", .user)], ["in"]),
            ("no key beside", ["nkey": "U"], ["in"]),
            ("that TLS is wanted", ["tls_required": true], ["in"]),
        ]
        for (step, options, claimed) in fields { try stage.login(step, user, options, claimed) }

        let again = try stage.greeted()
        let line = try again.connectLine(user).replacing("\"jwt\"", with: "\"JWT\"")
            .replacing("\"sig\"", with: "\"Sig\"")
        try stage.note("names of members in other case", again.logIn(saying: line), ["in"])
        let twice = try stage.greeted()
        let doubled = try twice.connectLine(user).replacing("CONNECT {", with: "CONNECT {\"jwt\":\"x\",")
        try stage.note("a member twice", twice.logIn(saying: doubled))
        let blank = try stage.greeted()
        try stage.note(
            "blanks before the object",
            blank.logIn(saying: try blank.connectLine(user).replacing("CONNECT {", with: "connect \t {")), ["in"])
    }

    private static let connectFaults = Conversation("connect faults") { stage in
        let refused = ["-ERR 'Authorization Violation'", "closed"]
        let lines: [(String, String, [String]?)] = [
            ("an empty object", "CONNECT {}\r\n", refused),
            ("no argument", "CONNECT\r\n", ["closed"]),
            ("a blank argument", "CONNECT  \r\n", ["closed"]),
            ("no JSON", "CONNECT jwt\r\n", ["closed"]),
            ("an array", "CONNECT []\r\n", ["closed"]),
            ("null", "CONNECT null\r\n", nil),
            ("text", "CONNECT \"a\"\r\n", ["closed"]),
            ("half an object", "CONNECT {\"verbose\":false\r\n", ["closed"]),
            ("something behind", "CONNECT {} {}\r\n", nil),
            ("nested deeply", "CONNECT {\"a\":\(String(repeating: "[", count: 1500))\r\n", ["closed"]),
            ("a number too large", "CONNECT {\"protocol\":99999999999999999999}\r\n", ["closed"]),
            ("users without a token", "CONNECT {\"user\":\"a\",\"pass\":\"b\"}\r\n", refused),
            ("garbage in place of a token", "CONNECT {\"jwt\":\"x\"}\r\n", refused),
        ]
        for (step, line, claimed) in lines {
            let client = try stage.greeted()
            try stage.note(step, client.logIn(saying: line), claimed)
        }
    }

    private static let beforeConnect = Conversation("before CONNECT") { stage in
        let refused = ["-ERR 'Authorization Violation'", "closed"]
        let lines: [(String, String, [String]?)] = [
            ("PING", "PING\r\n", refused), ("PONG", "PONG\r\n", nil), ("SUB", "SUB foo 1\r\n", refused),
            ("PUB", "PUB foo 2\r\nhi\r\n", refused), ("UNSUB", "UNSUB 1\r\n", refused),
            ("HPUB", "HPUB foo 12 12\r\nNATS/1.0\r\n\r\n\r\n", refused), ("OK", "+OK\r\n", nil),
            ("ERR", "-ERR 'x'\r\n", nil), ("INFO", "INFO {}\r\n", nil), ("nothing known", "GET / HTTP/1.1\r\n", nil),
            ("an empty line", "\r\n", nil), ("MSG", "MSG foo 1 0\r\n\r\n", nil), ("RS+", "RS+ A b\r\n", nil),
        ]
        for (step, line, claimed) in lines { try stage.greeted().does(step, line, claimed) }
        let late = try stage.greeted()
        try late.ends(
            "CONNECT that follows PING does not help", "PING\r\n\(late.connectLine(stage.cast.user("u", of: "A")))",
            refused)
    }

    private static let secondConnect = Conversation(
        "second CONNECT",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("B")
        }
    ) { stage in
        let (a, b) = (try stage.cast.user("a", of: "A"), try stage.cast.user("b", of: "B"))
        let listener = try stage.connect("listener", of: "B")
        try listener.quietly("SUB x 1\r\n")
        let client = try stage.connect(a)
        try client.quietly("SUB x 1\r\nSUB y 2\r\n")
        let infos = client.laterInfos.count
        try client.does("as another user", client.connectLine(b), [])
        try stage.note("no INFO follows", ["\(client.laterInfos.count - infos)"], ["0"])
        try client.does("the subscriptions are gone", "PUB y 0\r\n\r\nPUB x 0\r\n\r\n", [])
        try listener.hears("it speaks in the other account", ["MSG x 1 0: "])
        let third = try stage.connect(a)
        try third.does("with nothing new", "CONNECT {\"verbose\":false}\r\n")
        try client.ends(
            "with another token", "CONNECT {\"jwt\":\"x\"}\r\n", ["-ERR 'Authorization Violation'", "closed"])
    }
}

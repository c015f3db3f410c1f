import Foundation

extension ConversationGroup {
    /// What went wrong before, in this field: the advisories whose faults would be a broker's, tried on both servers. Each
    /// step names the advisory. Those about denies at delivery are in `delivery under a deny`, those about CONNECT and
    /// what comes before it in `connect` and `before CONNECT`, those about who asks in `request info`.
    static let advisories = [
        chosenAccounts, destinationHeaders, largeNumbers, controlCharacters, noExemptions, hostileBytes,
    ]

    /// CVE-2022-24450: a field of CONNECT chose the account. CVE-2023-47090: nobody is let in for want of users.
    private static let chosenAccounts = Conversation(
        "advisory chosen accounts",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("B")
        }
    ) { stage in
        let user = try stage.cast.user("u", of: "A")
        let listener = try stage.connect("listener", of: "B")
        try listener.quietly("SUB > 1\r\n")
        for (step, options) in [
            ("account", ["account": try stage.cast.id("B")]),
            ("new account", ["account": try stage.cast.id("B"), "new_account": true]),
            ("system account by name", ["account": "SYS"]), ("global account", ["account": "$G"]),
        ] as [(String, [String: Any])] { try stage.login("CVE-2022-24450 \(step)", user, options, refused) }
        for (step, options) in [
            ("an issuer account beside", ["issuer_account": try stage.cast.id("B")]),
            ("a tenant beside", ["tenant": "B"]),
        ] as [(String, [String: Any])] {
            let client = try stage.connect(user, options)
            try client.quietly("PUB leak 0\r\n\r\n")
            try stage.note("\(step) changes nothing", ["\(client.laterInfos.first?["remote_account"] ?? "")"], ["<A>"])
        }
        try listener.hears("nothing came over", [])
        for (step, options) in [
            ("nothing", [:]), ("a user", ["user": "sys", "pass": "sys"]), ("a token", ["auth_token": "x"]),
            ("a key", ["nkey": try stage.cast.id("u", .user)]),
        ] as [(String, [String: Any])] { try stage.login("CVE-2023-47090 \(step)", nil, options, refused) }
    }

    /// CVE-2026-33249: a header named where traces go, whatever its sender may publish to.
    private static let destinationHeaders = Conversation("advisory destination headers") { stage in
        let sender = try stage.connect("sender", of: "A", ["pub": ["allow": ["open"]]])
        let watcher = try stage.connect("watcher", of: "A")
        try watcher.quietly("SUB secret.> 1\r\nSUB open 2\r\n")
        for (place, header) in [
            "Nats-Trace-Dest: secret.trace", "nats-trace-dest: secret.trace",
            "Nats-Trace-Dest: secret.trace\r\nNats-Trace-Only: true",
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nNats-Trace-Dest: secret.trace",
        ].enumerated() {
            let block = "NATS/1.0\r\n\(header)\r\n\r\n"
            try sender.send("HPUB open \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n")
            try sender.settle()
            try stage.note(
                "header \(place), what reaches `secret.>`",
                watcher.collected().filter { $0.subject != "open" }.map(\.subject), [])
            _ = sender.take()
        }
    }

    /// GHSA-q59r-vq66-pxc2: numbers whose sum is too large. Each in every place where a client or a token names one.
    private static let largeNumbers = Conversation("advisory large numbers") { stage in
        let cast = stage.cast
        let user = try cast.user("u", of: "A")
        for number in [
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
            "18446744073709551616", "99999999999999999999999",
        ] {
            for (step, line) in [
                ("PUB", "PUB a \(number)\r\n"), ("HPUB", "HPUB a \(number) \(number)\r\n"),
                ("HPUB, header", "HPUB a \(number) 2\r\nhi\r\n"),
                ("HPUB, total", "HPUB a 2 \(number)\r\nhi\r\n"),
                ("UNSUB", "SUB a 1\r\nUNSUB 1 \(number)\r\nPUB a 0\r\n\r\n"),
            ] { try stage.connect(user).does("\(step) \(number)", line) }
        }
        let largest = Int64.max
        let rows: [(String, [String: Any], [String: Any])] = [
            ("subs", ["subs": largest], [:]), ("payload", ["payload": largest], [:]),
            ("smallest subs", ["subs": Int64.min], [:]),
            ("responses", ["resp": ["max": largest, "ttl": largest]], [:]),
            ("smallest responses", ["resp": ["max": Int64.min, "ttl": Int64.min]], [:]),
            ("exp", [:], ["exp": largest]), ("iat", [:], ["iat": Int64.min]),
        ]
        for (step, claims, top) in rows {
            var more = Cast.Claims()
            more.top = top
            let client = try stage.greeted()
            let said = try client.logIn(cast.user("n", of: "A", claims, more))
            try stage.note("token with the largest \(step)", said)
            guard said.first == "in", said.count == 1 else { continue }
            try client.does("and it speaks with \(step)", "SUB q 1\r\nPUB q r 1\r\nx\r\nPUB r 0\r\n\r\n")
        }
        for (step, body) in [
            ("offset and limit", #"{"offset":9223372036854775807,"limit":9223372036854775807}"#),
            ("negative", #"{"offset":-1,"limit":-1}"#),
            ("a fraction", #"{"offset":0.5}"#), ("no JSON", "x"), ("an array", "[]"),
        ] {
            let answer = try stage.connect(user).ask("$SYS.REQ.SERVER.PING.CONNZ", Array(body.utf8))
            try stage.note(
                "GHSA-q59r-vq66-pxc2 connections, \(step)",
                [answer.payload.isEmpty ? "none" : "\((answer.json ?? [:]).keys.sorted())"])
        }
    }

    /// GHSA-qrcv-3558-gj4f: control characters that became operations further on.
    private static let controlCharacters = Conversation(
        "advisory control characters",
        accounts: { cast in
            try cast.preload("A")
            let bad = ["a\r\nPUB evil 0", "a\tb", "a\u{0}b", "a\nb"]
            for (place, text) in bad.enumerated() {
                try cast.preload("export \(place)", ["exports": [["subject": text, "type": "stream"]]])
                try cast.preload("mapping \(place)", ["mappings": ["src": [["subject": text]]]])
                try cast.preload(
                    "import \(place)",
                    [
                        "imports": [
                            ["subject": "x", "type": "stream", "account": try cast.id("A"), "local_subject": text]
                        ]
                    ])
                try cast.preload(
                    "results \(place)",
                    ["exports": [service("x", ["service_latency": ["sampling": 100, "results": text]])]])
                try cast.preload("default \(place)", ["default_permissions": ["pub": ["allow": [text]]]])
            }
        }
    ) { stage in
        for place in 0..<4 {
            for kind in ["export", "mapping", "import", "results", "default"] {
                try stage.login("\(kind) \(place)", stage.cast.user("u \(kind) \(place)", of: "\(kind) \(place)"))
            }
        }
        let watcher = try stage.connect("watcher", of: "A")
        try watcher.quietly("SUB > 1\r\n")
        let client = try stage.connect("client", of: "A")
        for (step, subject) in [
            ("NUL", "a\u{0}b"), ("vertical tab", "a\u{b}b"), ("form feed", "a\u{c}b"), ("carriage return", "a\rb"),
            ("escape", "a\u{1b}b"), ("delete", "a\u{7f}b"), ("next line", "a\u{85}b"),
        ] {
            try client.send("PUB \(subject) 0\r\n\r\n")
            try client.settle()
            try stage.note(
                "published \(step), heard",
                watcher.collected().map { $0.subject.debugDescription } + client.take().map(\.observed))
        }
        let reply = try stage.connect("replier", of: "A")
        for (step, subject) in [("NUL", "r\u{0}x"), ("carriage return", "r\rx")] {
            try reply.send("PUB ok \(subject) 0\r\n\r\n")
            try reply.settle()
            try stage.note(
                "a reply with \(step), heard",
                watcher.collected().map { ($0.reply ?? "none").debugDescription } + reply.take().map(\.observed))
        }
    }

    /// CVE-2026-33217: a prefix was exempt from permissions.
    private static let noExemptions = Conversation("advisory exemptions") { stage in
        let client = try stage.connect("u", of: "A", ["pub": ["deny": [">"]], "sub": ["deny": [">"]]])
        for subject in [
            "$MQTT.msgs.x", "$MQTT.sub.x", "$JS.API.INFO", "$JS.ACK.x", "$KV.b.k", "$O.b.C.x", "$SYS.REQ.USER.INFO",
            "_INBOX.x", "_R_.a.b", "$SRV.PING", "$G.x", "_sys_.x", "_nats.x",
        ] {
            try client.does(
                "PUB \(subject)", "PUB \(subject) 0\r\n\r\n",
                ["-ERR 'Permissions Violation for Publish to \"\(stage.cast.normalised(subject))\"'"])
            try client.does(
                "SUB \(subject)", "SUB \(subject) 1\r\n",
                ["-ERR 'Permissions Violation for Subscription to \"\(stage.cast.normalised(subject))\"'"])
        }
    }

    /// GHSA-qrvq-68c2-7grw and its kin: bytes before and in place of a login.
    private static let hostileBytes = Conversation("advisory hostile bytes") { stage in
        let bytes: [(String, [UInt8])] = [
            ("TLS", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0a]),
            ("zeros", Array(repeating: 0, count: 8192)),
            ("line ends", Array(repeating: 10, count: 8192)), ("high bytes", Array(repeating: 0xff, count: 8192)),
            ("HTTP", Array("GET /jwt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".utf8)),
            ("MQTT", [0x10, 0x0c, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, 0x04, 0x02, 0x00, 0x3c, 0x00, 0x00, 0x0a]),
        ]
        for (step, bytes) in bytes {
            let client = try stage.greeted()
            try client.send(bytes: bytes)
            try client.ends("before CONNECT, \(step)", "\r\n")
        }
        for (step, text) in [
            ("INFO again and again", String(repeating: "INFO {\"nonce\":\"x\"}\r\n", count: 100)),
            ("PING and PONG", "PONG\r\nPING\r\n"),
            ("CONNECT to another server", "CONNECT {\"server\":\"x\",\"cluster\":\"y\",\"name\":\"z\"}\r\n"),
        ] {
            let client = try stage.greeted()
            try client.ends("before CONNECT, \(step)", text, refused)
        }
        let client = try stage.connect("u", of: "A")
        try client.does("the server goes on", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
    }
}

import Foundation

extension ConversationGroup {
    /// Requests to another account, and their answers.
    static let services =
        [
            mapping, requests, requestInfo,
        ] + serviceChains

    /// The `Nats-Request-Info` of a message: its members, and what is no secret of them.
    static func requestInfo(_ message: ServerLine.Message) throws -> [String] {
        let values = message.header("Nats-Request-Info")
        guard values.count == 1,
            let members = try? JSONSerialization.jsonObject(with: Data(values[0].utf8)) as? [String: Any]
        else { return ["\(values.count) values: \(values)"] }
        let open = [
            "acc", "svc", "name", "user", "lang", "ver", "name_tag", "kind", "client_type", "issuer_key", "host",
        ]
        return members.keys.sorted().map { open.contains($0) ? "\($0)=\(members[$0] ?? "")" : $0 }
    }

    private static let rows: [(name: String, subject: String, local: [String: String], ask: String, seen: String?)] = [
        ("another name", "svc.add", ["local_subject": "my.add"], "my.add", "svc.add"),
        ("the same name", "svc.sub", [:], "svc.sub", "svc.sub"),
        ("references", "s.*.*", ["local_subject": "l.$2.$1"], "l.1.2", "s.2.1"),
        ("stars", "s.*.*", ["local_subject": "k.*.*"], "k.1.2", "s.1.2"),
        ("a rest", "r.>", ["local_subject": "l.>"], "l.1.2.3", "r.1.2.3"),
        ("a star inside", "t.*.x", ["local_subject": "q.*.y"], "q.1.y", "t.1.x"),
        ("the deprecated way", "l.*", ["to": "u.*"], "l.9", "u.9"),
        ("the remote subject is not routed", "svc.add", ["local_subject": "my.add"], "svc.add", nil),
        ("less than is exported", "s.a.*", [:], "s.a.1", "s.a.1"),
        ("more than is exported", "n.*", [:], "n.a", nil),
    ]

    private static let mapping = Conversation(
        "service imports",
        accounts: { cast in
            try cast.preload(
                "E",
                [
                    "exports": ["svc.add", "svc.sub", "s.*.*", "r.>", "t.*.x", "u.*", "n.a"].map { service($0) },
                    "mappings": ["in.a": [["subject": "out.a"]]],
                ])
            for (place, row) in rows.enumerated() {
                try cast.preload(
                    "I\(place)",
                    ["imports": [service(row.subject, row.local.merging(["account": try cast.id("E")]) { $1 })]])
            }
        }
    ) { stage in
        let worker = try stage.connect("worker", of: "E")
        try worker.quietly("SUB > 1\r\n")
        for (place, row) in rows.enumerated() {
            let client = try stage.connect("u", of: "I\(place)")
            try client.quietly("SUB in 1\r\n")
            try client.does(
                "\(row.name): asked", "PUB \(row.ask) in 2\r\nhi\r\n",
                row.seen == nil ? ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: \(row.ask)⏎⏎| "] : [])
            let seen = try worker.collected()
            try stage.note(
                "\(row.name): seen", seen.map { "\($0.subject) \($0.text)" }, row.seen.map { ["\($0) hi"] } ?? [])
            guard let reply = seen.first?.reply else { continue }
            try worker.send("PUB \(reply) 2\r\nok\r\n")
            try worker.settle()
            _ = worker.take()
            try client.hears("\(row.name): answered", ["MSG in 1 2: ok"])
        }
    }

    private static let requests = Conversation(
        "requests",
        accounts: { cast in
            try cast.preload(
                "E",
                [
                    "exports": ["svc.add", "map.a"].map { service($0) }, "mappings": ["map.a": [["subject": "out.a"]]],
                ])
            try cast.preload("L", ["exports": [service("small")], "limits": ["payload": 4]])
            let from = ["account": try cast.id("E")]
            try cast.preload(
                "I",
                [
                    "imports": [
                        service("svc.add", from.merging(["local_subject": "my.add"]) { $1 }), service("map.a", from),
                        service("small", ["account": try cast.id("L")]),
                    ], "mappings": ["short": [["subject": "my.add"]]],
                ])
        }
    ) { stage in
        let (worker, client) = (try stage.connect("worker", of: "E"), try stage.connect("client", of: "I"))
        try worker.quietly("SUB svc.* 1\r\nSUB out.* 2\r\n")
        try client.quietly("SUB in.* 1\r\n")
        try client.send("PUB my.add in.1 2\r\nhi\r\n")
        let request = try worker.nextMessage()
        try stage.note(
            "a reply of the server's own",
            [
                request.reply.map { stage.cast.normalised($0) } ?? "none",
                request.headers == nil ? "no headers" : "headers",
            ], ["<reply>", "headers"])
        let parts = request.reply?.split(separator: ".").map(String.init) ?? []
        try stage.note(
            "its shape",
            [
                parts.first ?? "", parts.dropFirst().map { "\($0.count)" }.joined(separator: " "),
                "\(parts.dropFirst().allSatisfy { $0.allSatisfy(\.isASCII) })",
            ])
        try worker.quietly("HPUB \(request.reply ?? "") 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nok\r\n")
        try client.hears("headers of the answer are kept", ["HMSG in.1 1: NATS/1.0⏎A: b⏎⏎| ok"])
        try client.send("PUB my.add in.2 2\r\nhi\r\n")
        let second = try worker.nextMessage()
        try stage.note("each request has its own", ["\(second.reply != request.reply)"], ["true"])
        try client.send("HPUB my.add in.3 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n")
        let third = try worker.nextMessage()
        try stage.note("other headers are kept", third.header("A"), ["b"])
        try client.send("PUB my.add 2\r\nhi\r\n")
        let fourth = try worker.nextMessage()
        try stage.note(
            "without a reply", [fourth.reply ?? "none", "\(fourth.header("Nats-Request-Info").count)"], ["none", "1"])
        try client.send("PUB map.a in.4 0\r\n\r\n")
        try stage.note("the exporter's mappings hold", [worker.nextMessage().subject], ["out.a"])
        try client.send("PUB short in.5 0\r\n\r\n")
        try stage.note("the importer's mappings come first", [worker.nextMessage().subject], ["svc.add"])
        let small = try stage.connect("small", of: "L")
        try small.quietly("SUB small 1\r\n")
        try client.send("PUB small in.6 10\r\n0123456789\r\n")
        try stage.note(
            "the exporter's payload limit is not the importer's", [small.nextMessage().text], ["0123456789"])

        // An answer that wants an answer, and that one's.
        try client.quietly("SUB back.* 2\r\n")
        try client.send("PUB my.add in.7 0\r\n\r\n")
        let seventh = try worker.nextMessage()
        try worker.quietly("SUB again 3\r\nPUB \(seventh.reply ?? "") again 2\r\nok\r\n")
        let answer = try client.nextMessage()
        try stage.note(
            "a reply in the answer", [answer.subject, answer.reply.map { stage.cast.normalised($0) } ?? "none"],
            ["in.7", "<reply>"])
        try client.quietly("PUB \(answer.reply ?? "x") 4\r\nback\r\n")
        try stage.note("and its answer", [worker.nextMessage()].map { "\($0.subject) \($0.text)" }, ["again back"])

        // Who else sees and answers: everybody in the exporting account.
        let watcher = try stage.connect("watcher", of: "E")
        try watcher.quietly("SUB > w\r\n")
        try client.send("PUB my.add in.8 0\r\n\r\n")
        let eighth = try worker.nextMessage()
        try watcher.send("PUB \(eighth.reply ?? "") 5\r\nother\r\n")
        try watcher.settle()
        try client.hears("another client of the exporter answers", ["MSG in.8 1 5: other"])
        try client.does(
            "a reply of a service as one's own", "PUB my.add \(eighth.reply ?? "") 0\r\n\r\n",
            ["-ERR 'Permissions Violation for Publish with Reply of \"<reply>\"'"])
        try client.does("answering in the wrong account", "PUB \(seventh.reply ?? "") 3\r\nbad\r\n", [])
        // The importer's own subscribers see the request too.
        let neighbour = try stage.connect("neighbour", of: "I")
        try neighbour.quietly("SUB my.add 1\r\n")
        try client.send("PUB my.add in.9 2\r\nhi\r\n")
        try client.settle()
        try neighbour.hears("subscribers beside the import", ["MSG my.add 1 in.9 2: hi"])
        try stage.note("and the exporter", ["\(try worker.collected().count)"], ["1"])
        try worker.leave()
        try watcher.leave()
        try client.does("with them nobody is missing", "PUB my.add in.10 0\r\n\r\n", [])

        let group = try (0..<2).map { try stage.connect("g\($0)", of: "E") }
        for member in group { try member.quietly("SUB svc.add g 1\r\n") }
        try client.quietly(String(repeating: "PUB my.add in.11 0\r\n\r\n", count: 60))
        let counts = try group.map { try $0.collected().count }
        try stage.note(
            "groups share requests", ["\(counts.reduce(0, +))", "\(counts.allSatisfy { $0 > 5 })"], ["60", "true"])
        let bare = try stage.connect("bare", of: "E", options: ["headers": false, "no_responders": false])
        try bare.quietly("SUB svc.add 1\r\n")
        try client.send("PUB my.add in.12 2\r\nhi\r\n")
        try client.settle()
        try bare.hears("a responder without headers", ["MSG svc.add 1 <reply> 2: hi"])
    }

    private static let requestInfo = Conversation(
        "request info",
        accounts: { cast in
            try cast.preload("E", ["exports": ["plain", "shared"].map { service($0) }])
            let from: [String: Any] = ["account": try cast.id("E")]
            try cast.preload(
                "I", ["imports": [service("plain", from), service("shared", from.merging(["share": true]) { $1 })]],
                {
                    var more = Cast.Claims()
                    more.name = "Importer"
                    return more
                }())
        }
    ) { stage in
        let (worker, client) = (
            try stage.connect("worker", of: "E"),
            try stage.connect("client", of: "I", options: ["name": "c", "user": "somebody"])
        )
        try worker.quietly("SUB * 1\r\n")
        try client.send("PUB plain in 0\r\n\r\n")
        try stage.note("plain", requestInfo(worker.nextMessage()), ["acc=<I>", "rtt"])
        try client.send("PUB shared in 0\r\n\r\n")
        let shared = try worker.nextMessage()
        try stage.note("shared", requestInfo(shared))
        let bearer = try stage.connect(stage.cast.user("bearer", of: "I", ["bearer_token": true]), ["sig": NSNull()])
        try bearer.send("PUB shared in 0\r\n\r\n")
        let token = try requestInfo(worker.nextMessage()).contains("jwt")
        try stage.note("a bearer's token in what is shared", ["\(token)"], ["true"])
        // Every way to write the header that a client could think of: the exporter must see the server's only.
        let mine = #"{"acc":"ADMIN"}"#
        let spellings: [(String, String)] = [
            ("as it is", "Nats-Request-Info: \(mine)"), ("small letters", "nats-request-info: \(mine)"),
            ("capitals", "NATS-REQUEST-INFO: \(mine)"),
            ("without a blank", "Nats-Request-Info:\(mine)"),
            ("twice", "Nats-Request-Info: \(mine)\r\nNats-Request-Info: \(mine)"),
            ("twice in two cases", "Nats-Request-Info: \(mine)\r\nnats-request-info: \(mine)"),
            ("folded", "Nats-Request-Info:\r\n \(mine)"),
            ("a blank before the colon", "Nats-Request-Info : \(mine)"),
            ("a blank before", " Nats-Request-Info: \(mine)"),
            ("a tab before", "A: b\r\n\tNats-Request-Info: \(mine)"),
            ("a line feed alone", "A: b\nNats-Request-Info: \(mine)"),
            ("a carriage return alone", "A: b\rNats-Request-Info: \(mine)"), ("an empty value", "Nats-Request-Info:"),
            ("within another's value", "A: Nats-Request-Info: \(mine)"),
            ("a longer name", "Nats-Request-Info-X: \(mine)"), ("a name that ends so", "X-Nats-Request-Info: \(mine)"),
            ("behind an empty line", "A: b\r\n\r\nNats-Request-Info: \(mine)"),
            ("a NUL in the name", "Nats-Request-Info\u{0}: \(mine)"),
        ]
        for (step, text) in spellings {
            for subject in ["plain", "shared"] {
                let block = "NATS/1.0\r\n\(text)\r\n\r\n"
                try client.send("HPUB \(subject) in \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n")
                let message = try worker.nextMessage()
                let values = message.header("Nats-Request-Info")
                let headers = String(decoding: message.headers ?? [], as: UTF8.self).replacing(
                    /\{[^\r\n]*"acc":"A[A-Z2-7]{55}"[^\r\n]*\}/, with: "{<the server's>}")
                try stage.note("\(subject), \(step)", ["\(values.count)", ServerLine.shown(Array(headers.utf8))])
            }
        }
        let text = "garbage that is no header block"
        try client.send("HPUB plain in \(text.utf8.count) \(text.utf8.count)\r\n\(text)\r\n")
        let garbage = try worker.nextMessage()
        try stage.note(
            "a block that is none", [ServerLine.shown(garbage.headers ?? []).replacing(/\{.*\}/, with: "{…}")])
        // Within an account it is a header like any other.
        let peer = try stage.connect("peer", of: "I")
        try peer.quietly("SUB local 1\r\n")
        let block = "NATS/1.0\r\nNats-Request-Info: \(mine)\r\n\r\n"
        try client.send("HPUB local \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n")
        try client.settle()
        try peer.hears("within an account")
        // Nor can an answer say who asks.
        try client.quietly("SUB in 1\r\n")
        try client.send("PUB plain in 0\r\n\r\n")
        let reply = try worker.nextMessage().reply ?? ""
        try worker.quietly("HPUB \(reply) \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n")
        try client.hears("in an answer")
    }
}

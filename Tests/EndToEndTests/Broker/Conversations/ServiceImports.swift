import Foundation

extension ConversationGroup {
    /// Requests to another account, and their answers.
    static let services = [
        mapping, requests, requestInfo, responseTypes, severalExporters, chains, latency, crossNoResponders,
    ]

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
                    /\{[^\r\n]*"rtt":[^\r\n]*\}/, with: "{<the server's>}")
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

    private static let responseTypes = Conversation(
        "response types",
        accounts: { cast in
            let short = 600_000_000
            try cast.preload(
                "E",
                [
                    "exports": [
                        service("one"), service("many", ["response_type": "Stream"]),
                        service("parts", ["response_type": "Chunked"]),
                        service("one.short", ["response_threshold": short]),
                        service("many.short", ["response_type": "Stream", "response_threshold": short]),
                    ]
                ])
            let from: [String: Any] = ["account": try cast.id("E")]
            try cast.preload(
                "I", ["imports": ["one", "many", "parts", "one.short", "many.short"].map { service($0, from) }])
        }
    ) { stage in
        let (worker, client) = (try stage.connect("worker", of: "E"), try stage.connect("client", of: "I"))
        try worker.quietly("SUB > 1\r\n")
        try client.quietly("SUB in 1\r\n")
        func ask(_ subject: String) throws -> String {
            try client.send("PUB \(subject) in 0\r\n\r\n")
            return try worker.nextMessage().reply ?? ""
        }
        func answer(_ reply: String, _ texts: [String]) throws {
            try worker.send(texts.map { "PUB \(reply) \($0.utf8.count)\r\n\($0)\r\n" }.joined())
            try worker.settle()
            _ = worker.take()
        }
        try answer(ask("one"), ["a", "b"])
        try client.hears("a single answer", ["MSG in 1 1: a"])
        try answer(ask("many"), ["a", "b", "c", "", "d"])
        try client.hears("a stream of answers", ["MSG in 1 1: a", "MSG in 1 1: b", "MSG in 1 1: c", "MSG in 1 0: "])
        try answer(ask("parts"), ["a", "b", "", "d"])
        try client.hears("an answer in parts", ["MSG in 1 1: a", "MSG in 1 1: b", "MSG in 1 0: "])
        try answer(ask("one"), [""])
        try client.hears("a single answer that is empty", ["MSG in 1 0: "])
        let other = try stage.connect("other", of: "E")
        let reply = try ask("one")
        try other.quietly("PUB \(reply) 5\r\nfirst\r\n")
        try answer(reply, ["second"])
        try client.hears("the first of two", ["MSG in 1 5: first"])
        // Beyond the threshold, however late the server clears up: three of its lengths.
        func wait(_ seconds: Double) throws {
            let end = Date(timeIntervalSinceNow: seconds)
            while Date() < end {
                try worker.settle()
                usleep(20_000)
            }
        }
        let late = try ask("one.short")
        try wait(1.9)
        try answer(late, ["late"])
        try client.hears("a single answer that is late", [])
        let going = try ask("many.short")
        for text in ["a", "b", "c"] {
            try wait(0.3)
            try answer(going, [text])
        }
        try client.hears("each answer begins the time again", ["MSG in 1 1: a", "MSG in 1 1: b", "MSG in 1 1: c"])
        try wait(1.9)
        try answer(going, ["late"])
        try client.hears("a stream that is late", [])
        // Who no longer listens gets nothing, and hears nothing of it later.
        let gone = try ask("many")
        try client.quietly("UNSUB 1\r\n")
        try answer(gone, ["a"])
        try client.quietly("SUB in 1\r\n")
        try answer(gone, ["b"])
        try client.hears("an answer after interest went away")
    }

    private static let severalExporters = Conversation(
        "several exporters",
        accounts: { cast in
            for name in ["E", "F"] { try cast.preload(name, ["exports": [service("svc")]]) }
            try cast.preload(
                "I",
                [
                    "imports": try ["E", "F"].map {
                        service("svc", ["account": try cast.id($0), "local_subject": "ask"])
                    }
                ])
            try cast.preload(
                "S",
                [
                    "exports": [service("own")],
                    "imports": [service("own", ["account": try cast.id("S"), "local_subject": "mine"])],
                ])
        }
    ) { stage in
        let (e, f, client) = (
            try stage.connect("e", of: "E"), try stage.connect("f", of: "F"), try stage.connect("c", of: "I")
        )
        for (worker, text) in [(e, "e"), (f, "f")] {
            try worker.quietly("SUB svc 1\r\n")
            try client.quietly("SUB in.\(text) 1\r\n")
        }
        try client.send("PUB ask in.e 0\r\n\r\n")
        for (worker, text) in [(e, "e"), (f, "f")] {
            let reply = try worker.nextMessage().reply ?? ""
            try worker.quietly("PUB \(reply) 1\r\n\(text)\r\n")
        }
        try client.hearsSorted("both are asked and both answer", "", ["MSG in.e 1 1: e", "MSG in.e 1 1: f"])
        try stage.login("oneself", stage.cast.user("own", of: "S"), [:], ["in"])
    }

    private static let chains = Conversation(
        "service chains",
        accounts: { cast in
            try cast.preload("E", ["exports": [service("deep")]])
            try cast.preload(
                "M",
                [
                    "exports": [service("mid")],
                    "imports": [service("deep", ["account": try cast.id("E"), "local_subject": "mid"])],
                ])
            try cast.preload("I", ["imports": [service("mid", ["account": try cast.id("M"), "local_subject": "top"])]])
        }
    ) { stage in
        let (e, m, i) = (
            try stage.connect("e", of: "E"), try stage.connect("m", of: "M"), try stage.connect("i", of: "I")
        )
        try e.quietly("SUB deep 1\r\n")
        try m.quietly("SUB > 1\r\n")
        try i.quietly("SUB in 1\r\n")
        try i.send("PUB top in 2\r\nhi\r\n")
        let request = try e.nextMessage()
        try stage.note("through a chain", [request.subject, request.text], ["deep", "hi"])
        try stage.note("who asks", requestInfo(request))
        try stage.note("between", try m.collected().map(\.subject).sorted(), ["mid"])
        try e.quietly("PUB \(request.reply ?? "") 2\r\nok\r\n")
        try i.hears("answered through a chain", ["MSG in 1 2: ok"])
        try m.leave()
        try e.quietly("UNSUB 1\r\n")
        try i.does(
            "nobody at the end of a chain", "PUB top in 0\r\n\r\n", ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: top⏎⏎| "])
    }

    private static let latency = Conversation(
        "latency",
        accounts: { cast in
            try cast.preload(
                "E",
                [
                    "exports": [
                        service("svc", ["service_latency": ["sampling": 100, "results": "lat.svc"]]),
                        service("traced", ["service_latency": ["sampling": "headers", "results": "lat.traced"]]),
                    ]
                ])
            let from: [String: Any] = ["account": try cast.id("E")]
            try cast.preload("I", ["imports": [service("svc", from), service("traced", from)]])
            try cast.preload("J", ["imports": [service("svc", from.merging(["share": true]) { $1 })]])
        }
    ) { stage in
        let (worker, meter, client, sharer) = (
            try stage.connect("worker", of: "E"), try stage.connect("meter", of: "E"),
            try stage.connect("client", of: "I"), try stage.connect("sharer", of: "J")
        )
        try meter.quietly("SUB lat.* 1\r\n")
        try client.quietly("SUB in 1\r\n")
        try sharer.quietly("SUB in 1\r\n")
        func measured(_ step: String, _ ask: (Talker, String)?, worker: Talker?) throws {
            if let ask { try ask.0.send(ask.1) }
            if let worker {
                let reply = try worker.nextMessage().reply
                if let reply { try worker.send("PUB \(reply) 2\r\nok\r\n") }
            }
            let metric = try meter.nextMessage()
            let members = metric.json ?? [:]
            try stage.note("\(step): members", members.keys.sorted())
            try stage.note(
                "\(step): type",
                ["\(members["type"] ?? "")", "\(members["status"] ?? "")", "\(members["description"] ?? "")"])
            for side in ["requestor", "responder"] {
                let object = members[side] as? [String: Any] ?? [:]
                try stage.note("\(step): \(side)", object.keys.sorted())
            }
        }
        try worker.quietly("SUB svc 1\r\nSUB traced 2\r\n")
        try measured("answered", (client, "PUB svc in 0\r\n\r\n"), worker: worker)
        try measured("answered to one who shares", (sharer, "PUB svc in 0\r\n\r\n"), worker: worker)
        try measured("without a reply", (client, "PUB svc 0\r\n\r\n"), worker: nil)
        _ = try worker.collected()
        _ = try client.collected()
        try client.send("PUB traced in 0\r\n\r\n")
        let untraced = try worker.nextMessage()
        try worker.quietly("PUB \(untraced.reply ?? "") 0\r\n\r\n")
        try client.settle()
        try meter.hears("a request without a trace is not measured", [])
        let block = "NATS/1.0\r\nX-B3-Sampled: 1\r\n\r\n"
        try measured(
            "with a trace", (client, "HPUB traced in \(block.utf8.count) \(block.utf8.count)\r\n\(block)\r\n"),
            worker: worker)
        try worker.leave()
        _ = try client.collected()
        try measured("nobody there", (client, "PUB svc in 0\r\n\r\n"), worker: nil)
    }

    private static let crossNoResponders = Conversation(
        "no responders across accounts",
        accounts: { cast in
            try cast.preload("E", ["exports": [service("svc")]])
            try cast.preload("I", ["imports": [service("svc", ["account": try cast.id("E"), "local_subject": "ask"])]])
        }
    ) { stage in
        let client = try stage.connect("c", of: "I")
        try client.quietly("SUB in 1\r\n")
        let none = ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: ask⏎⏎| "]
        try client.does("nobody there", "PUB ask in 0\r\n\r\n", none)
        try client.does("nobody there, with headers", "HPUB ask in 12 12\r\nNATS/1.0\r\n\r\n\r\n", none)
        let deaf = try stage.connect("d", of: "E", ["sub": ["deny": ["svc"]]])
        try deaf.quietly("SUB > 1\r\n")
        try client.does("only who may not hear it", "PUB ask in 0\r\n\r\n", none)
        let local = try stage.connect("l", of: "I")
        try local.quietly("SUB ask 1\r\n")
        try client.does("somebody beside the import", "PUB ask in 0\r\n\r\n", [])
        try stage.connect("p", of: "I").quietly("PUB ask 0\r\n\r\n")
        let silent = try stage.connect("s", of: "I", options: ["no_responders": false])
        try local.leave()
        try silent.quietly("SUB in2 1\r\n")
        try silent.does("to one who did not ask", "PUB ask in2 0\r\n\r\n", [])
        let worker = try stage.connect("w", of: "E")
        try worker.quietly("SUB svc 1\r\n")
        try client.does("somebody there", "PUB ask in 0\r\n\r\n", [])
        try worker.leave()
        try client.does("who has gone", "PUB ask in 0\r\n\r\n", none)
    }
}

import Foundation

extension ConversationGroup {
    /// Services of several accounts.
    static let serviceChains = [responseTypes, severalExporters, chains, latency, crossNoResponders]

    private static let responseTypes = Conversation(
        "response types",
        accounts: { cast in
            let short = 1_500_000_000
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
        try wait(4.7)
        try answer(late, ["late"])
        try client.hears("a single answer that is late", [])
        // Told of the run in which no pause was as long as the threshold: on a machine that stood still, one more.
        var going = ""
        for _ in 0..<10 {
            going = try ask("many.short")
            var (last, longest) = (Date(), 0.0)
            for text in ["a", "b", "c"] {
                try wait(0.8)
                let begin = Date()
                try answer(going, [text])
                longest = max(longest, Date().timeIntervalSince(last))
                last = begin
            }
            if longest < 1.4 { break }
            _ = try client.collected()
        }
        try client.hears("each answer begins the time again", ["MSG in 1 1: a", "MSG in 1 1: b", "MSG in 1 1: c"])
        try wait(4.7)
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

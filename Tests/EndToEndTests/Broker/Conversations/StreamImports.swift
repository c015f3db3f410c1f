import Foundation

extension ConversationGroup {
    /// Messages that come from another account.
    static let streams = [localSubjects, streamDelivery, streamChains]

    static func stream(_ subject: String, _ more: [String: Any] = [:]) -> [String: Any] {
        ["name": subject, "subject": subject, "type": "stream"].merging(more) { $1 }
    }

    static func service(_ subject: String, _ more: [String: Any] = [:]) -> [String: Any] {
        ["name": subject, "subject": subject, "type": "service"].merging(more) { $1 }
    }

    /// An import of a row: the account that imports, the import, what is subscribed to, what is published, what comes.
    private static let rows:
        [(name: String, subject: String, local: [String: String], subs: [String], publish: [(String, [String])])] = [
            (
                "the same subject", "ev.>", [:], ["ev.a", "ev.>", ">", "*.a", "x"],
                [("ev.a", ["MSG ev.a 1 0: ", "MSG ev.a 2 0: ", "MSG ev.a 3 0: ", "MSG ev.a 4 0: "])]
            ),
            (
                "a prefix", "ev.>", ["to": "pre"], ["pre.ev.a", "pre.>", ">", "pre.*.a", "ev.a"],
                [("ev.a", ["MSG pre.ev.a 1 0: ", "MSG pre.ev.a 2 0: ", "MSG pre.ev.a 3 0: ", "MSG pre.ev.a 4 0: "])]
            ),
            (
                "a prefix with a dot", "ev.>", ["to": "pre."], ["pre.ev.a", ">"],
                [("ev.a", ["MSG pre.ev.a 1 0: ", "MSG pre.ev.a 2 0: "])]
            ),
            (
                "another subject with a rest", "ev.>", ["local_subject": "loc.>"],
                ["loc.a", "loc.>", "*.a", "loc.*", ">"], [("ev.a", (1...5).map { "MSG loc.a \($0) 0: " })]
            ),
            (
                "references", "a.*.b.*", ["local_subject": "l.$2.$1"], ["l.*.*", "l.2.1", "l.2.*", ">", "l.1.2"],
                [("a.1.b.2", (1...4).map { "MSG l.2.1 \($0) 0: " })]
            ),
            (
                "stars", "a.*.b.*", ["local_subject": "l.*.k.*"], ["l.1.k.2", "l.>", "l.*.k.2"],
                [("a.1.b.2", (1...3).map { "MSG l.1.k.2 \($0) 0: " })]
            ),
            (
                "a literal", "lit", ["local_subject": "other.lit"], ["other.lit", "other.*", ">"],
                [("lit", (1...3).map { "MSG other.lit \($0) 0: " })]
            ),
            (
                "less than is exported", "ev.n.*", [:], ["ev.>", "ev.*.x", ">"],
                [("ev.n.x", (1...3).map { "MSG ev.n.x \($0) 0: " }), ("ev.b.x", []), ("ev.n.x.y", [])]
            ),
            (
                "a literal of a star", "st.a", ["local_subject": "z.q"], ["z.q", "z.*", ">"],
                [("st.a", (1...3).map { "MSG z.q \($0) 0: " }), ("st.b", [])]
            ),
        ]

    private static let localSubjects = Conversation(
        "stream imports",
        accounts: { cast in
            try cast.preload("E", ["exports": ["ev.>", "a.*.b.*", "lit", "st.*"].map { stream($0) }])
            for (place, row) in rows.enumerated() {
                let local: [String: Any] = row.local.merging(["account": try cast.id("E")]) { $1 }
                try cast.preload("I\(place)", ["imports": [stream(row.subject, local)]])
            }
        }
    ) { stage in
        let publisher = try stage.connect("publisher", of: "E")
        for (place, row) in rows.enumerated() {
            let client = try stage.greeted()
            let said = try client.logIn(stage.cast.user("u", of: "I\(place)"))
            if said != ["in"] {
                try stage.note("\(row.name): login", said)
                continue
            }
            try client.quietly(row.subs.enumerated().map { "SUB \($1) \($0 + 1)\r\n" }.joined())
            for (subject, heard) in row.publish {
                try publisher.quietly("PUB \(subject) 0\r\n\r\n")
                try client.hearsSorted("\(row.name): \(subject)", "", heard)
            }
            try client.leave()
        }
    }

    private static let streamDelivery = Conversation(
        "stream delivery",
        accounts: { cast in
            try cast.preload("E", ["exports": [stream("ev.>"), stream("m.*")], "limits": ["subs": 2]])
            let from = ["account": try cast.id("E")]
            try cast.preload(
                "I",
                ["imports": [stream("ev.>", from.merging(["local_subject": "loc.>"]) { $1 })], "limits": ["subs": 1]])
            try cast.preload(
                "J",
                [
                    "imports": [
                        stream("m.*", from.merging(["local_subject": "one.*"]) { $1 }),
                        stream("m.a", from.merging(["local_subject": "two.a"]) { $1 }),
                    ]
                ])
            try cast.preload(
                "K",
                [
                    "imports": [
                        stream("m.*", from.merging(["local_subject": "one.*"]) { $1 }),
                        stream("m.*", from.merging(["local_subject": "two.*"]) { $1 }),
                    ]
                ])
            try cast.preload(
                "S",
                [
                    "exports": [stream("own.>")],
                    "imports": [stream("own.>", ["account": try cast.id("S"), "local_subject": "mine.>"])],
                ])
        }
    ) { stage in
        let publisher = try stage.connect("publisher", of: "E")
        let client = try stage.connect("u", of: "I")
        try client.does("hidden subscriptions do not count", "SUB loc.> 1\r\n", [])
        try publisher.does("headers and reply go through", "HPUB ev.a r 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n", [])
        try client.hears("as they were", ["HMSG loc.a 1 r: NATS/1.0⏎A: b⏎⏎| hi"])
        try publisher.does("an importer who listens is a responder", "SUB in 1\r\nPUB ev.a in 0\r\n\r\n", [])
        try client.hears("who hears it", ["MSG loc.a 1 in 0: "])
        try client.does("its own publishes stay", "PUB loc.x 0\r\n\r\n", ["MSG loc.x 1 0: "])
        try publisher.hears("and do not come", [])
        try client.quietly("UNSUB 1\r\n")
        try publisher.does(
            "without a listener there is no interest", "PUB ev.a in 0\r\n\r\n",
            ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: ev.a⏎⏎| "])
        try client.quietly("SUB loc.> 1\r\nUNSUB 1 2\r\n")
        for _ in 0..<5 { try publisher.quietly("PUB ev.a 0\r\n\r\n") }
        try client.hears("UNSUB with a number and imported messages")
        try client.leave()

        let (one, two) = (try stage.connect("one", of: "J"), try stage.connect("two", of: "K"))
        try one.quietly("SUB > 1\r\n")
        try two.quietly("SUB > 1\r\n")
        try publisher.quietly("PUB m.a 0\r\n\r\n")
        try one.hearsSorted("a message of two imports comes twice", "", ["MSG one.a 1 0: ", "MSG two.a 1 0: "])
        try two.hearsSorted("the same subject imported twice")
        try stage.login("from oneself", stage.cast.user("own", of: "S"), [:], ["in"])

        let importers = try [stage.connect("q1", of: "I"), stage.connect("q2", of: "I")]
        for importer in importers { try importer.quietly("SUB loc.> g 1\r\n") }
        let exporter = try stage.connect("q3", of: "E")
        try exporter.quietly("SUB ev.> h 1\r\n")
        try publisher.quietly(String(repeating: "PUB ev.a 0\r\n\r\n", count: 100))
        let counts = try importers.map { try $0.collected().count }
        try stage.note(
            "a group in the importing account",
            ["\(counts.reduce(0, +))", "\(counts.allSatisfy { $0 > 10 })", "\(try exporter.collected().count)"],
            ["100", "true", "100"])
        try exporter.quietly("UNSUB 1\r\nSUB ev.> g 1\r\n")
        try publisher.quietly(String(repeating: "PUB ev.a 0\r\n\r\n", count: 100))
        let sums = try importers.map { try $0.collected().count }.reduce(0, +)
        let left = try exporter.collected().count
        try stage.note(
            "groups of one name on both sides", ["\(sums + left)", "\(sums > 0)", "\(left > 0)"],
            ["100", "true", "true"])
        for one in importers { try one.leave() }
        try exporter.quietly("UNSUB 1\r\nSUB ev.> 1\r\nSUB ev.a 2\r\n")
        try stage.note("limits of subscriptions are the client's own", ["in"])
    }

    private static let streamChains = Conversation(
        "stream chains",
        accounts: { cast in
            try cast.preload("A", ["exports": [stream("s.>"), service("svc")]])
            try cast.preload(
                "B",
                [
                    "exports": [stream("s.>"), service("req"), stream("req")],
                    "imports": [stream("s.>", ["account": try cast.id("A")])],
                ])
            try cast.preload(
                "C",
                [
                    "imports": [
                        stream("s.>", ["account": try cast.id("B")]),
                        stream("req", ["account": try cast.id("B"), "local_subject": "heard"]),
                    ]
                ])
            try cast.preload("D", ["imports": [service("req", ["account": try cast.id("B")])]])
        }
    ) { stage in
        let (a, b, c, d) = (
            try stage.connect("a", of: "A"), try stage.connect("b", of: "B"), try stage.connect("c", of: "C"),
            try stage.connect("d", of: "D")
        )
        try b.quietly("SUB s.> 1\r\n")
        try c.quietly("SUB > 1\r\n")
        try a.quietly("PUB s.x 0\r\n\r\n")
        try b.hears("the first import", ["MSG s.x 1 0: "])
        try c.hears("the second does not see what the first brings", [])
        try b.quietly("UNSUB 1\r\nPUB s.y 0\r\n\r\n")
        try c.hears("but what is published there", ["MSG s.y 1 0: "])
        try b.quietly("SUB req 2\r\n")
        try d.quietly("PUB req 0\r\n\r\n")
        try stage.note("a request comes in", ["\(try b.collected().count)"], ["1"])
        try c.hears("and does not go on as a stream", [])
    }
}

import Foundation

extension ConversationGroup {
    /// What is allowed because somebody asked, and across accounts.
    static let responsePermissions = [responses, permissionsAcrossAccounts]

    private static let responses = Conversation("responses") { stage in
        let asker = try stage.connect("asker", of: "A")
        let no = { (subject: String) in refusal(of: "Publish", subject) }
        let hour = 3_600_000_000_000
        let rows: [(String, [String: Any], answers: Int, passed: Int)] = [
            ("nothing said", ["resp": [String: Any]()], 2, 1), ("zeros", ["resp": ["max": 0, "ttl": 0]], 2, 1),
            ("two", ["resp": ["max": 2, "ttl": hour]], 3, 2), ("unlimited", ["resp": ["max": -1, "ttl": hour]], 5, 5),
            ("no end", ["resp": ["max": 1, "ttl": -1]], 2, 1),
            ("allowed anyway", ["resp": ["max": 1, "ttl": hour], "pub": ["allow": ["rep.>"]]], 3, 3),
            ("over a deny", ["resp": ["max": 1, "ttl": hour], "pub": ["deny": ["rep.>"]]], 2, 1),
        ]
        for (place, row) in rows.enumerated() {
            let worker = try stage.connect("w\(place)", of: "A", row.1)
            try worker.quietly("SUB req.\(place) 1\r\n")
            try asker.quietly("PUB req.\(place) rep.\(place) 0\r\n\r\n")
            _ = try worker.nextMessage()
            try worker.does(
                "\(row.0): \(row.answers) answers", String(repeating: "PUB rep.\(place) 0\r\n\r\n", count: row.answers),
                Array(repeating: no("rep.\(place)"), count: row.answers - row.passed))
            if row.0 != "allowed anyway" {
                try worker.does("\(row.0): elsewhere", "PUB other 0\r\n\r\n", [no("other")])
                try worker.does(
                    "\(row.0): a reply that was never asked for", "PUB rep.never 0\r\n\r\n", [no("rep.never")])
            }
            try asker.quietly("PUB req.\(place) rep.\(place) 0\r\n\r\n")
            _ = try worker.nextMessage()
            try worker.does("\(row.0): asked again", "PUB rep.\(place) 0\r\n\r\n", [])
        }
        try stage.login(
            "a duration as text", stage.cast.user("text", of: "A", ["resp": ["max": 1, "ttl": "1s"]]), [:],
            ["-ERR 'Authorization Violation'", "closed"])
        // A time to live that is over when the answer comes: the requests between are what takes the time.
        let slow = try stage.connect("slow", of: "A", ["resp": ["max": 5, "ttl": 100_000_000]])
        try slow.quietly("SUB req.slow 1\r\n")
        try asker.quietly("PUB req.slow rep.slow 0\r\n\r\n")
        _ = try slow.nextMessage()
        let end = Date(timeIntervalSinceNow: 0.3)
        while Date() < end { try slow.settle() }
        try slow.does("after its time", "PUB rep.slow 0\r\n\r\n", [no("rep.slow")])
        // What a deny keeps from a client is no request to it.
        let deaf = try stage.connect("deaf", of: "A", ["resp": ["max": 1, "ttl": hour], "sub": ["deny": ["x.no"]]])
        try deaf.quietly("SUB x.* 1\r\n")
        try asker.quietly("PUB x.no rep.deaf 0\r\n\r\n")
        try deaf.does("a request that was not delivered", "PUB rep.deaf 0\r\n\r\n", [no("rep.deaf")])
    }

    private static let permissionsAcrossAccounts = Conversation(
        "permissions across accounts",
        accounts: { cast in
            try cast.preload(
                "E", ["exports": [["subject": "svc.add", "type": "service"], ["subject": "ev.>", "type": "stream"]]])
            let exporter = try cast.id("E")
            try cast.preload(
                "I",
                [
                    "imports": [
                        ["subject": "svc.add", "account": exporter, "type": "service", "local_subject": "my.add"],
                        ["subject": "ev.>", "account": exporter, "type": "stream", "local_subject": "loc.>"],
                    ]
                ])
        }
    ) { stage in
        let hour = 3_600_000_000_000
        let rows: [(String, [String: Any], Bool)] = [
            ("allow the local subject", ["pub": ["allow": ["my.add"]]], true),
            ("deny the remote subject", ["pub": ["deny": ["svc.add"]]], true),
            ("allow the remote subject", ["pub": ["allow": ["svc.add"]]], false),
        ]
        let responder = try stage.connect("responder", of: "E")
        try responder.quietly("SUB svc.add 1\r\n")
        for (place, row) in rows.enumerated() {
            let client = try stage.connect("i\(place)", of: "I", row.1)
            try client.does(
                "service, \(row.0)", "PUB my.add 0\r\n\r\n", row.2 ? [] : [refusal(of: "Publish", "my.add")])
            try stage.note("service, \(row.0), asked", ["\(try responder.collected().count)"], [row.2 ? "1" : "0"])
        }
        try responder.leave()
        let publisher = try stage.connect("publisher", of: "E")
        for (step, claims, sub, heard) in [
            ("allow the local subject", ["allow": ["loc.>"]], "loc.>", ["MSG loc.a 1 0: "]),
            ("deny the remote subject", ["deny": ["ev.>"]], "loc.>", ["MSG loc.a 1 0: "]),
            ("deny the local subject", ["deny": ["loc.a"]], "loc.>", []),
            ("deny the local subject, in a group", ["deny": ["loc.a"]], "loc.> q", []),
            ("allow the remote subject", ["allow": ["ev.>"]], "loc.>", [refusal(of: "Subscription", "loc.>")]),
        ] as [(String, [String: Any], String, [String])] {
            let client = try stage.connect("s \(step)", of: "I", ["sub": claims])
            try client.send("SUB \(sub) 1\r\n")
            try client.settle()
            try publisher.quietly("PUB ev.a 0\r\n\r\n")
            try client.hears("stream, \(step)", heard)
            try client.leave()
        }
        let asker = try stage.connect("asker", of: "I")
        try asker.quietly("SUB in 1\r\n")
        for (step, claims, isAnswered) in [
            ("resp", ["resp": ["max": 1, "ttl": hour]], true), ("allow _R_.>", ["pub": ["allow": ["_R_.>"]]], true),
            ("deny _R_.>", ["pub": ["deny": ["_R_.>"]]], false),
            ("allow something else", ["pub": ["allow": ["x"]]], false),
        ] as [(String, [String: Any], Bool)] {
            let worker = try stage.connect("w \(step)", of: "E", claims)
            try worker.quietly("SUB svc.add 1\r\n")
            try asker.quietly("PUB my.add in 0\r\n\r\n")
            let request = try worker.nextMessage()
            try worker.does(
                "answering with \(step)", "PUB \(request.reply ?? "none") 2\r\nok\r\n",
                isAnswered ? [] : [refusal(of: "Publish", "<reply>")])
            try asker.hears("answered with \(step)", isAnswered ? ["MSG in 1 2: ok"] : [])
            try worker.leave()
        }
    }
}

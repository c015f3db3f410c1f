import Foundation

extension ConversationGroup {
    static let liveExpiry = Conversation(
        "live expiry",
        accounts: { cast in
            try cast.preload("A")
            try cast.preload("E", ["exports": [service("svc"), stream("ev")]])
            let from: [String: Any] = ["account": try cast.id("E")]
            try cast.preload("I", ["imports": [service("svc", from), stream("ev", from)]])
        }
    ) { stage in
        let user = try stage.cast.user("u", of: "A")
        let client = try stage.connect(user)
        let (e, i) = (try stage.connect("e", of: "E"), try stage.connect("i", of: "I"))
        try e.quietly("SUB svc 1\r\n")
        try i.quietly("SUB in 1\r\nSUB ev 2\r\n")
        var more = Cast.Claims()
        more.expires = Cast.now + 12
        try stage.mustPush("A", [:], more)
        try stage.mustPush("E", ["exports": [service("svc"), stream("ev")]], more)
        try client.ends("the account's token ends", "", gone)
        try e.ends("the exporter's token ends", "", gone)
        try i.does(
            "and its importers find nobody", "PUB svc in 0\r\n\r\n", ["HMSG in 1: NATS/1.0 503⏎Nats-Subject: svc⏎⏎| "])
        more.expires = Cast.now + 120
        try stage.mustPush("E", ["exports": [service("svc"), stream("ev")]], more)
        let again = try stage.connect("e", of: "E")
        try again.quietly("SUB svc 1\r\nPUB ev 0\r\n\r\n")
        try i.hears("the exporter is back", ["MSG ev 2 0: "])
        try i.does("and answers", "PUB svc in 0\r\n\r\n", [])
    }

    static let updates = Conversation(
        "updates",
        accounts: { cast in
            try cast.preload("A", ["description": "first"])
            try cast.preload("U")
        }
    ) { stage in
        let cast = stage.cast
        let client = try stage.connect("u", of: "A")
        try client.quietly("SUB a 1\r\n")
        _ = try cast.keys("other operator", .operator)
        func tries(_ step: String, _ token: String, to account: String = "A", _ claimed: [String]? = nil) throws {
            try stage.note(step, claimsAnswer(stage.push(account, token), cast), claimed)
        }
        let then = Cast.now - 100
        var step = 0
        func token(_ claims: [String: Any] = [:], _ change: (inout Cast.Claims) -> Void = { _ in }) throws -> String {
            var more = Cast.Claims()
            more.issuedAt = then + step
            step += 1
            change(&more)
            return try cast.account("A", claims, more)
        }
        let good = try token()
        let updated = ["data server", "account=<A>", "code=200", "message=jwt updated"]
        try tries("new", good, updated)
        try tries("the same again", good, updated)
        try tries("older", token { $0.issuedAt = 1_000_000 })
        let second = Cast.now - 50
        try tries("of one second", token { $0.issuedAt = second }, updated)
        try tries("of the same second, with other content", token(["description": "other"]) { $0.issuedAt = second })
        step = 60
        try tries("expired", token { $0.expires = Cast.now - 10 })
        try tries("not yet valid", token { $0.notBefore = Cast.now + 1000 })
        try tries("by another operator", token { $0.by = "other operator" })
        try tries("self-signed", token { $0.by = "A" })
        try tries("invalid", token(["exports": [["subject": "a b", "type": "stream"]]]))
        try tries("a user's token", cast.user("x", of: "A").token)
        try tries("garbage", "garbage")
        try tries("empty", "")
        try tries("of another account", cast.account("B"))
        try tries("of an account that is not loaded", cast.account("U"), to: "U")
        let system = try stage.system()
        for (place, (step, key)) in [
            ("a key that is none", "foo"), ("a path", "../x"), ("a user's key", try cast.id("u", .user)),
            ("a truncated key", String(try cast.id("A").dropLast(4))),
        ].enumerated() {
            try system.send("SUB updates.\(place) p\(place)\r\n")
            try system.send(
                "PUB $SYS.REQ.ACCOUNT.\(key).CLAIMS.UPDATE updates.\(place) \(good.utf8.count)\r\n\(good)\r\n")
            // What is asked later is answered later.
            _ = try stage.push("A", token())
            try stage.note(
                "update of \(step)", system.collected().flatMap { claimsAnswer($0.json ?? ["no JSON": 0], cast) })
        }
        try client.does("the account works on", "PUB a 0\r\n\r\n", ["MSG a 1 0: "])
        let old = try system.ask("$SYS.ACCOUNT.\(cast.id("A")).CLAIMS.UPDATE", Array(token().utf8))
        try stage.note("the old form", claimsAnswer(old.json ?? ["no JSON": 0], cast), updated)
    }
}

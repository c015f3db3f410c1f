import Foundation

extension ConversationGroup {
    /// Subjects, the words of errors, and what a client may ask of the way it is spoken to.
    static let texts = [subjects, quoting, verbose, pedantic, delivery, queues, noResponders, headers]

    private static let subjects = Conversation("subjects") { stage in
        let client = try stage.connect("u", of: "A")
        let invalid = ["-ERR 'Invalid Subject'"]
        let wrong: [(String, String)] = [
            ("an empty token", "foo..bar"), ("a dot at the start", ".foo"), ("a dot at the end", "foo."),
            ("a rest that is not last", "foo.>.bar"), ("a dot alone", "."),
        ]
        for (step, subject) in wrong { try client.does("SUB, \(step)", "SUB \(subject) 1\r\n", invalid) }
        try client.does("SUB, queue with dots", "SUB foo a..b 1\r\nUNSUB 1\r\n")
        try client.does("SUB, queue with a wildcard", "SUB foo * 1\r\nUNSUB 1\r\n")
        try client.quietly("SUB foo* 1\r\nSUB *x 2\r\nSUB a>b 3\r\nSUB gr\u{fc}\u{df}.\u{20ac} 4\r\n")
        for (step, subject, heard) in [
            ("star in a token", "foo*", ["MSG foo* 1 0: "]), ("not matched by it", "foox", []),
            ("star before", "*x", ["MSG *x 2 0: "]), ("rest in a token", "a>b", ["MSG a>b 3 0: "]),
            ("beyond ASCII", "gr\u{fc}\u{df}.\u{20ac}", ["MSG gr\u{fc}\u{df}.\u{20ac} 4 0: "]),
        ] { try client.does("PUB, \(step)", "PUB \(subject) 0\r\n\r\n", heard) }
        try client.quietly("UNSUB 1\r\nUNSUB 2\r\nUNSUB 3\r\nUNSUB 4\r\n")

        try client.quietly("SUB > all\r\nSUB foo.* star\r\nSUB foo.bar bar\r\n")
        for subject in ["foo..bar", ".foo", "foo.", ".", ".."] {
            try client.does("PUB to `\(subject)` reaches nobody", "PUB \(subject) 0\r\n\r\n", [])
        }
        for subject in ["foo.*", "foo.>", ">", "*", "foo.>.x"] {
            try client.hearsSorted("PUB to `\(subject)`", "PUB \(subject) 0\r\n\r\n")
        }
        try client.hearsSorted("PUB to _R_", "PUB _R_.abcdef.ghijkl 0\r\n\r\n", ["MSG <reply> all 0: "])
        for reply in ["_R_.a.b", "$JS.ACK.x", "_GR_.a"] {
            try client.does("a reply of `\(reply)`", "PUB foo.bar \(reply) 0\r\n\r\n")
        }
        for subject in ["_GR_.x", "$NRG.x", "$GNR.x", "$SYS.x", "$JS.API.x"] {
            try client.hearsSorted("PUB to `\(subject)`", "PUB \(subject) 0\r\n\r\n")
        }
        try client.does("queue of the servers", "SUB foo _sys_ 9\r\n")
        let words = Array(repeating: "a", count: 64).joined(separator: ".")
        try client.does("many tokens", "SUB \(words) many\r\nPUB \(words) 0\r\n\r\nUNSUB many\r\n")
        try client.does("SUB to the system's subjects", "SUB $SYS.> s\r\n", [])
    }

    private static let quoting = Conversation("quoting") { stage in
        let user = try stage.cast.user("u", of: "A", ["pub": ["allow": ["ok"]], "sub": ["allow": ["ok"]]])
        let client = try stage.connect(user)
        for subject in [
            "no", "a\"b", "a\\b", "it's", "gr\u{fc}n", "a'b\"c\\d", "\u{1F600}", "a\u{7f}b", "a\u{1}b", "\u{200b}x",
            "\u{e000}",
        ] {
            try client.does("PUB to `\(subject.debugDescription)`", "PUB \(subject) 0\r\n\r\n")
            try client.does("SUB to `\(subject.debugDescription)`", "SUB \(subject) 1\r\n")
        }
        try client.does(
            "SUB with a queue", "SUB no q\"q 1\r\n",
            [#"-ERR 'Permissions Violation for Subscription to "no" using queue "q\"q"'"#])
        try client.send("PUB ")
        try client.send(bytes: [0xff, 0xfe])
        try client.does("PUB to what is no UTF-8", " 0\r\n\r\n")
    }

    private static let verbose = Conversation("verbose") { stage in
        let user = try stage.cast.user("u", of: "A", ["pub": ["deny": ["no"]], "sub": ["deny": ["no"]]])
        let client = try stage.connect(user, ["verbose": true], expecting: ["+OK"])
        let ok = ["+OK"]
        try client.does("SUB", "SUB a 1\r\n", ok)
        try client.does("SUB of the same sid", "SUB a 1\r\n", ok)
        try client.does("PUB", "PUB b 0\r\n\r\n", ok)
        try client.does("HPUB", "HPUB b 12 12\r\nNATS/1.0\r\n\r\n\r\n", ok)
        try client.does("UNSUB", "UNSUB 1\r\n", ok)
        try client.does("UNSUB of an unknown sid", "UNSUB 7\r\n", ok)
        try client.does("PING", "PING\r\n", [], pongs: 2)
        try client.does("PONG", "PONG\r\n", [])
        try client.does(
            "PUB that is denied", "PUB no 2\r\nhi\r\n", [#"-ERR 'Permissions Violation for Publish to "no"'"#])
        try client.does(
            "SUB that is denied", "SUB no 2\r\n", [#"-ERR 'Permissions Violation for Subscription to "no"'"#])
        try client.does("SUB to no subject", "SUB a..b 3\r\n")
        try client.does("request that nobody answers", "SUB i 4\r\nPUB c i 0\r\n\r\n")
        try client.does("second CONNECT", client.connectLine(user, ["verbose": true]), ok)
        try client.does("INFO", "INFO {}\r\n")
        try client.does("OK", "+OK\r\n")
    }

    private static let pedantic = Conversation("pedantic") { stage in
        let user = try stage.cast.user("u", of: "A", ["pub": ["deny": ["no.*"]]])
        let client = try stage.connect(user, ["pedantic": true])
        try client.quietly("SUB foo.* 1\r\n")
        let invalid = "-ERR 'Invalid Publish Subject'"
        try client.does("a word", "PUB foo.a 0\r\n\r\n", ["MSG foo.a 1 0: "])
        try client.does("a wildcard", "PUB foo.* 0\r\n\r\n", [invalid, "MSG foo.* 1 0: "])
        try client.does("an empty token", "PUB foo..a 0\r\n\r\n", [invalid])
        try client.does(
            "a wildcard that is denied", "PUB no.* 0\r\n\r\n",
            [invalid, #"-ERR 'Permissions Violation for Publish to "no.*"'"#])
        try client.does("a reply with a wildcard", "PUB foo.a b.* 0\r\n\r\n")
        try client.does("SUB to no subject", "SUB a..b 3\r\n", ["-ERR 'Invalid Subject'"])
        let loud = try stage.connect(user, ["pedantic": true, "verbose": true], expecting: ["+OK"])
        try loud.does("verbose and a wildcard", "PUB bar.* 0\r\n\r\n", [invalid, "+OK"])
    }

    private static let delivery = Conversation("delivery") { stage in
        let user = try stage.cast.user("u", of: "A")
        let client = try stage.connect(user)
        try client.does(
            "the same sid twice is one subscription", "SUB a 1\r\nSUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        try client.does("a sid that is taken keeps its subject", "SUB b 1\r\nPUB a 0\r\n\r\nPUB b 0\r\n\r\n")
        try client.hearsSorted(
            "several subscriptions get a copy each", "SUB a 2\r\nSUB * 3\r\nSUB > 4\r\nPUB a 0\r\n\r\n",
            ["MSG a 1 0: ", "MSG a 2 0: ", "MSG a 3 0: ", "MSG a 4 0: "])
        try client.quietly("UNSUB 1\r\nUNSUB 2\r\nUNSUB 3\r\nUNSUB 4\r\n")
        let silent = try stage.connect(user, ["echo": false])
        try client.quietly("SUB e 1\r\n")
        try silent.does("without echo nothing comes back", "SUB e 1\r\nPUB e 0\r\n\r\n", [])
        try client.hears("and others hear it", ["MSG e 1 0: "])
        try client.quietly("UNSUB 1\r\n")
        try client.does("and without a subscription", "PUB e 0\r\n\r\n", [])
        try silent.hears("and it hears others", ["MSG e 1 0: "])

        let publisher = try stage.connect("publisher", of: "A")
        try client.quietly("SUB max 1\r\nUNSUB 1 3\r\n")
        try publisher.quietly(String(repeating: "PUB max 0\r\n\r\n", count: 5))
        try client.hears("UNSUB with a number ends after so many", Array(repeating: "MSG max 1 0: ", count: 3))
        try client.quietly("SUB max 1\r\n")
        try publisher.quietly("PUB max 0\r\n\r\n")
        try client.hears("the sid can be taken again", ["MSG max 1 0: "])
        try client.quietly("UNSUB 1 3\r\n")
        try publisher.quietly(String(repeating: "PUB max 0\r\n\r\n", count: 5))
        try client.hears("the number counts what was delivered before", Array(repeating: "MSG max 1 0: ", count: 2))
        try client.quietly("SUB max 1\r\nUNSUB 1 5\r\nUNSUB 1 1\r\n")
        try publisher.quietly(String(repeating: "PUB max 0\r\n\r\n", count: 3))
        try client.hears("a second number stands in place of the first", ["MSG max 1 0: "])
        try client.quietly("SUB max 1\r\nUNSUB 1 5\r\nUNSUB 1\r\n")
        try publisher.quietly("PUB max 0\r\n\r\n")
        try client.hears("without a number at once", [])

        let reading = (1...200).map { "PUB order 3\r\n\(100 + $0)\r\n" }.joined()
        try client.quietly("SUB order 1\r\n")
        try publisher.quietly(reading)
        let got = try client.collected().map { $0.text }
        try stage.note(
            "messages of one publisher keep their order", ["\(got == (1...200).map { "\(100 + $0)" })"], ["true"])
        let large = String(repeating: "x", count: 1 << 20)
        try publisher.quietly("PUB order 1048576\r\n\(large)\r\n")
        try stage.note("a message of the greatest size", try client.collected().map { "\($0.text == large)" }, ["true"])
    }

    private static let queues = Conversation("queue groups") { stage in
        let members = try (0..<3).map { try stage.connect("m\($0)", of: "A") }
        for member in members { try member.quietly("SUB q.* g 1\r\n") }
        let (other, plain) = (try stage.connect("other", of: "A"), try stage.connect("plain", of: "A"))
        try other.quietly("SUB q.* h 1\r\n")
        try plain.quietly("SUB q.> 1\r\n")
        let publisher = try stage.connect("p", of: "A")
        try publisher.quietly((0..<300).map { "PUB q.\($0) 0\r\n\r\n" }.joined())
        let shares = try members.map { try $0.collected().map(\.subject) }
        try stage.note(
            "each message reaches one member", ["\(Set(shares.joined()).count) of \(shares.joined().count)"],
            ["300 of 300"])
        try stage.note("every member has a share", ["\(shares.allSatisfy { $0.count > 30 })"], ["true"])
        try stage.note("each other group gets each", ["\(try other.collected().count)"], ["300"])
        try stage.note("plain subscriptions get each", ["\(try plain.collected().count)"], ["300"])
        try members[0].leave()
        try members[1].quietly("UNSUB 1\r\n")
        try publisher.quietly((0..<50).map { "PUB q.\($0) 0\r\n\r\n" }.joined())
        try stage.note("who is left gets all", ["\(try members[2].collected().count)"], ["50"])
        try members[1].quietly("SUB q.1 g 1\r\nSUB q.1 g 2\r\n")
        _ = try (other.collected(), plain.collected())
        try publisher.quietly(String(repeating: "PUB q.1 0\r\n\r\n", count: 90))
        let sums = [try members[1].collected().count, try members[2].collected().count]
        try stage.note(
            "one client may stand in a group twice", ["\(sums[0] + sums[1])", "\(sums.allSatisfy { $0 > 10 })"],
            ["90", "true"])
        let silent = try stage.connect("silent", of: "A", options: ["echo": false])
        try silent.quietly("SUB e g 1\r\n")
        try silent.does("a member without echo alone", "PUB e 0\r\n\r\n", [])
        _ = try other.collected()
        try other.quietly("SUB e g 9\r\n")
        try silent.quietly(String(repeating: "PUB e 0\r\n\r\n", count: 20))
        try stage.note("a member without echo is passed over", ["\(try other.collected().count)"], ["20"])
    }

    private static let noResponders = Conversation("no responders") { stage in
        let user = try stage.cast.user("u", of: "A")
        let client = try stage.connect(user)
        try client.quietly("SUB in.* 1\r\n")
        try client.does(
            "a request that nobody hears", "PUB svc in.1 0\r\n\r\n", ["HMSG in.1 1: NATS/1.0 503⏎Nats-Subject: svc⏎⏎| "]
        )
        try client.does("with a payload", "PUB svc in.1 2\r\nhi\r\n")
        try client.does("with headers", "HPUB svc in.1 12 12\r\nNATS/1.0\r\n\r\n\r\n")
        try client.does("without a reply", "PUB svc 0\r\n\r\n", [])
        try client.does("a reply that nobody hears", "PUB svc out.1 0\r\n\r\n", [])
        try client.does("a subject that looks like a wildcard", "PUB svc.* in.1 0\r\n\r\n")
        try client.does("no subject", "PUB a..b in.1 0\r\n\r\n")
        let deaf = try stage.connect(user, ["no_responders": false])
        try deaf.quietly("SUB in.* 1\r\n")
        try deaf.does("to a client that did not ask", "PUB svc in.1 0\r\n\r\n", [])
        let silent = try stage.connect(user, ["echo": false])
        try silent.quietly("SUB in.* 1\r\nSUB own 2\r\n")
        try silent.does("to a client without echo", "PUB svc in.1 0\r\n\r\n")
        try silent.does("only oneself without echo", "PUB own in.1 0\r\n\r\n")
        let elsewhere = try stage.connect(user)
        try elsewhere.does("a reply that another hears", "PUB svc in.1 0\r\n\r\n")
        try client.hears("which hears it")
        try deaf.hears("and so does the one that did not ask")
        try silent.hears("and the one without echo")
        try elsewhere.quietly("SUB svc q 1\r\n")
        try client.does("a queue hears it", "PUB svc in.1 0\r\n\r\n", [])
        try elsewhere.hears("as it must", ["MSG svc 1 in.1 0: "])
        let denied = try stage.connect("denied", of: "A", ["pub": ["deny": ["svc"]]])
        try denied.quietly("SUB in.* 1\r\n")
        try denied.does(
            "a request that is denied", "PUB svc in.1 0\r\n\r\n",
            [#"-ERR 'Permissions Violation for Publish to "svc"'"#])
    }

    private static let headers = Conversation("headers") { stage in
        let user = try stage.cast.user("u", of: "A")
        let without = try stage.connect(user, ["headers": false, "no_responders": false])
        let with = try stage.connect(user)
        for client in [with, without] { try client.quietly("SUB h 1\r\n") }
        try with.does(
            "for who has them", "HPUB h r 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n", ["HMSG h 1 r: NATS/1.0⏎A: b⏎⏎| hi"])
        try without.hears("for who has not", ["MSG h 1 r 2: hi"])
        try with.send("HPUB h 12 12\r\nNATS/1.0\r\n\r\n\r\n")
        try with.settle()
        _ = with.take()
        try without.hears("nothing is left", ["MSG h 1 0: "])
        try without.send("PUB h 2\r\nhi\r\n")
        try without.settle()
        try with.hears("from who has not", ["MSG h 1 2: hi"])
    }
}

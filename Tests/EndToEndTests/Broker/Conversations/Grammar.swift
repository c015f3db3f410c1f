import Foundation

extension ConversationGroup {
    /// What a client may say, and how.
    static let grammar = [grammarForms, grammarFaults]

    private static let grammarForms = Conversation("grammar") { stage in
        let client = try stage.connect("u", of: "A")
        try client.quietly("SUB foo 1\r\n")
        let hi = ["MSG foo 1 2: hi"]
        try client.does("upper case", "PUB foo 2\r\nhi\r\n", hi)
        try client.does("lower case", "pub foo 2\r\nhi\r\n", hi)
        try client.does("mixed case", "pUb foo 2\r\nhi\r\n", hi)
        try client.does("many blanks", "PUB   foo    2\r\nhi\r\n", hi)
        try client.does("tabs", "PUB\tfoo\t\t2\r\nhi\r\n", hi)
        try client.does("trailing blanks", "PUB foo 2  \t\r\nhi\r\n", hi)
        try client.does("line feed alone", "PUB foo 2\nhi\r\n", hi)
        try client.does("leading zeros", "PUB foo 002\r\nhi\r\n", ["MSG foo 1 002: hi"])
        try client.does("nine digits", "PUB foo 000000002\r\nhi\r\n", ["MSG foo 1 000000002: hi"])
        try client.does("empty payload", "PUB foo 0\r\n\r\n", ["MSG foo 1 0: "])
        try client.does("reply", "PUB foo bar 2\r\nhi\r\n", ["MSG foo 1 bar 2: hi"])
        try client.does("reply with wildcards", "PUB foo a.*.> 2\r\nhi\r\n", ["MSG foo 1 a.*.> 2: hi"])
        try client.does("line ends in the payload", "PUB foo 6\r\n\r\n\r\n\r\n\r\n", ["MSG foo 1 6: ⏎⏎⏎"])
        try client.does("operations in the payload", "PUB foo 7\r\nPING\r\n1\r\n", ["MSG foo 1 7: PING⏎1"])
        try client.does("headers", "HPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["HMSG foo 1: NATS/1.0⏎⏎| hi"])
        try client.does(
            "headers and reply", "HPUB foo bar 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["HMSG foo 1 bar: NATS/1.0⏎⏎| hi"])
        try client.does("headers alone", "HPUB foo 12 12\r\nNATS/1.0\r\n\r\n\r\n", ["HMSG foo 1: NATS/1.0⏎⏎| "])
        try client.does("headers that are none", "HPUB foo 4 6\r\nzzzzhi\r\n", ["HMSG foo 1: zzzz| hi"])
        try client.does("no headers at all", "HPUB foo 0 2\r\nhi\r\n")
        try client.does("PING with more", "PING whatever\r\n", [], pongs: 2)
        try client.does("PONG unasked", "PONG\r\n", [])
        try client.does("OK from a client", "+OK\r\n", [])
        try client.does("INFO from a client", "INFO {\"a\":1}\r\n", [])
        try client.does("an odd sid", "SUB bar abc-1_:x\r\nPUB bar 0\r\n\r\n", ["MSG bar abc-1_:x 0: "])
        try client.does("a queue", "SUB q g 7\r\nPUB q 0\r\n\r\n", ["MSG q 7 0: "])
        try client.does("UNSUB of an unknown sid", "UNSUB 999\r\n", [])
        try client.does(
            "UNSUB with a number", "SUB n n\r\nUNSUB n 1\r\nPUB n 0\r\n\r\nPUB n 0\r\n\r\n", ["MSG n n 0: "])
        try client.does("UNSUB with a word", "SUB m m\r\nUNSUB m x\r\nPUB m 0\r\n\r\n", [])
        try client.does("UNSUB with 0", "SUB o o\r\nUNSUB o 0\r\nPUB o 0\r\n\r\n", [])
        try client.does("UNSUB with a negative number", "SUB p p\r\nUNSUB p -1\r\nPUB p 0\r\n\r\n")
        try client.does(
            "UNSUB below what was delivered", "SUB r r\r\nPUB r 0\r\n\r\nPUB r 0\r\n\r\nUNSUB r 1\r\nPUB r 0\r\n\r\n",
            ["MSG r r 0: ", "MSG r r 0: "])
        for byte in "PUB foo 2\r\nhi\r\n".utf8 { try client.send(bytes: [byte]) }
        try client.hears("bytes one by one", hi)
    }

    /// Each ends the connection, so each has its own.
    private static let grammarFaults = Conversation("grammar faults") { stage in
        let user = try stage.cast.user("u", of: "A")
        let unknown = ["-ERR 'Unknown Protocol Operation'", "closed"]
        let silent = ["closed"]
        let faults: [(String, String, [String]?)] = [
            ("unknown operation", "FOO bar\r\n", unknown),
            ("empty line", "\r\n", nil),
            ("blank line", "  \r\n", nil),
            ("MSG from a client", "MSG foo 1 0\r\n\r\n", unknown),
            ("HMSG from a client", "HMSG foo 1 12 12\r\nNATS/1.0\r\n\r\n\r\n", unknown),
            ("RS+ from a client", "RS+ A foo\r\n", unknown),
            ("A+ from a client", "A+ A\r\n", unknown),
            ("-ERR from a client", "-ERR 'x'\r\n", silent),
            ("PUB without arguments", "PUB\r\n", nil),
            ("PUB with a subject alone", "PUB foo\r\n", silent),
            ("PUB with four arguments", "PUB foo bar baz 2\r\nhi\r\n", silent),
            ("a size that is a word", "PUB foo bar\r\n", silent),
            ("a negative size", "PUB foo -1\r\n", silent),
            ("a size with a plus", "PUB foo +2\r\nhi\r\n", silent),
            ("a size in hexadecimal", "PUB foo 0x2\r\nhi\r\n", silent),
            ("a size of ten digits", "PUB foo 0000000002\r\nhi\r\n", silent),
            ("a size of twenty digits", "PUB foo 99999999999999999999\r\nhi\r\n", silent),
            ("payload that ends in a line feed alone", "PUB foo 2\r\nhi\nPING\r\n", unknown),
            ("payload longer than declared", "PUB foo 2\r\nhiya\r\n", unknown),
            ("HPUB without arguments", "HPUB\r\n", nil),
            ("HPUB with one size", "HPUB foo 2\r\nhi\r\n", silent),
            ("HPUB with more headers than message", "HPUB foo 14 12\r\nNATS/1.0\r\n\r\nhi\r\n", silent),
            ("HPUB with a negative header", "HPUB foo -1 2\r\nhi\r\n", silent),
            ("HPUB with five arguments", "HPUB foo a b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", silent),
            ("SUB without arguments", "SUB\r\n", nil),
            ("SUB with a subject alone", "SUB foo\r\n", silent),
            ("SUB with four arguments", "SUB foo q 1 2\r\n", silent),
            ("UNSUB without arguments", "UNSUB\r\n", unknown),
            ("UNSUB with three arguments", "UNSUB 1 2 3\r\n", silent),
            ("PIN", "PIN\r\n", unknown),
            ("PINGG", "PINGG\r\n", nil),
            ("a NUL", "\0PING\r\n", unknown),
            ("CONNECT without arguments", "CONNECT\r\n", nil),
            ("a carriage return alone", "PING\rPING\r\n", nil),
        ]
        for (step, text, claimed) in faults { try stage.connect(user).does(step, text, claimed) }
        try stage.connect(user, ["headers": false, "no_responders": false]).does(
            "HPUB without having asked for headers", "HPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", silent)
    }
}

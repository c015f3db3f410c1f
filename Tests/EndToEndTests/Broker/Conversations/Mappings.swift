import Foundation

extension ConversationGroup {
    /// What accounts make of the subjects of their clients.
    static let mappings = [mappingFunctions, mappingWeights]

    private static let functions:
        [(name: String, source: String, target: String, publish: [String], heard: [String]?)] = [
            ("literal", "a", "b", ["a"], ["b"]), ("reference", "c.*", "d.$1", ["c.1"], ["d.1"]),
            ("swapped", "e.*.*", "f.$2.$1", ["e.1.2"], ["f.2.1"]),
            ("left unused", "many.*.*", "m.$2", ["many.1.2"], ["m.2"]),
            ("wildcard", "g.*.*", "h.{{wildcard(2)}}.{{wildcard(1)}}", ["g.1.2"], ["h.2.1"]),
            ("wildcard, first letter capital", "g2.*", "h2.{{Wildcard(1)}}", ["g2.1"], ["h2.1"]),
            ("wildcard in capitals", "g3.*", "h3.{{WILDCARD(1)}}", ["g3.1"], ["g3.1"]),
            ("wildcard with blanks", "g4.*", "h4.{{ wildcard( 1 ) }}", ["g4.1"], nil),
            ("partition", "p.*", "p2.$1.{{partition(10,1)}}", ["p.1", "p.2", "p.abc", "p.xyz", "p.5"], nil),
            ("partition of two", "pp.*.*", "pp2.{{partition(7,1,2)}}", ["pp.a.b", "pp.b.a", "pp.c.d"], nil),
            ("partition of all", "pq.*.*", "pq2.{{partition(7)}}", ["pq.a.b", "pq.c.d"], nil),
            ("partition of none", "pz.*", "pz2.{{partition(0,1)}}", ["pz.a"], nil),
            ("split", "s.*", "s2.{{split(1,-)}}", ["s.a-b-c", "s.abc", "s.-a-", "s.--"], nil),
            ("split from left", "sl.*", "sl2.{{splitfromleft(1,2)}}", ["sl.abcdef", "sl.ab", "sl.a"], nil),
            ("split from right", "sr.*", "sr2.{{splitfromright(1,2)}}", ["sr.abcdef", "sr.ab"], nil),
            ("slice from left", "cl.*", "cl2.{{slicefromleft(1,2)}}", ["cl.abcdef", "cl.abcde", "cl.a"], nil),
            ("slice from right", "cr.*", "cr2.{{slicefromright(1,2)}}", ["cr.abcdef", "cr.abcde", "cr.a"], nil),
            ("left", "l.*", "l2.{{left(1,2)}}", ["l.abcd", "l.a"], nil),
            ("right", "r.*", "r2.{{right(1,2)}}", ["r.abcd", "r.a"], nil),
            ("unknown function", "un.*", "un2.{{nothing(1)}}", ["un.a"], ["un.a"]),
            ("no destination", "no", "", ["no"], nil),
            ("a wildcard out of range", "o.*", "o2.$2", ["o.a"], ["o.a"]),
            ("not mapped again", "ch", "a", ["ch"], ["a"]),
            ("a rest", "t.>", "t2.>", ["t.a.b"], ["t2.a.b"]), ("to itself", "i", "i", ["i"], ["i"]),
            ("a wildcard as a word", "c.*", "d.$1", [], []),
            ("random of one", "rn.*", "rn2.{{random(1)}}", ["rn.a"], nil),
        ]

    private static let mappingFunctions = Conversation(
        "mappings",
        accounts: { cast in
            for (place, row) in functions.enumerated() {
                let more: [String: Any] = row.name == "not mapped again" ? ["a": [["subject": "b"]]] : [:]
                let targets: [[String: Any]] = row.target.isEmpty ? [] : [["subject": row.target]]
                try cast.preload("A\(place)", ["mappings": more.merging([row.source: targets]) { $1 }])
            }
            try cast.preload("O", ["mappings": ["x.*": [["subject": "star"]], "x.a": [["subject": "exact"]]]])
        }
    ) { stage in
        for (place, row) in functions.enumerated() {
            let client = try stage.greeted()
            let said = try client.logIn(stage.cast.user("u", of: "A\(place)"))
            guard said == ["in"] else {
                try stage.note(row.name, said)
                continue
            }
            try client.quietly("SUB > 1\r\n")
            for subject in row.publish { try client.send("PUB \(subject) 0\r\n\r\n") }
            try stage.note(row.name, client.collected().map(\.subject), row.heard)
        }
        let client = try stage.connect("u", of: "O")
        try client.quietly("SUB > 1\r\n")
        try client.does("a word beside a star", "PUB x.b 0\r\n\r\n", ["MSG star 1 0: "])
        let wild = try stage.connect("w", of: "A1")
        try wild.quietly("SUB > 1\r\n")
        try wild.does("a published wildcard", "PUB c.* 0\r\n\r\nPUB c.> 0\r\n\r\n")
        try wild.does(
            "headers and reply stay", "HPUB c.1 r 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n",
            ["HMSG d.1 1 r: NATS/1.0⏎A: b⏎⏎| hi"])
        try wild.does("subscriptions are not mapped", "UNSUB 1\r\nSUB c.* 2\r\nPUB c.1 0\r\n\r\n", [])
        try wild.does("no responders of what is mapped", "SUB in 3\r\nPUB c.1 in 0\r\n\r\n")
    }

    private static let mappingWeights = Conversation(
        "mapping weights",
        accounts: { cast in
            let weights: [(String, [(String, Int)])] = [
                ("half", [("h.a", 50), ("h.b", 50)]), ("rest", [("r.a", 40)]), ("lost", [("l.a", 50), ("lost", 1)]),
                ("zero", [("z.a", 0)]),
                ("all", [("w.a", 100)]),
            ]
            var claims: [String: Any] = [:]
            for (source, targets) in weights {
                claims[source] = targets.map { ["subject": $0.0, "weight": $0.1] as [String: Any] }
            }
            claims["dice.*"] = [["subject": "d.{{random(3)}}"]]
            try cast.preload("A", ["mappings": claims])
        }
    ) { stage in
        let client = try stage.connect("u", of: "A")
        try client.quietly("SUB > 1\r\n")
        func counts(_ subject: String) throws -> [String: Int] {
            try client.send(String(repeating: "PUB \(subject) 0\r\n\r\n", count: 400))
            return Dictionary(try client.collected().map { ($0.subject, 1) }, uniquingKeysWith: +)
        }
        // Four hundred throws: what is said here fails by chance once in many millions.
        let half = try counts("half")
        try stage.note(
            "half and half",
            [
                "\(half.keys.sorted())", "\(half.values.reduce(0, +))",
                "\(half.values.allSatisfy { (120...280).contains($0) })",
            ], [#"["h.a", "h.b"]"#, "400", "true"])
        let rest = try counts("rest")
        try stage.note(
            "the rest stays",
            ["\(rest.keys.sorted())", "\(rest.values.reduce(0, +))", "\((90...230).contains(rest["r.a"] ?? 0))"],
            [#"["r.a", "rest"]"#, "400", "true"])
        let lost = try counts("lost")
        let sum = lost.values.reduce(0, +)
        try stage.note(
            "the rest is lost where the source is listed",
            ["\((120...280).contains(lost["l.a"] ?? 0))", "\((lost["lost"] ?? 0) < 40)", "\(sum < 300)"],
            ["true", "true", "true"])
        try stage.note("a weight of 0 is all", ["\(try counts("zero"))"], [#"["z.a": 400]"#])
        try stage.note("all", ["\(try counts("all"))"], [#"["w.a": 400]"#])
        let dice = try counts("dice.x")
        try stage.note(
            "dice", ["\(dice.keys.sorted())", "\(dice.values.reduce(0, +))", "\(dice.values.allSatisfy { $0 > 60 })"])
    }
}

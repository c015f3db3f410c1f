import Foundation

extension ConversationGroup {
    /// Who loads first is the same on both: the one that connects first.
    static let cycles = Conversation(
        "cycles",
        accounts: { cast in
            // The one that is signed last closes the circle.
            func signed(_ place: String) -> Cast.Claims {
                var more = Cast.Claims()
                more.issuedAt = Cast.now - 60 + (Int(place) ?? 0)
                return more
            }
            func both(_ name: String, _ kind: (String, [String: Any]) -> [String: Any]) throws {
                for (one, other) in [("1", "2"), ("2", "1")] {
                    try cast.preload(
                        "\(name)\(one)",
                        [
                            "exports": [kind("x.>", [:])],
                            "imports": [kind("x.>", ["account": try cast.id("\(name)\(other)")])],
                        ], signed(one))
                }
            }
            try both("services", service)
            try both("streams", stream)
            for (one, other) in [("1", "2"), ("2", "3"), ("3", "1")] {
                try cast.preload(
                    "three\(one)",
                    [
                        "exports": [service("y.a")],
                        "imports": [
                            service("y.a", ["account": try cast.id("three\(other)")]),
                            service("z.\(one)", ["account": try cast.id("aside")]),
                        ],
                    ], signed(one))
            }
            try cast.preload("aside", ["exports": [service("z.*")]])
        }
    ) { stage in
        for name in ["services", "three"] {
            let count = name == "three" ? 3 : 2
            let clients = try (1...count).map { try stage.connect("u\($0)", of: "\(name)\($0)") }
            for client in clients { try client.quietly("SUB in 1\r\nSUB x.w.> 2\r\nSUB z.> 3\r\nSUB y.a 4\r\n") }
            let subject = name == "three" ? "y.a" : "x.w.a"
            var seen: [String] = []
            for (place, client) in clients.enumerated() {
                try client.send("PUB \(subject) in 0\r\n\r\n")
                try client.settle()
                let heard = try clients.map { try "\($0.collected().filter { $0.subject != "in" }.count)" }
                seen.append("\(place + 1) asks: \(heard.joined(separator: " "))")
            }
            try stage.note("\(name), the servers go on", seen)
            for client in clients { try client.leave() }
        }
        let (one, two) = (try stage.connect("s1", of: "streams1"), try stage.connect("s2", of: "streams2"))
        for client in [one, two] { try client.quietly("SUB x.> 1\r\n") }
        try one.send("PUB x.one 0\r\n\r\n")
        try one.settle()
        try two.send("PUB x.two 0\r\n\r\n")
        try two.settle()
        let heard = try [one, two].map { try $0.collected().map(\.subject).sorted().joined(separator: " ") }
        try stage.note("streams, the servers go on", heard)
        try stage.connect("beside", of: "aside").does(
            "others are not touched", "SUB z.1 1\r\nPUB z.1 0\r\n\r\n", ["MSG z.1 1 0: "])
    }
}

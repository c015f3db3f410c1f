import Foundation

extension ConversationGroup {
    /// Who may import, and by which token.
    static let authorization = [exportsThatApply, activations, cycles]

    /// Whether messages of an exporter reach an importer.
    private static func delivers(
        _ stage: Stage, from exporter: Talker, _ remote: String, to account: String, _ local: String,
        kind: String = "stream"
    ) throws -> [String] {
        let client = try stage.greeted()
        let said = try client.logIn(stage.cast.user("u of \(account)", of: account))
        guard said == ["in"] else { return said }
        defer { try? client.leave() }
        if kind == "service" {
            try exporter.quietly("SUB \(remote) asked\r\n")
            try client.quietly("SUB in 1\r\n")
            try client.send("PUB \(local) in 0\r\n\r\n")
            try client.settle()
            let asked = try exporter.collected().count
            try exporter.quietly("UNSUB asked\r\n")
            return ["asked \(asked) times"]
        }
        try client.quietly("SUB \(local) 1\r\n")
        try exporter.quietly("PUB \(remote) 0\r\n\r\n")
        return try client.collected().map { "delivered \($0.subject)" }
    }

    private struct Import {
        let name: String
        let type: String
        let subject: String
        /// What is published there, and what it is here.
        let remote: String
        /// Whether the real server delivers.
        let isLet: Bool?
        var more: @Sendable (Cast, String) throws -> [String: Any] = { _, _ in [:] }
    }

    private static let imports: [Import] = {
        let token = { @Sendable (subject: String) -> (@Sendable (Cast, String) throws -> [String: Any]) in
            { cast, importer in ["token": try cast.activation(subject, "stream", for: importer, from: "E")] }
        }
        return [
            Import(name: "public", type: "stream", subject: "pub.a", remote: "pub.a", isLet: true),
            Import(name: "public, part of it", type: "stream", subject: "pub.*", remote: "pub.a", isLet: true),
            Import(name: "public, more than it", type: "stream", subject: "pub.>", remote: "pub.a", isLet: true),
            Import(name: "not exported", type: "stream", subject: "none.a", remote: "none.a", isLet: false),
            Import(name: "wider than the export", type: "stream", subject: "one.*", remote: "one.a", isLet: false),
            Import(name: "a rest in a star", type: "stream", subject: "st.>", remote: "st.a.b", isLet: nil),
            Import(
                name: "a literal that begins with a star", type: "stream", subject: "q.zzz", remote: "q.zzz",
                isLet: true),
            Import(name: "a service as a stream", type: "stream", subject: "svc", remote: "svc", isLet: false),
            Import(name: "a stream as a service", type: "service", subject: "pub.a", remote: "pub.a", isLet: false),
            Import(name: "private, no token", type: "stream", subject: "priv.a", remote: "priv.a", isLet: false),
            Import(
                name: "private, its token", type: "stream", subject: "priv.a", remote: "priv.a", isLet: true,
                more: token("priv.a")),
            Import(
                name: "private, a wider token", type: "stream", subject: "priv.a", remote: "priv.a", isLet: true,
                more: token("priv.*")),
            Import(
                name: "private, a token wider than the export", type: "stream", subject: "priv.a", remote: "priv.a",
                isLet: true, more: token(">")),
            Import(
                name: "private, a token of a star for a rest", type: "stream", subject: "rest.>", remote: "rest.a.b",
                isLet: nil, more: token("rest.*")),
            Import(name: "position, its own", type: "stream", subject: "pos.ME.x", remote: "pos.ME.x", isLet: true),
            Import(
                name: "position, another's", type: "stream", subject: "pos.OTHER.x", remote: "pos.OTHER.x", isLet: false
            ),
            Import(name: "position, a star", type: "stream", subject: "pos.*.x", remote: "pos.OTHER.x", isLet: false),
            Import(
                name: "position and token, no token", type: "stream", subject: "both.ME", remote: "both.ME", isLet: true
            ),
            Import(
                name: "position and token, another's position", type: "stream", subject: "both.OTHER",
                remote: "both.OTHER", isLet: false,
                more: { cast, importer in
                    ["token": try cast.activation("both.\(cast.id("OTHER"))", "stream", for: importer, from: "E")]
                }),
            Import(
                name: "overlapping exports, the private one approves", type: "service", subject: "ov.b.a",
                remote: "ov.b.a", isLet: nil),
            Import(
                name: "an exact export beside a wider one", type: "stream", subject: "ex.a", remote: "ex.a", isLet: nil),
            Import(
                name: "a public export with an expired token", type: "stream", subject: "pub.a", remote: "pub.a",
                isLet: true,
                more: { cast, importer in
                    var more = Cast.Claims()
                    more.expires = Cast.now - 10
                    return ["token": try cast.activation("pub.a", "stream", for: importer, from: "E", more)]
                }),
        ]
    }()

    private static func filled(_ text: String, _ cast: Cast, _ importer: String) throws -> String {
        text.replacing("ME", with: try cast.id(importer)).replacing("OTHER", with: try cast.id("OTHER"))
    }

    private static let exportsThatApply = Conversation(
        "exports",
        accounts: { cast in
            try cast.preload(
                "E",
                [
                    "exports": [
                        stream("pub.>"), stream("one.a"), stream("st.*"), stream("q.*x"), service("svc"),
                        stream("priv.*", ["token_req": true]),
                        stream("rest.>", ["token_req": true]), stream("pos.*.x", ["account_token_position": 2]),
                        stream("both.*", ["account_token_position": 2, "token_req": true]),
                        service("ov.*.a"), service("ov.b.*"),
                    ]
                ])
            for (place, row) in imports.enumerated() {
                let id = "I\(place)"
                var import_: [String: Any] = [
                    "name": row.name, "type": row.type, "subject": try filled(row.subject, cast, id),
                    "account": try cast.id("E"),
                ]
                import_.merge(try row.more(cast, id)) { $1 }
                try cast.preload(id, ["imports": [import_]])
            }
        }
    ) { stage in
        let exporter = try stage.connect("exporter", of: "E")
        for (place, row) in imports.enumerated() {
            let id = "I\(place)"
            let remote = try filled(row.remote, stage.cast, id)
            let seen = try delivers(
                stage, from: exporter, remote, to: id, row.type == "service" ? remote : ">", kind: row.type)
            let claimed = row.isLet.map { isLet in
                row.type == "service"
                    ? ["asked \(isLet ? 1 : 0) times"] : isLet ? ["delivered \(stage.cast.normalised(remote))"] : []
            }
            try stage.note(row.name, seen, claimed)
        }
    }

    private enum Outcome { case works, skipped, rejected }

    /// Activation tokens with one property each, for a stream and for a service.
    private static let tokens:
        [(name: String, outcome: Outcome, token: @Sendable (Cast, String, String, String) throws -> String)] = {
            @Sendable func made(_ change: @escaping @Sendable (inout Cast.Claims) -> Void)
                -> @Sendable (Cast, String, String, String) throws -> String
            {
                { cast, kind, subject, importer in
                    var more = Cast.Claims()
                    change(&more)
                    return try cast.activation(subject, kind, for: importer, from: "E", more)
                }
            }
            return [
                ("by the exporter's key", .works, made { _ in }),
                ("by a signing key", .works, made { $0.by = "E1" }),
                (
                    "by a signing key that names nobody", .rejected,
                    { cast, kind, subject, importer in
                        try cast.activation(subject, kind, for: importer, from: "E1")
                    }
                ),
                ("by a stranger", .skipped, made { $0.by = "stranger" }),
                (
                    "by the importer", .skipped,
                    { cast, kind, subject, importer in
                        var more = Cast.Claims()
                        more.by = importer
                        return try cast.activation(subject, kind, for: importer, from: "E", more)
                    }
                ),
                ("by a scoped key", .works, made { $0.by = "E2" }),
                ("expired", .skipped, made { $0.expires = Cast.now - 10 }),
                ("not yet valid", .skipped, made { $0.notBefore = Cast.now + 3600 }),
                ("revoked", .skipped, made { $0.issuedAt = 1_000_000 }),
                (
                    "for another importer", .rejected,
                    { cast, kind, subject, _ in try cast.activation(subject, kind, for: "another", from: "E") }
                ),
                ("for anybody", .rejected, made { $0.top = ["sub": "*"] }),
                (
                    "narrower than the import", .rejected,
                    { cast, kind, subject, importer in
                        try cast.activation("\(subject).x", kind, for: importer, from: "E")
                    }
                ),
                (
                    "of the other kind", .rejected,
                    { cast, kind, subject, importer in
                        try cast.activation(subject, kind == "stream" ? "service" : "stream", for: importer, from: "E")
                    }
                ),
                ("garbage", .rejected, { _, _, _, _ in "garbage" }),
                ("issued ahead", .works, made { $0.issuedAt = Cast.now + 3600 }),
                ("with another's audience", .works, made { $0.top = ["aud": "x"] }),
                ("a URL", .rejected, { _, _, _, _ in "http://127.0.0.1:9/token" }),
            ]
        }()

    private static let activations = Conversation(
        "activations",
        accounts: { cast in
            _ = try cast.id("E1")
            let scope: [String: Any] = [
                "kind": "user_scope", "key": try cast.id("E2"), "role": "r", "template": [String: Any](),
            ]
            let revocations = ["*": 2_000_000]
            try cast.preload(
                "E",
                [
                    "exports": [
                        stream("s", ["token_req": true, "revocations": revocations]),
                        service("q", ["token_req": true, "revocations": revocations]),
                    ],
                    "signing_keys": [try cast.id("E1"), scope],
                ])
            for (place, row) in tokens.enumerated() {
                for (kind, subject) in [("stream", "s"), ("service", "q")] {
                    let id = "I\(place) \(kind)"
                    let more: [String: Any] = [
                        "account": try cast.id("E"), "token": try row.token(cast, kind, subject, id),
                    ]
                    try cast.preload(
                        id, ["imports": [kind == "stream" ? stream(subject, more) : service(subject, more)]])
                }
            }
        }
    ) { stage in
        let exporter = try stage.connect("exporter", of: "E")
        for (place, row) in tokens.enumerated() {
            for (kind, subject) in [("stream", "s"), ("service", "q")] {
                let seen = try delivers(stage, from: exporter, subject, to: "I\(place) \(kind)", subject, kind: kind)
                let claimed =
                    switch row.outcome {
                    case .works: kind == "stream" ? ["delivered s"] : ["asked 1 times"]
                    case .skipped: kind == "stream" ? [] : ["asked 0 times"]
                    case .rejected: refused
                    }
                try stage.note("\(row.name), \(kind)", seen, claimed)
            }
        }
    }
}

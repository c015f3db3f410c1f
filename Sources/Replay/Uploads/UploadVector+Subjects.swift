import NKeys
import Trust

/// What is exported, imported and mapped: subjects that would break the wire, and limits of the account.
extension UploadVector {
    static let subjects =
        [
            ("line-break", #"orders.\r\nnew"#), ("line-feed", #"orders.new\n"#), ("tab", #"orders.\tnew"#),
            ("space", "orders. new"), ("nul", #"orders.\u0000new"#), ("empty-token", "orders..new"),
            ("rest-inside", "orders.>.new"),
        ].map { name, subject in
            text("subject-export-\(name)", "`\(subject)` is exported", ["T18"], [.tokenContent]) {
                $0.payload(version: 2, nats: UploadScene.exports(subject, .stream))
            }
        } + [
            text("subject-import", #"`orders.\r\nnew` is imported"#, ["T18"], [.tokenContent]) {
                $0.payload(
                    version: 2,
                    nats: UploadScene.imports(UploadScene.imported(#"orders.\r\nnew"#, .stream, from: $0.other)))
            },
            text("subject-local", #"what is imported is put at `orders.\r\nnew`"#, ["T18"], [.tokenContent]) {
                let item = UploadScene.imported("orders.new", .stream, from: $0.other, local: #"orders.\r\nnew"#)
                return $0.payload(version: 2, nats: UploadScene.imports(item))
            },
            text("subject-mapping", #"messages are mapped to `orders.\r\nnew`"#, ["T18"], [.tokenContent]) {
                $0.payload(version: 2, nats: #""mappings":{"orders.new":[{"subject":"orders.\r\nnew","weight":100}]}"#)
            },
            text("subject-mapped", #"messages to `orders.\u0000new` are mapped"#, ["T18"], [.tokenContent]) {
                $0.payload(
                    version: 2, nats: #""mappings":{"orders.\u0000new":[{"subject":"orders.new","weight":100}]}"#)
            },
            text("subject-permission", #"the default permissions name `orders.\tnew`"#, ["T18"], [.tokenContent]) {
                $0.payload(version: 2, nats: #""default_permissions":{"pub":{"deny":["orders.\tnew"]},"sub":{}}"#)
            },
        ]

    /// The open limits with one of them changed.
    private static func limited(_ change: (name: String, member: String)) -> String {
        UploadScene.open.replacing(
            "\"\(change.name)\":\(change.name == "wildcards" ? "true" : "-1")", with: change.member)
    }

    /// What several exports say of one import, and the limits of an account.
    static let exports = [
        choice(
            "choice-revoked", "another export that holds the subject revokes the importer", [.activationRevoked],
            position: false
        ) {
            #"{"name":"beside","subject":"orders.*.new","type":"stream","token_req":true,"revocations":{"\#($0.key)":\#($0.times.revoked)}}"#
        },
        choice(
            "choice-position", "another export that holds the subject has a place for the importer", [.accountPosition],
            position: false
        ) { _ in #"{"name":"beside","subject":"orders.*.new","type":"stream","account_token_position":2}"# },
        choice(
            "choice-token", "another export that holds the subject asks for a token", [.activationMissing],
            position: true
        ) {
            #"{"name":"beside","subject":"feed.\#($0.key).*","type":"stream","token_req":true}"#
        },
        choice("choice-good", "another export that holds the subject is for everyone", nil, position: true) {
            #"{"name":"beside","subject":"feed.\#($0.key).*","type":"stream"}"#
        },
        limit("limits-imports", "the account imports more than its limit", ("imports", #""imports":0"#)) {
            UploadScene.imports(UploadScene.imported("orders.new", .stream, from: $0.other))
        },
        limit("limits-exports", "the account exports more than its limit", ("exports", #""exports":1"#)) { _ in
            #""exports":[\#(UploadScene.export("a", .stream)),\#(UploadScene.export("b", .stream))]"#
        },
        limit(
            "limits-wildcards", "the account exports a wildcard, which its limits forbid",
            ("wildcards", #""wildcards":false"#)
        ) { _ in UploadScene.exports("orders.*", .stream) },
    ]

    /// An import from an account with two exports that hold its subject, of which `export` is the other.
    private static func choice(
        _ id: String, _ about: String, _ rules: [Rule]?, position: Bool,
        _ export: @escaping @Sendable (UploadScene) -> String
    ) -> UploadVector {
        let all = rules.map { $0 + [.exportChoice, .uploadBinding] } ?? []
        return UploadVector(id, about, covers: ["T1"], all) { scene throws(KeyUseError) in
            let subject = position ? "feed.\(scene.key).new" : "orders.eu.new"
            let first =
                position
                ? UploadScene.export("feed.*.new", .stream, #","account_token_position":2"#)
                : UploadScene.export("orders.eu.*", .stream, #","token_req":true"#)
            let nats = #"{"subject":"\#(subject)","kind":"stream","type":"activation","version":2}"#
            let key = scene.other.publicKey.text
            let activation = try scene.sign(scene.common(of: scene.key, issuer: key, nats: nats), by: scene.other)
            let more = position ? "" : #","token":"\#(activation)""#
            let item = UploadScene.imported(subject, .stream, from: scene.other, more)
            return (
                [
                    try scene.store(scene.other, nats: #""exports":[\#(first)]"#),
                    try scene.store(nats: UploadScene.imports(item)),
                    try scene.store(scene.other, version: 2, nats: #""exports":[\#(first),\#(export(scene))]"#),
                ], try scene.store(version: 2, nats: UploadScene.imports(item))
            )
        }
    }

    /// What the account's own token is too much for.
    private static func limit(
        _ id: String, _ about: String, _ change: (name: String, member: String),
        _ nats: @escaping @Sendable (UploadScene) -> String
    ) -> UploadVector {
        UploadVector(id, about, covers: ["T1"], [.tokenContent, .accountLimits]) { scene throws(KeyUseError) in
            (
                [
                    try scene.store(scene.other, nats: UploadScene.exports("orders.new", .stream)),
                    try scene.store(nats: nats(scene)),
                ], try scene.store(version: 2, nats: nats(scene), limits: limited(change))
            )
        }
    }
}

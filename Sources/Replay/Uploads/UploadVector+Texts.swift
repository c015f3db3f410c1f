import NKeys
import Trust

/// The token as text: what kills a careless reader, or means two things (CVE-2020-26521, 2026-22, 2026-23, 2026-28).
extension UploadVector {
    static let texts =
        [
            UploadVector(
                "size-over", "the body has a byte more than 1 MiB", covers: ["T3"], [.tokenSize]
            ) { scene throws(KeyUseError) in
                let path = ReplaySuite.Request.accounts + scene.key
                let attack = ReplaySuite.Request(.post, path, try scene.token(version: 2), size: (1 << 20) + 1)
                return ([try scene.store()], attack)
            },
            UploadVector("text-empty", "there is no token", covers: ["T3"], [.tokenSegments]) {
                scene throws(KeyUseError) in
                try scene.over("")
            },
            UploadVector(
                "text-journal", "the body ends a string and goes on as an entry of a journal would",
                covers: ["T3", "T18"], [.tokenSegments]
            ) { scene throws(KeyUseError) in
                // A backslash that is written as it is takes the one that is put before the quote.
                try scene.over(#"AAAAAAAAAAAAAAA\","outcome":"accepted","rules":[],"token":"BBBBBBBB\B"#)
            },
            UploadVector("text-two-parts", "the signature is missing", covers: ["T3"], [.tokenSegments]) {
                scene throws(KeyUseError) in
                try scene.over(scene.token(version: 2).split(separator: ".").prefix(2).joined(separator: "."))
            },
            UploadVector("text-spare-bits", "the signature has bits set that nothing reads", [.tokenBase64]) {
                scene throws(KeyUseError) in try scene.over(TokenForgery.withSpareBits(scene.token(version: 2)))
            },
            UploadVector("text-no-algorithm", "`alg` is `none`", covers: ["T1"], [.tokenAlgorithm]) {
                scene throws(KeyUseError) in
                let header = #"{"typ":"JWT","alg":"none"}"#
                let payload = Array(scene.payload(version: 2).utf8)
                return try scene.over(TokenForgery.token(payload, header: header, by: scene.accountsOperator))
            },
            UploadVector("text-changed", "a claim was changed after signing", [.tokenSignature]) {
                scene throws(KeyUseError) in
                let payload = Array(scene.payload(version: 2, limits: "").utf8)
                return try scene.over(TokenForgery.token(scene.token(version: 2), withPayload: payload))
            },
            json("json-broken", "the payload breaks off") { String($0.payload(version: 2).dropLast(20)) },
            json("json-two", "two objects follow each other") { $0.payload(version: 2) + "{}" },
            json("json-list", "the payload is a list") { "[\($0.payload(version: 2))]" },
            text("json-subject-twice", "`sub` stands twice", ["T3"], [.tokenJSON, .uploadPath]) {
                $0.payload(version: 2, more: #""sub":"\#($0.other.publicKey.text)","#)
            },
            json("json-subject-in-capitals", "`SUB` stands beside `sub`") {
                $0.payload(version: 2, more: #""SUB":"\#($0.other.publicKey.text)","#)
            },
            json("json-content-twice", "`nats` stands twice") {
                $0.payload(version: 2, more: #""nats":{\#(UploadScene.kind)},"#)
            },
            json("json-imports-twice", "`imports` stands twice") {
                $0.payload(version: 2, nats: #""imports":[],"imports":[]"#)
            },
            json("json-deep", "lists are nested a thousand deep") {
                let depth = 1000
                let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                return $0.payload(version: 2, more: #""x":\#(list),"#)
            },
            json("json-surrogate", "half a surrogate pair stands in a text") {
                $0.payload(version: 2, more: #""x":"\ud800","#)
            },
            json("json-control", "a line break stands in a text as it is") {
                $0.payload(version: 2, more: "\"x\":\"a\nb\",")
            },
            json("json-null-import", "an import is null") { $0.payload(version: 2, nats: #""imports":[null]"#) },
            json("json-odd-exports", "`exports` is an object") { $0.payload(version: 2, nats: #""exports":{}"#) },
            json("json-odd-limits", "`limits` is a list") { $0.payload(version: 2, limits: #""limits":[]"#) },
            json("json-odd-keys", "`signing_keys` is a number") { $0.payload(version: 2, nats: #""signing_keys":7"#) },
            text("json-fraction", "`iat` has a fraction", ["T3", "T19"], [.tokenJSON, .tokenIssuedAt]) {
                $0.payload(issued: "\($0.times.accountsIssued + 20).5")
            },
            text("json-exponent", "`iat` has an exponent", ["T3", "T19"], [.tokenJSON, .tokenIssuedAt]) {
                $0.payload(issued: "1e400")
            },
        ]

    static let numbers = [
        text("number-past-all", "`iat` does not fit into 64 bits", ["T19"], [.tokenJSON, .tokenIssuedAt]) {
            $0.payload(issued: "9223372036854775808")
        },
        text("number-least", "`iat` is the least number", ["T19"], [.tokenJSON, .tokenIssuedAt]) {
            $0.payload(issued: "-9223372036854775808")
        },
        text("number-greatest", "`iat` is the greatest number", ["T19"], [.tokenIssuedAt]) {
            $0.payload(issued: "9223372036854775807")
        },
        json("number-limit-past-all", "a limit does not fit into 64 bits", ["T19"]) {
            $0.payload(version: 2, limits: #""limits":{"subs":99999999999999999999}"#)
        },
        json("number-position-greatest", "the importer's place in a subject is the greatest number", ["T19"]) {
            $0.payload(
                version: 2,
                nats: UploadScene.exports("orders.*", .service, #","account_token_position":9223372036854775807"#))
        },
        text("number-position-beyond", "the importer's place is far behind the subject", ["T19"], [.tokenContent]) {
            $0.payload(
                version: 2, nats: UploadScene.exports("orders.*", .service, #","account_token_position":4294967295"#))
        },
        json("number-position-least", "the importer's place in a subject is the least number", ["T19"]) {
            $0.payload(
                version: 2,
                nats: UploadScene.exports("orders.*", .service, #","account_token_position":-9223372036854775808"#))
        },
        text("number-weight-greatest", "weights of a mapping add up to more than there is", ["T19"], [.tokenContent]) {
            $0.payload(
                version: 2,
                nats: #""mappings":{"a":[{"subject":"b","weight":255},{"subject":"c","weight":255}]}"#)
        },
        json("number-weight-past-all", "a weight of a mapping is the greatest number", ["T19"]) {
            $0.payload(version: 2, nats: #""mappings":{"a":[{"subject":"b","weight":9223372036854775808}]}"#)
        },
        json("number-revocation-past-all", "a revocation does not fit into 64 bits", ["T19"]) {
            $0.payload(version: 2, nats: #""revocations":{"*":9223372036854775808}"#)
        },
    ]

    static let keys = [
        text("key-subject", "`sub` lacks its last character", ["T15"], [.tokenSubject, .tokenKey]) {
            $0.payload(of: String($0.key.dropLast()), version: 2)
        },
        text("key-issuer", "`iss` lacks its last character", ["T15"], [.tokenIssuer, .tokenKey]) {
            $0.payload(version: 2, issuer: String($0.accountsOperator.publicKey.text.dropLast()))
        },
        text("key-signing", "a signing key lacks its last character", ["T15"], [.tokenKey]) {
            $0.payload(version: 2, nats: #""signing_keys":["\#($0.accountSigner.publicKey.text.dropLast())"]"#)
        },
        text("key-signing-lower-case", "a signing key is in lower case", ["T15"], [.tokenKey]) {
            $0.payload(version: 2, nats: #""signing_keys":["\#($0.accountSigner.publicKey.text.lowercased())"]"#)
        },
        text("key-signing-role", "a signing key is a user's", ["T15"], [.tokenKey]) {
            $0.payload(version: 2, nats: #""signing_keys":["\#($0.company.user.publicKey.text)"]"#)
        },
        text("key-scope", "the key of a role lacks its last character", ["T15"], [.tokenKey]) {
            let key = $0.accountSigner.publicKey.text.dropLast()
            return $0.payload(
                version: 2, nats: #""signing_keys":[{"kind":"user_scope","key":"\#(key)","role":"r","template":{}}]"#)
        },
        text("key-import", "the exporter's key in an import is one byte short", ["T15"], [.tokenKey]) {
            let item = #"{"subject":"a","account":"\#($0.other.publicKey.text.dropLast(2))","type":"stream"}"#
            return $0.payload(version: 2, nats: #""imports":[\#(item)]"#)
        },
        text("key-revocation", "a revoked user's key lacks its last character", ["T15"], [.tokenKey]) {
            $0.payload(version: 2, nats: #""revocations":{"\#($0.company.user.publicKey.text.dropLast())":1}"#)
        },
        text("key-callout", "a user of the callout lacks the last character", ["T15"], [.tokenKey]) {
            $0.payload(
                version: 2, nats: #""authorization":{"auth_users":["\#($0.company.user.publicKey.text.dropLast())"]}"#)
        },
    ]

    /// A JSON text that is none, or not of the right shape.
    private static func json(
        _ id: String, _ about: String, _ covers: [String] = ["T3"],
        _ payload: @escaping @Sendable (UploadScene) -> String
    ) -> UploadVector { text(id, about, covers, [.tokenJSON], payload) }

    /// A payload that the operator has signed, whatever it says.
    static func text(
        _ id: String, _ about: String, _ covers: [String], _ rules: [Rule],
        _ payload: @escaping @Sendable (UploadScene) -> String
    ) -> UploadVector {
        UploadVector(id, about, covers: covers, rules) { scene throws(KeyUseError) in
            try scene.over(scene.sign(payload(scene)))
        }
    }
}

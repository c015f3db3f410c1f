import Foundation
import NKeys

extension ConversationGroup {
    /// Who is let in.
    static let users =
        [
            issuers, revocation, proofs, tokenText,
        ] + conditions + [accountsOfUsers]

    static let refused = ["-ERR 'Authorization Violation'", "closed"]

    private static let issuers = Conversation(
        "issuers",
        accounts: { cast in
            try cast.preload("A", ["signing_keys": [try cast.id("A1")]])
            try cast.preload("B", ["signing_keys": [try cast.id("B1")]])
        }
    ) { stage in
        let cast = stage.cast
        let a = try cast.id("A")
        let rows: [(String, by: String, account: Any?, Bool)] = [
            ("the account's key", "A", nil, true), ("the account's key, naming it", "A", a, true),
            ("a signing key, naming the account", "A1", a, true), ("a signing key alone", "A1", nil, false),
            ("the account's key, naming another", "A", try cast.id("B"), false),
            ("another's signing key, naming the account", "B1", a, false),
            ("a stranger, naming the account", "stranger", a, false), ("a stranger", "stranger", nil, false),
            ("the account's key, naming a user", "A", try cast.id("some user", .user), false),
            ("the account's key, naming nonsense", "A", "A", false),
        ]
        for (place, row) in rows.enumerated() {
            var more = Cast.Claims()
            more.by = row.by
            let user = try cast.user("u\(place)", of: "A", ["issuer_account": row.account ?? NSNull()], more)
            try stage.login(row.0, user, [:], row.3 ? ["in"] : refused)
        }
        for (step, key, role) in [("the operator", "OP", KeyRole.operator), ("a user", "signing user", .user)] {
            _ = try cast.keys(key, role)
            var more = Cast.Claims()
            more.by = key
            try stage.login("signed by \(step)", cast.user("x \(key)", of: "A", [:], more), [:], refused)
        }
        // Who the token is about, and who signs the nonce.
        for (step, subject, signer, isLet) in [
            ("about an account", "A", "A", true), ("about the operator", "OP", "OP", true),
        ] {
            var more = Cast.Claims()
            more.top = ["sub": try cast.id(subject)]
            let user = Cast.User(
                token: try cast.user("y \(subject)", of: "A", [:], more).token, keys: try cast.keys(signer))
            try stage.login(step, user, [:], isLet ? ["in"] : refused)
        }
        for (step, subject) in [
            ("about nonsense", "foo" as Any), ("about nobody", NSNull()), ("about a truncated key", "UAAA"),
        ] {
            var more = Cast.Claims()
            more.top = ["sub": subject]
            try stage.login("\(step), a bearer", cast.user("z", of: "A", ["bearer_token": true], more), [:])
            try stage.login(step, cast.user("z", of: "A", [:], more), [:], refused)
        }
    }

    private static let revocation = Conversation(
        "revocation",
        accounts: { cast in
            let then = Cast.now
            var revocations: [String: Int] = [:]
            for (name, time) in [("before", then - 100), ("at", then), ("after", then + 100)] {
                revocations[try cast.id(name, .user)] = time
            }
            try cast.preload("A", ["revocations": revocations, "description": "\(then)"])
            try cast.preload("B", ["revocations": ["*": then]])
            try cast.preload("C", ["revocations": ["*": then - 100, try cast.id("other", .user): then + 100]])
        }
    ) { stage in
        // Tokens of one moment, whenever the server runs: the revocations are around it.
        guard let then = try stage.cast.preloadedClaim("A", "description").flatMap({ Int("\($0)") }) else {
            throw Fault("no time")
        }
        var more = Cast.Claims()
        more.issuedAt = then
        for (name, account, isLet) in [
            ("before", "A", true), ("at", "A", false), ("after", "A", false), ("another", "A", true),
            ("any", "B", false),
            ("any", "C", true), ("other", "C", false),
        ] {
            try stage.login(
                "\(name) in \(account)", stage.cast.user(name, of: account, [:], more), [:], isLet ? ["in"] : refused)
        }
        more.issuedAt = then + 1
        try stage.login("a second later", stage.cast.user("any", of: "B", [:], more), [:], ["in"])
        more.top = ["iat": NSNull()]
        try stage.login("without iat", stage.cast.user("any", of: "B", [:], more), [:], refused)
        try stage.login(
            "without iat, where nothing is revoked", stage.cast.user("another", of: "A", [:], more), [:], ["in"])
    }

    private static let proofs = Conversation("proofs") { stage in
        let user = try stage.cast.user("u", of: "A")
        let other = try KeyPair.generate(.user)
        func tries(_ step: String, _ claimed: [String]?, _ spelling: ((Data, Talker)) throws -> Any) throws {
            // Signatures whose text has `+` or `/`, so that the alphabets differ.
            while true {
                let client = try stage.greeted()
                let signature = Data(try user.keys.sign(Array(client.nonce.utf8)).rawBytes)
                let text = signature.base64EncodedString()
                guard text.contains("+") && text.contains("/") else { continue }
                return try stage.note(step, client.logIn(user, ["sig": spelling((signature, client))]), claimed)
            }
        }
        let url = { (data: Data) in TokenText.base64URL(data) }
        try tries("URL alphabet", ["in"]) { url($0.0) }
        try tries("standard alphabet, padded", ["in"]) { $0.0.base64EncodedString() }
        try tries("standard alphabet, not padded", refused) { $0.0.base64EncodedString().replacing("=", with: "") }
        try tries("URL alphabet, padded", refused) { url($0.0) + "==" }
        try tries("hexadecimal", refused) { $0.0.map { String(format: "%02x", $0) }.joined() }
        try tries("a line break in it", nil) { url($0.0).prefix(10) + "\n" + url($0.0).dropFirst(10) }
        try tries("spare bits", nil) { (data, _) in
            let text = url(data)
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            guard let last = text.last, let place = alphabet.firstIndex(of: last) else { return text }
            return String(text.dropLast()) + String(alphabet[place | 1])
        }
        try tries("by another key", refused) { (_, client) in try client.signature(by: other) }
        try tries("of the bytes behind the nonce", refused) { (_, client) in
            var text = client.nonce.replacing("-", with: "+").replacing("_", with: "/")
            text += "="
            return url(Data(try user.keys.sign(Array(Data(base64Encoded: text) ?? Data())).rawBytes))
        }
        let first = try stage.greeted()
        try tries("of another connection's nonce", refused) { _ in try first.signature(by: user.keys) }
        try tries("none", refused) { _ in NSNull() }
        try tries("empty", refused) { _ in "" }
        try tries("63 bytes", refused) { url($0.0.dropLast()) }
        try tries("65 bytes", refused) { url($0.0 + [0]) }
        let zeros = Data(repeating: 0, count: 64)
        try tries("zeros", refused) { _ in url(zeros) }
    }

    private static let tokenText = Conversation("token text") { stage in
        let cast = stage.cast
        let good = try cast.user("u", of: "A")
        func tries(_ step: String, _ token: String, _ claimed: [String]? = nil) throws {
            try stage.login(step, Cast.User(token: token, keys: good.keys), [:], claimed)
        }
        func user(_ header: [String: Any] = [:], top: [String: Any] = [:], _ claims: [String: Any] = [:]) throws
            -> String
        {
            var more = Cast.Claims()
            (more.header, more.top) = (header, top)
            return try cast.user("u", of: "A", claims, more).token
        }
        let algorithms: [(String, [String: Any], [String]?)] = [
            ("ed25519-nkey", [:], ["in"]), ("ed25519", ["alg": "ed25519"], ["in"]),
            ("capitals", ["alg": "ED25519-NKEY"], ["in"]), ("typ in small letters", ["typ": "jwt"], ["in"]),
            ("none", ["alg": "none"], refused), ("HS256", ["alg": "HS256"], refused),
            ("EdDSA", ["alg": "EdDSA"], refused),
            ("no typ", ["typ": NSNull()], refused), ("crit", ["crit": ["x"]], ["in"]), ("kid", ["kid": "x"], ["in"]),
        ]
        for (step, header, claimed) in algorithms { try tries("header, \(step)", user(header), claimed) }
        let bodies: [(String, [String: Any], [String: Any], [String]?)] = [
            ("version 3", [:], ["version": 3], refused), ("version 1 inside", [:], ["version": 1], refused),
            ("no version", [:], ["version": NSNull()], refused), ("USER", [:], ["type": "USER"], refused),
            ("account", [:], ["type": "account"], refused), ("activation", [:], ["type": "activation"], refused),
            ("an audience", ["aud": "x"], [:], ["in"]), ("no jti", ["jti": NSNull()], [:], ["in"]),
            ("no name", ["name": NSNull()], [:], ["in"]), ("unknown members", ["x": 1], ["y": 2], ["in"]),
            ("issued in an hour", ["iat": Cast.now + 3600], [:], ["in"]), ("issued at 0", ["iat": 0], [:], ["in"]),
            ("issued as text", ["iat": "0"], [:], refused), ("a negative exp", ["exp": -1], [:], nil),
            ("a blank in a permission", [:], ["pub": ["allow": ["foo q"]]], refused),
            ("two blanks in a permission", [:], ["sub": ["allow": ["foo q r"]]], refused),
            ("an empty permission", [:], ["pub": ["allow": [""]]], refused),
            ("an empty token in a permission", [:], ["pub": ["allow": ["a..b"]]], refused),
            ("a permission with a rest in the middle", [:], ["pub": ["allow": ["foo.>.bar"]]], ["in"]),
            ("a permission with a tab", [:], ["pub": ["allow": ["foo.\tbar"]]], nil),
            ("a permission of a blank", [:], ["sub": ["allow": [" "]]], nil),
            ("a permission with a line end", [:], ["sub": ["allow": ["foo\r\nPUB x"]]], nil),
            ("a permission with a NUL", [:], ["sub": ["allow": ["foo\u{0}"]]], nil),
            ("subs as text", [:], ["subs": "1"], refused), ("subs too large", [:], ["subs": 1e30], refused),
            ("nats null", ["nats": NSNull()], [:], refused),
        ]
        for (step, top, claims, claimed) in bodies { try tries("payload, \(step)", user(top: top, claims), claimed) }
        let parts = good.token.split(separator: ".").map(String.init)
        try tries("padding", parts[0] + "." + parts[1] + "." + parts[2] + "==", refused)
        try tries("a line feed behind", good.token + "\n", ["in"])
        try tries(
            "a line feed inside", parts[0] + "." + parts[1] + "." + parts[2].prefix(9) + "\n" + parts[2].dropFirst(9),
            ["in"])
        try tries("a blank behind", good.token + " ", refused)
        try tries("two parts", parts[0] + "." + parts[1], refused)
        try tries("four parts", good.token + ".x", refused)
        try tries(
            "another signature", parts[0] + "." + parts[1] + "." + TokenText.base64URL(Data(repeating: 1, count: 64)),
            refused)
        try tries("nothing", "", refused)
        try tries("an account's token", cast.account("A"), refused)
        let one = try TokenTextOfVersion1(good.token)
        try tries("version 1", one.signed(by: cast.keys("A"), whole: false))
        try tries("version 1, signed as version 2", one.signed(by: cast.keys("A"), whole: true), refused)
    }
}

/// A token in the layout of version 1.
struct TokenTextOfVersion1 {
    private let header: String
    private var payload: [String: Any]

    init(_ token: String) throws {
        var text = try TokenText(token)
        payload = text.payload
        var nats = payload["nats"] as? [String: Any] ?? [:]
        nats["type"] = nil
        nats["version"] = nil
        payload["nats"] = nats
        payload["type"] = "user"
        text.header["alg"] = "ed25519"
        header = TokenText.base64URL(try Cast.json(text.header))
    }

    /// The token, whose signature is over the payload alone unless `whole`.
    func signed(by keys: KeyPair, whole: Bool) throws -> String {
        let body = TokenText.base64URL(try Cast.json(payload))
        let signed = whole ? "\(header).\(body)" : body
        return "\(header).\(body).\(TokenText.base64URL(Data(try keys.sign(Array(signed.utf8)).rawBytes)))"
    }
}

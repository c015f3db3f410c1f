import Foundation
import NKeys

extension ConversationGroup {
    /// Accounts that ask a service of their own who their clients are.
    static let callout = [calloutQuestions, calloutAnswers, calloutUsers]

    /// `CAL` asks the service of `service`, who may put clients into `T`; its sentinel may do nothing.
    private static func prepare(_ cast: Cast) throws {
        try cast.preload(
            "CAL",
            [
                "signing_keys": [try cast.id("CAL1")],
                "authorization": [
                    "auth_users": [try cast.id("service", .user)],
                    "allowed_accounts": [try cast.id("T"), try cast.id("D"), try cast.id("R")],
                ],
            ])
        let scope: [String: Any] = [
            "kind": "user_scope", "key": try cast.id("T2"), "role": "r",
            "template": ["pub": ["allow": ["role.{{name()}}"]]],
        ]
        try cast.preload("T", ["signing_keys": [try cast.id("T1"), scope]])
        try cast.preload("D", ["default_permissions": ["pub": ["allow": ["d"]]], "limits": ["conn": 1]])
        try cast.preload("R", ["revocations": ["*": Cast.now + 1000]])
        try cast.preload("X")
    }

    private static func sentinel(_ cast: Cast) throws -> Cast.User {
        try cast.user("sentinel", of: "CAL", ["bearer_token": true, "pub": ["deny": [">"]], "sub": ["deny": [">"]]])
    }

    /// A service that hears what is asked.
    private static func service(_ stage: Stage) throws -> Talker {
        let service = try stage.connect("service", of: "CAL")
        try service.quietly("SUB $SYS.REQ.USER.AUTH asks\r\n")
        return service
    }

    /// What a server asks of a client.
    private struct Question {
        let text: TokenText
        let message: ServerLine.Message

        init(_ message: ServerLine.Message) throws {
            (self.message, text) = (message, try TokenText(message.text))
        }

        var user: String { text["user_nkey"] as? String ?? "" }
        var server: String { (text["server_id"] as? [String: Any])?["id"] as? String ?? "" }
    }

    /// A token of the service: for the server and the client that asked, with a user or a reason.
    private static func response(
        _ question: Question, _ cast: Cast, _ claims: [String: Any], by signer: String = "CAL",
        _ change: (inout Cast.Claims) -> Void = { _ in }
    ) throws -> String {
        var more = Cast.Claims()
        more.top = ["aud": question.server]
        change(&more)
        return try Cast.token(
            about: question.user, named: "", type: "authorization_response", claims, more, by: cast.keys(signer))
    }

    /// The user that the service returns.
    private static func user(
        _ question: Question, _ cast: Cast, by signer: String = "T", of account: String? = nil,
        _ claims: [String: Any] = [:], _ change: (inout Cast.Claims) -> Void = { _ in }
    ) throws -> String {
        var more = Cast.Claims()
        change(&more)
        var nats: [String: Any] = more.isBare ? [:] : ["subs": -1, "data": -1, "payload": -1]
        nats["issuer_account"] = try account.map { try cast.id($0) }
        nats.merge(claims) { $1 }
        return try Cast.token(
            about: question.user, named: more.name ?? "returned", type: "user", nats, more, by: cast.keys(signer))
    }

    /// A client that logs in, is asked about, and is answered so.
    private static func asked(
        _ stage: Stage, _ service: Talker, _ options: [String: Any] = [:], _ answer: (Question) throws -> String
    ) throws -> (talker: Talker, said: [String]) {
        let client = try stage.greeted()
        try client.send(client.connectLine(sentinel(stage.cast), options.merging(["sig": NSNull()]) { $1 }))
        let question = try Question(service.nextMessage())
        let text = try answer(question)
        guard let reply = question.message.reply else { throw Fault("the server asks without a reply subject") }
        try service.send("PUB \(reply) \(text.utf8.count)\r\n\(text)\r\n")
        return (client, try client.logIn(saying: ""))
    }

    private static let calloutQuestions = Conversation("callout, who is asked about", accounts: prepare) { stage in
        let cast = stage.cast
        try stage.login("while no service listens", sentinel(cast), ["sig": NSNull()], refused)
        let service = try service(stage)
        try stage.login("an account that asks nobody", cast.user("t", of: "T"), [:], ["in"])
        var old = Cast.Claims()
        old.expires = Cast.now - 100
        try stage.login("an expired sentinel", cast.user("e", of: "CAL", ["bearer_token": true], old), [:], refused)
        let (client, said) = try asked(
            stage, service, ["user": "me", "pass": "secret", "auth_token": "at", "name": "a client"]
        ) { question in
            let text = question.text
            try stage.note("header", ["\(text.header.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })"])
            try stage.note("members", text.payload.keys.sorted())
            let nats = text.payload["nats"] as? [String: Any] ?? [:]
            try stage.note("members of nats", nats.keys.sorted())
            for name in ["server_id", "client_info", "connect_opts"] {
                let members = nats[name] as? [String: Any] ?? [:]
                try stage.note("members of \(name)", members.keys.sorted())
                let told = members.filter { ["kind", "type", "name", "user", "pass", "auth_token"].contains($0.key) }
                if name != "server_id" {
                    try stage.note(
                        "values of \(name)", ["\(told.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })"])
                }
            }
            try stage.note(
                "values",
                [
                    "about the account: \(text.payload["sub"] as? String == (try cast.id("CAL")))",
                    "by the server: \(text.payload["iss"] as? String == question.server)",
                    "aud=\(text.payload["aud"] ?? "")", "type=\(nats["type"] ?? "")",
                    "version=\(nats["version"] ?? "")",
                    "ends: \(text.payload["exp"] != nil)", "headers: \(question.message.headers != nil)",
                ])
            return try response(question, cast, ["jwt": user(question, cast)])
        }
        try stage.note("a client that is granted", said, ["in"])
        try client.does("and works", "SUB a 1\r\nPUB a 0\r\n\r\n", ["MSG a 1 0: "])
        let info = try client.ask("$SYS.REQ.USER.INFO").json?["data"] as? [String: Any] ?? [:]
        try stage.note("who it is", ["user", "user_name", "account", "account_name"].map { "\($0)=\(info[$0] ?? "")" })
        // Keys and names of the service in CONNECT make nobody the service.
        let (_, named) = try asked(stage, service, ["nkey": try cast.id("service", .user)]) { question in
            try response(question, cast, ["error": "no"])
        }
        try stage.note("a client that names the service's key", named, refused)
        let signed = try stage.greeted()
        try signed.send(signed.connectLine(cast.user("signed", of: "CAL")))
        let question = try Question(service.nextMessage())
        let details = question.text["client_info"] as? [String: Any]
        try stage.note(
            "a user who signs is asked about too", ["nonce: \(details?["nonce"] as? String == signed.nonce)"])
        let text = try response(question, cast, ["jwt": user(question, cast, by: "CAL")])
        try service.send("PUB \(question.message.reply ?? "none") \(text.utf8.count)\r\n\(text)\r\n")
        try stage.note("and may be put where it is", try signed.logIn(saying: ""), ["in"])
        try signed.does(
            "who is in the account cannot ask", "PUB $SYS.REQ.USER.AUTH 0\r\n\r\n",
            ["-ERR 'Permissions Violation for Publish to \"$SYS.REQ.USER.AUTH\"'"])
    }

    private static let calloutAnswers = Conversation("callout, what answers count", accounts: prepare) { stage in
        let cast = stage.cast
        let service = try service(stage)
        func tries(_ step: String, _ claimed: [String]? = refused, _ answer: (Question) throws -> String) throws {
            try stage.note(step, asked(stage, service, [:], answer).said, claimed)
        }
        func answers(
            _ step: String, _ claimed: [String]? = refused, by signer: String = "CAL", with claims: [String: Any] = [:],
            _ change: @escaping (Question, inout Cast.Claims) -> Void = { _, _ in }
        ) throws {
            try tries(step, claimed) { question in
                let all = try ["jwt": user(question, cast)].merging(claims) { $1 }
                return try response(question, cast, all.filter { !($0.value is NSNull) }, by: signer) {
                    change(question, &$0)
                }
            }
        }
        let (calling, target) = (["issuer_account": try cast.id("CAL")], ["issuer_account": try cast.id("T")])
        try answers("by the account", ["in"])
        try answers("by the account, naming itself", ["in"], with: calling)
        try answers("by its signing key", ["in"], by: "CAL1")
        try answers("by its signing key, naming the account", ["in"], by: "CAL1", with: calling)
        try answers("by the target", by: "T")
        try answers("by a stranger", by: "stranger")
        try answers("by a stranger, naming the account", by: "stranger", with: calling)
        try answers("by the account, naming the target", with: target)
        try answers("by its signing key, naming the target", by: "CAL1", with: target)
        let other = try KeyPair.generate(.server).publicKey.text
        try answers("for another server") { $1.top["aud"] = other }
        try answers("for no server") { $1.top["aud"] = "x" }
        try answers("for nobody") { $1.top["aud"] = NSNull() }
        let somebody = try KeyPair.generate(.user).publicKey.text
        try answers("about another client") { $1.top["sub"] = somebody }
        try answers("expired") { $1.expires = Cast.now - 100 }
        try answers("with neither", with: ["jwt": NSNull()])
        try answers("with both", with: ["error": "no"])
        try answers("with a reason", with: ["jwt": NSNull(), "error": "not today"])
        try tries("empty") { _ in "" }
        try tries("garbage") { _ in "garbage" }
        try tries("a user's token and nothing around it") { try user($0, cast) }
        try tries("its own question") { $0.message.text }
    }

    private static let calloutUsers = Conversation("callout, what users count", accounts: prepare) { stage in
        let cast = stage.cast
        let service = try service(stage)
        func granted(
            _ step: String, _ claimed: [String]? = ["in"], by signer: String = "T", of account: String? = nil,
            with claims: [String: Any] = [:], _ change: (inout Cast.Claims) -> Void = { _ in }
        ) throws -> Talker {
            let (talker, said) = try asked(stage, service) { question in
                try response(question, cast, ["jwt": user(question, cast, by: signer, of: account, claims, change)])
            }
            try stage.note(step, said, claimed)
            return talker
        }
        _ = try granted("by the target's key")
        _ = try granted("by its signing key, naming it", by: "T1", of: "T")
        _ = try granted("by its signing key alone", refused, by: "T1")
        let scoped = try granted("by its scoped key", by: "T2", of: "T") { ($0.isBare, $0.name) = (true, "bob") }
        try scoped.does(
            "the role holds", "PUB role.bob 0\r\n\r\nPUB role.eve 0\r\n\r\n",
            ["-ERR 'Permissions Violation for Publish to \"role.eve\"'"])
        _ = try granted(
            "by its scoped key, with permissions", refused, by: "T2", of: "T", with: ["pub": ["allow": ["x"]]])
        _ = try granted("by a stranger", refused, by: "stranger", of: "T")
        _ = try granted("into an account that is not allowed", refused, by: "X")
        let somebody = try KeyPair.generate(.user).publicKey.text
        _ = try granted("about another client", refused) { $0.top["sub"] = somebody }
        _ = try granted("expired", refused) { $0.expires = Cast.now - 100 }
        _ = try granted("not yet", refused) { $0.notBefore = Cast.now + 1000 }
        _ = try granted("never at this time", refused, with: ["times": [["start": "00:00:00", "end": "00:00:00"]]])
        _ = try granted("for an audience", with: ["aud": "x"])
        _ = try granted("of another kind of connection", with: ["allowed_connection_types": ["WEBSOCKET"]])
        _ = try granted("from elsewhere", with: ["src": ["10.0.0.0/8"]])
        let small = try granted("with small limits", with: ["subs": 1, "payload": 3])
        try small.does("more subscriptions than allowed", "SUB a 1\r\nSUB b 2\r\n")
        try small.does("a larger message than allowed", "PUB a 6\r\nabcdef\r\n")
        let defaults = try granted("into an account with defaults", by: "D")
        try defaults.does(
            "the defaults hold", "PUB d 0\r\n\r\nPUB e 0\r\n\r\n",
            ["-ERR 'Permissions Violation for Publish to \"e\"'"])
        _ = try granted(
            "into a full account", ["-ERR 'maximum account active connections exceeded'", "closed"], by: "D")
        _ = try granted("into an account that revoked everybody", by: "R")
        let restricted = try granted("with permissions", with: ["pub": ["allow": ["p"]], "sub": ["deny": ["s"]]])
        try restricted.does("they hold", "PUB p 0\r\n\r\nPUB q 0\r\n\r\nSUB s 1\r\n")
    }
}

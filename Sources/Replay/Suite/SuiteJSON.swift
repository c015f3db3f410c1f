import NKeys
import Trust

extension ReplaySuite {
    /// The text of `suite.json`: one object, one world a line, so that two suites can be compared line by line.
    public var json: [UInt8] {
        var head = JSONWriter()
        head.object { json in
            json.member("format", Self.format)
            json.member("version", Self.formatVersion)
            json.member("warning", "throw-away keys and forged tokens, for tests alone: trust nothing of this")
            json.member("at", at.seconds)
            json.member("until", until.seconds)
            json.member("operators", operators)
            json.account("system_account", system)
            json.list("bystanders") { list in
                for account in bystanders { list.object { $0.members(of: account) } }
            }
            json.object("user") {
                $0.member("key", user.text)
                $0.member("seed_file", Self.seedFile)
            }
            json.object("bases") { json in
                for (id, about) in bases.sorted(by: { $0.key < $1.key }) { json.member(id, about) }
            }
            json.list("mutations") { list in
                for change in changes {
                    list.object {
                        $0.member("id", change.id)
                        $0.member("fact", change.fact.rawValue)
                        $0.member("rule", change.rule)
                        $0.member("about", change.about)
                    }
                }
            }
        }
        var text = Array(head.bytes.dropLast())
        text += ",\"worlds\":[\n".utf8
        for (place, world) in worlds.enumerated() {
            if place > 0 { text += ",\n".utf8 }
            var json = JSONWriter()
            json.object { $0.members(of: world) }
            text += json.bytes
        }
        text += "\n],\"uploads\":[\n".utf8
        for (place, upload) in uploads.enumerated() {
            if place > 0 { text += ",\n".utf8 }
            var json = JSONWriter()
            json.object { $0.members(of: upload) }
            text += json.bytes
        }
        text += "\n]}\n".utf8
        return text
    }

    static let format = "credence-replay"
    /// The name of the file with the seed of the suite's user, beside `suite.json`.
    public static let seedFile = "user.nk"
    /// The name of the file with the suite.
    public static let suiteFile = "suite.json"
}

extension JSONWriter {
    fileprivate mutating func account(_ name: String, _ account: ReplaySuite.Account) {
        object(name) { $0.members(of: account) }
    }

    fileprivate mutating func members(of account: ReplaySuite.Account) {
        member("key", account.key.text)
        member("token", account.token)
        if let userToken = account.userToken { member("user_token", userToken) }
    }

    fileprivate mutating func members(of world: ReplaySuite.World) {
        member("id", world.id)
        member("base", world.base)
        member("mutations", world.mutations)
        expectation(world.strict)
        if world.compatible != world.strict { object("compatible") { $0.expectation(world.compatible) } }
        member("kind", world.kind.rawValue)
        member("listen", world.listen)
        member("publish", world.publish)
        account("exporter", world.exporter)
        account("importer", world.importer)
        if world.operatorIndex > 0 { member("operator", world.operatorIndex) }
        if let standing = world.standing {
            object("before") {
                if let exporter = standing.exporter { $0.member("exporter", exporter) }
                $0.member("importer", standing.importer)
            }
        }
    }

    fileprivate mutating func members(of upload: ReplaySuite.UploadAttack) {
        member("id", upload.id)
        member("about", upload.about)
        member("covers", upload.covers)
        expectation(upload.strict)
        if upload.compatible != upload.strict { object("compatible") { $0.expectation(upload.compatible) } }
        if upload.operatorIndex > 0 { member("operator", upload.operatorIndex) }
        list("before") { list in
            for request in upload.before { list.object { $0.members(of: request) } }
        }
        object("attack") { $0.members(of: upload.attack) }
    }

    private mutating func members(of request: ReplaySuite.Request) {
        member("method", request.verb.rawValue)
        member("path", request.path)
        member("body", request.text)
        if let size = request.size { member("size", size) }
    }

    private mutating func expectation(_ expectation: ReplaySuite.Expectation) {
        member("expected", expectation.isRefused ? "refuse" : "accept")
        member("rules", expectation.rules)
        if !expectation.possible.isEmpty { member("possible", expectation.possible) }
    }
}

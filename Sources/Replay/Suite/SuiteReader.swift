import NKeys
import Trust

extension ReplaySuite {
    /// Why a file is no suite.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        /// What is wrong, and where: one line in lower case.
        public let description: String
    }

    /// Reads the text of `suite.json`. Members that are not known are passed over.
    public init(parsing text: [UInt8]) throws(Fault) {
        let json: JSONValue
        do throws(JSONValue.Fault) {
            json = try JSONValue(parsing: text)
        } catch {
            throw Fault(description: "\(error)")
        }
        let file = Node(json, "")
        guard try file.text("format") == Self.format else {
            throw Fault(description: "`format` is not `\(Self.format)`")
        }
        let version = try file.number("version")
        guard version == Int64(Self.formatVersion) else {
            throw Fault(description: "`version` is \(version), and only \(Self.formatVersion) is known")
        }
        at = try file.time("at")
        until = try file.time("until")
        operators = try file.list("operators").map { (node) throws(Fault) in try node.text() }
        system = try file.member("system_account").account()
        bystanders = try file.list("bystanders").map { (node) throws(Fault) in try node.account() }
        user = try file.member("user").key("key", .user)
        bases = try file.member("bases").texts()
        changes = try file.list("mutations").map { (node) throws(Fault) in
            guard let fact = Fact(rawValue: try node.text("fact")) else { throw node.fault("`fact` is none") }
            return Change(
                id: try node.text("id"), fact: fact, rule: try node.text("rule"), about: try node.text("about"))
        }
        worlds = try file.list("worlds").map { (node) throws(Fault) in try node.world() }
        uploads =
            json["uploads"] == nil ? [] : try file.list("uploads").map { (node) throws(Fault) in try node.upload() }
        for index in worlds.map(\.operatorIndex) + uploads.map(\.operatorIndex) where !operators.indices.contains(index)
        {
            throw Fault(description: "there is no operator \(index)")
        }
    }
}

/// A value in the file, and where it stands.
private struct Node {
    let value: JSONValue
    let place: String

    init(_ value: JSONValue, _ place: String) {
        self.value = value
        self.place = place
    }

    func fault(_ what: String) -> ReplaySuite.Fault {
        ReplaySuite.Fault(description: place.isEmpty ? what : "\(what), at `\(place)`")
    }

    func member(_ name: String) throws(ReplaySuite.Fault) -> Node {
        guard let member = value[name] else { throw fault("`\(name)` is missing") }
        return Node(member, place.isEmpty ? name : "\(place).\(name)")
    }

    func text() throws(ReplaySuite.Fault) -> String {
        guard let text = value.text else { throw fault("a string is needed") }
        return text
    }

    func text(_ name: String) throws(ReplaySuite.Fault) -> String { try member(name).text() }

    func number(_ name: String) throws(ReplaySuite.Fault) -> Int64 {
        guard let number = try member(name).value.number else { throw fault("`\(name)` is no integer") }
        return number
    }

    func time(_ name: String) throws(ReplaySuite.Fault) -> UnixTime {
        guard let time = UnixTime(try number(name)) else { throw fault("`\(name)` is no time") }
        return time
    }

    func list(_ name: String) throws(ReplaySuite.Fault) -> [Node] {
        guard let elements = try member(name).value.elements else { throw fault("`\(name)` is no list") }
        return elements.enumerated().map { Node($1, "\(place.isEmpty ? "" : place + ".")\(name)[\($0)]") }
    }

    func texts() throws(ReplaySuite.Fault) -> [String: String] {
        guard let members = value.members else { throw fault("an object is needed") }
        var texts: [String: String] = [:]
        for (name, value) in members { texts[name] = try Node(value, "\(place).\(name)").text() }
        return texts
    }

    func key(_ name: String, _ role: KeyRole) throws(ReplaySuite.Fault) -> PublicKey {
        let text = try text(name)
        do throws(KeyTextError) {
            return try PublicKey(text, role: role)
        } catch {
            throw fault("`\(name)` is no public key: \(error)")
        }
    }

    func account() throws(ReplaySuite.Fault) -> ReplaySuite.Account {
        ReplaySuite.Account(
            key: try key("key", .account), token: try text("token"),
            userToken: value["user_token"] == nil ? nil : try text("user_token"))
    }

    func expectation() throws(ReplaySuite.Fault) -> ReplaySuite.Expectation {
        let rules = try list("rules").map { (node) throws(ReplaySuite.Fault) in try node.text() }
        let possible =
            value["possible"] == nil
            ? [] : try list("possible").map { (node) throws(ReplaySuite.Fault) in try node.text() }
        let expectation = ReplaySuite.Expectation(rules: rules, possible: possible)
        guard try text("expected") == (expectation.isRefused ? "refuse" : "accept") else {
            throw fault("`expected` does not go with `rules`")
        }
        return expectation
    }

    func world() throws(ReplaySuite.Fault) -> ReplaySuite.World {
        guard let kind = ExportKind(rawValue: try text("kind")) else { throw fault("`kind` is none") }
        let strict = try expectation()
        let mutations = try list("mutations").map { (node) throws(ReplaySuite.Fault) in try node.text() }
        guard mutations.isEmpty != strict.isRefused else { throw fault("`expected` does not go with `mutations`") }
        return ReplaySuite.World(
            id: try text("id"), base: try text("base"), mutations: mutations,
            exporter: try member("exporter").account(), importer: try member("importer").account(), kind: kind,
            listen: try text("listen"), publish: try text("publish"), strict: strict,
            compatible: value["compatible"] == nil ? strict : try member("compatible").expectation(),
            operatorIndex: try index("operator"),
            standing: value["before"] == nil ? nil : try member("before").standing())
    }

    func standing() throws(ReplaySuite.Fault) -> ReplaySuite.Standing {
        ReplaySuite.Standing(
            exporter: value["exporter"] == nil ? nil : try text("exporter"), importer: try text("importer"))
    }

    func upload() throws(ReplaySuite.Fault) -> ReplaySuite.UploadAttack {
        let strict = try expectation()
        return ReplaySuite.UploadAttack(
            id: try text("id"), about: try text("about"),
            covers: try list("covers").map { (node) throws(ReplaySuite.Fault) in try node.text() },
            operatorIndex: try index("operator"),
            before: try list("before").map { (node) throws(ReplaySuite.Fault) in try node.request() },
            attack: try member("attack").request(), strict: strict,
            compatible: value["compatible"] == nil ? strict : try member("compatible").expectation())
    }

    func request() throws(ReplaySuite.Fault) -> ReplaySuite.Request {
        guard let verb = ReplaySuite.Request.Verb(rawValue: try text("method")) else { throw fault("`method` is none") }
        let path = try text("path")
        // It goes into a request as it is.
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21..<0x7f).contains($0) && $0 != 0x3f && $0 != 0x23 })
        else { throw fault("`path` is no path") }
        let size = value["size"] == nil ? nil : try number("size")
        guard (0...(16 << 20)).contains(size ?? 0) else { throw fault("`size` is not from 0 to 16 MiB") }
        return ReplaySuite.Request(verb, path, try text("body"), size: size.map(Int.init))
    }

    /// A place in a list; 0 where it is not said.
    private func index(_ name: String) throws(ReplaySuite.Fault) -> Int {
        guard value[name] != nil else { return 0 }
        guard let index = Int(exactly: try number(name)), index >= 0 else { throw fault("`\(name)` is no place") }
        return index
    }
}

import NKeys
import Subjects

/// Claims that can be written as a token's payload: all types of this library.
protocol WritableClaims: TokenClaims {
    /// The members of `nats` that belong to the type, in the order in which the field writes them.
    func writeContent(to encoder: inout ClaimsEncoder)
    /// `tags`, which stand behind the content.
    var tags: [String] { get }
}

/// Writes claims as the Go library does, byte for byte: its order of members, its escapes, and nothing for a member
/// that is empty, zero or false unless that library writes it all the same.
///
/// In four places the bytes can differ from those of a token that was read, all of the same meaning: a list of
/// permissions that is present and empty stays (Go leaves it out, and so turns "nothing" into "everything");
/// mappings keep their order, because the first that matches applies here (Go writes them sorted, and its reader has
/// no order); a time of day has two digits for the hour; and signing keys are sorted, as Go writes them today.
struct ClaimsEncoder {
    /// What becomes of tokens and secrets inside the claims.
    let embedded: EmbeddedTokens
    private(set) var json: JSONWriter
    /// The unknown members that have yet to be written, by the path of the object that they stand in.
    private var unknown: [String: [UnknownMember]] = [:]
    /// The path of the object that is being written; kept only while there are unknown members.
    private var path: [String] = []

    private init(embedded: EmbeddedTokens = .raw, escapes: JSONWriter.Escapes = .tokens) {
        self.embedded = embedded
        json = JSONWriter(escapes: escapes)
    }

    /// The payload of a token.
    static func payload(of claims: some WritableClaims) -> [UInt8] {
        var encoder = ClaimsEncoder()
        encoder.write(claims, version: .two)
        return encoder.json.bytes
    }

    /// The claims for people to read.
    static func text(of claims: some WritableClaims, version: TokenVersion, embedded: EmbeddedTokens) -> String {
        var encoder = ClaimsEncoder(embedded: embedded, escapes: .printable)
        encoder.write(claims, version: version)
        return encoder.json.text
    }

    /// `jti`: the hash over the common claims without it, as the field makes it; nil when it cannot be computed.
    static func id(of common: CommonClaims) -> String? {
        var encoder = ClaimsEncoder()
        encoder.json.beginObject()
        encoder.write(common, withID: false)
        encoder.json.endObject()
        return SHA512_256.base32(encoder.json.bytes)
    }

    private mutating func write(_ claims: some WritableClaims, version: TokenVersion) {
        var ofPayload: [UnknownMember] = []
        for member in claims.unknown {
            guard let container = member.container else { continue }
            if member.level == .payload {
                ofPayload.append(member)
            } else {
                unknown[container, default: []].append(member)
            }
        }
        json.beginObject()
        write(claims.common, withID: true)
        if let generic = claims as? GenericClaims {
            json.name("nats")
            raw(generic.content)
        } else {
            object("nats") {
                claims.writeContent(to: &$0)
                $0.texts("tags", claims.tags)
                $0.string("type", Swift.type(of: claims).type.name)
                $0.integer("version", version.rawValue)
            }
        }
        for member in ofPayload { write(member) }
        json.endObject()
    }

    private mutating func write(_ common: CommonClaims, withID: Bool) {
        text("aud", common.audience ?? "")
        number("exp", common.expires?.seconds ?? 0)
        if withID { text("jti", common.id) }
        number("iat", common.issuedAt?.seconds ?? 0)
        key("iss", common.issuer)
        text("name", common.name)
        number("nbf", common.notBefore?.seconds ?? 0)
        key("sub", common.subject)
    }

    // MARK: Objects and lists

    /// An object, always written, and in it the unknown members that stood there.
    mutating func object(_ name: String, _ members: (inout ClaimsEncoder) -> Void) {
        json.name(name)
        object(at: name, members)
    }

    /// An object as an element of a list. What is unknown in it is not written back: see `UnknownMember.container`.
    mutating func element(_ members: (inout ClaimsEncoder) -> Void) { object(at: "[]", members) }

    private mutating func object(at name: String, _ members: (inout ClaimsEncoder) -> Void) {
        json.beginObject()
        if unknown.isEmpty {
            members(&self)
        } else {
            path.append(name)
            members(&self)
            for member in unknown[path.joined(separator: ".")] ?? [] { write(member) }
            path.removeLast()
        }
        json.endObject()
    }

    /// A list, always written.
    mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (inout ClaimsEncoder, Element) -> Void
    ) {
        json.name(name)
        json.beginList()
        for element in elements { write(&self, element) }
        json.endList()
    }

    /// A list, left out when it is empty.
    mutating func filledList<Element>(
        _ name: String, _ elements: [Element], _ write: (inout ClaimsEncoder, Element) -> Void
    ) {
        if !elements.isEmpty { list(name, elements, write) }
    }

    /// A list of strings as an element of a list.
    mutating func element(texts: [String]) {
        json.beginList()
        for text in texts { string(text) }
        json.endList()
    }

    // MARK: Members that are left out when empty

    mutating func text(_ name: String, _ value: String) {
        if !value.isEmpty { string(name, value) }
    }

    mutating func texts(_ name: String, _ values: [String]) {
        filledList(name, values) { $0.string($1) }
    }

    mutating func number(_ name: String, _ value: Int64) {
        if value != 0 { integer(name, value) }
    }

    mutating func flag(_ name: String, _ value: Bool) {
        if value { json.member(name, true) }
    }

    mutating func key(_ name: String, _ value: PublicKey?) {
        if let value { json.member(name, value.text) }
    }

    mutating func keys(_ name: String, _ values: [PublicKey]) {
        filledList(name, values) { $0.json.string($1.text) }
    }

    mutating func pattern(_ name: String, _ value: SubjectPattern?) {
        if let value { string(name, value.text) }
    }

    /// A token or another secret: three asterisks stand for it when tokens are masked.
    mutating func secret(_ name: String, _ value: String) {
        guard !value.isEmpty else { return }
        json.member(name, embedded == .masked ? JSONMask.text : value)
    }

    mutating func revocations(_ revocations: Revocations) {
        guard !revocations.isEmpty else { return }
        object("revocations") { encoder in
            if let everyone = revocations.everyone { encoder.integer("*", everyone.seconds) }
            for (key, time) in revocations.keys.sorted(by: { $0.key < $1.key }) {
                encoder.integer(key.text, time.seconds)
            }
        }
    }

    // MARK: Members that are always written

    mutating func string(_ name: String, _ value: String) {
        json.name(name)
        string(value)
    }

    mutating func integer(_ name: String, _ value: some FixedWidthInteger) { json.member(name, value) }

    mutating func string(_ value: String) {
        json.string(embedded == .masked && JSONMask.covers(value) ? JSONMask.text : value)
    }

    private mutating func write(_ member: UnknownMember) {
        json.unsafeName(member.name)
        raw(member.value)
    }

    private mutating func raw(_ value: String) {
        json.unsafeValue((embedded == .masked ? JSONMask.masked(value) : value).utf8)
    }
}

extension UnknownMember {
    /// The path of the object that the member stands in, empty for the payload and `nats` for the object of that name; nil when the member
    /// cannot be written back. An element of a list is known by its number alone, so after an edit a member could
    /// end up in another element than the one it was written for; it is rather not signed at all.
    var container: String? {
        if level == .payload { return "" }
        let path = place.path
        guard !path.contains("["), path.hasSuffix(name) else { return nil }
        let parent = path.dropLast(name.count)
        return parent.isEmpty ? "nats" : "nats.\(parent.dropLast())"
    }
}

extension GenericClaims: WritableClaims {
    var tags: [String] { [] }
    func writeContent(to encoder: inout ClaimsEncoder) {}
}

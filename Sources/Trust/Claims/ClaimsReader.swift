import NKeys
import Subjects

/// Reads a token's payload straight into typed claims, noting everything that is not as it should be.
struct ClaimsReader {
    typealias Fault = JSONReader.Fault

    /// Where a note stands: at a byte of the payload, or at a place known by name.
    enum Locus {
        case offset(Int)
        case place(Place)
    }

    private struct Note {
        let rule: Rule
        let locus: Locus
        let detail: Detail
        let isWarning: Bool
    }

    var json: JSONReader
    let zones: any TimeZones
    private var notes: [Note] = []
    private var unknown: [(offset: Int, name: String, value: String, level: UnknownMember.Level)] = []
    private var templatePaths: JSONPath

    init(_ payload: PaddedBytes, zones: any TimeZones) throws(Fault) {
        json = try JSONReader(payload)
        templatePaths = JSONPath(payload)
        self.zones = zones
    }

    // MARK: Notes

    mutating func note(_ rule: Rule, at offset: Int, _ detail: Detail) {
        add(Note(rule: rule, locus: .offset(offset), detail: detail, isWarning: false))
    }

    mutating func note(_ rule: Rule, at place: Place, _ detail: Detail) {
        add(Note(rule: rule, locus: .place(place), detail: detail, isWarning: false))
    }

    mutating func warn(_ rule: Rule, at offset: Int, _ detail: Detail) {
        add(Note(rule: rule, locus: .offset(offset), detail: detail, isWarning: true))
    }

    mutating func warn(_ rule: Rule, at place: Place, _ detail: Detail) {
        add(Note(rule: rule, locus: .place(place), detail: detail, isWarning: true))
    }

    /// Beyond the limit nothing is kept, and the token is refused for it.
    private mutating func add(_ note: Note) {
        if notes.count <= JSONReader.maximumProblems { notes.append(note) }
    }

    var noteCount: Int { notes.count }

    /// Makes warnings of rule `rule` out of the T-content notes from the `first` on, and gives them as findings.
    mutating func demoteContent(from first: Int, to rule: Rule) -> [Finding] {
        let indices = notes.indices.dropFirst(first).filter { notes[$0].rule == .tokenContent && !notes[$0].isWarning }
        let places = places(of: indices.map { notes[$0].locus }, by: &templatePaths)
        return indices.map { index in
            let note = notes[index]
            let place = place(note.locus, places)
            notes[index] = Note(rule: rule, locus: .place(place), detail: note.detail, isWarning: true)
            return Finding(rule, at: place, note.detail)
        }
    }

    /// Hands all that was noted to `judgement`.
    func report(to judgement: inout Judgement) {
        var paths = JSONPath(json.bytes)
        let places = places(of: json.problems.map { .offset($0.offset) } + notes.map(\.locus), by: &paths)
        for problem in json.problems {
            let place = place(.offset(problem.offset), places)
            switch problem.kind {
            case .duplicateName: judgement.fail(.tokenJSON, at: place, .duplicateMember)
            case .caseVariant: judgement.fail(.tokenJSON, at: place, .memberDiffersByCase)
            case .type(let expected, let found):
                judgement.refuse(.tokenJSON, at: place, .wrongJSONType(expected: expected, found: found))
            case .notAnInteger, .minusZero: judgement.refuse(.tokenJSON, at: place, .notAnInteger)
            case .outOfRange: judgement.refuse(.tokenJSON, at: place, .numberOutOfRange)
            case .negative: judgement.refuse(.tokenJSON, at: place, .negativeTime)
            }
        }
        for note in notes {
            let place = place(note.locus, places)
            if note.isWarning {
                judgement.warn(note.rule, at: place, note.detail)
            } else {
                judgement.fail(note.rule, at: place, note.detail)
            }
        }
        if json.problems.count > JSONReader.maximumProblems {
            judgement.refuse(
                .tokenJSON, at: "payload", .budgetExhausted("more than \(JSONReader.maximumProblems) faults"))
        }
        if notes.count > JSONReader.maximumProblems {
            let what = "more than \(JSONReader.maximumProblems) remarks on one token"
            judgement.refuse(.tokenContent, at: "nats", .budgetExhausted(what))
        }
    }

    /// The places of those of `loci` that stand at a byte, found in one walk over the payload.
    private func places(of loci: [Locus], by paths: inout JSONPath) -> [Int: Place] {
        var places: [Int: Place] = [:]
        let offsets = loci.compactMap { locus -> Int? in if case .offset(let offset) = locus { offset } else { nil } }
        for offset in offsets.sorted() where places[offset] == nil {
            places[offset] = Self.place(paths.path(to: offset))
        }
        return places
    }

    private func place(_ locus: Locus, _ places: [Int: Place]) -> Place {
        switch locus {
        case .place(let place): place
        case .offset(let offset): places[offset] ?? .whole
        }
    }

    private static func place(_ path: String) -> Place {
        Place(path.hasPrefix("nats.") ? String(path.dropFirst(5)) : path)
    }

    /// Members that are not known, in the order of the token.
    var unknownMembers: [UnknownMember] {
        var paths = JSONPath(json.bytes)
        return unknown.map {
            UnknownMember(
                place: Self.place(paths.path(to: $0.offset)), name: $0.name, value: $0.value, level: $0.level)
        }
    }

    // MARK: Values

    /// A member of a known object that is not known: kept as received, and reported, since a newer version may mean
    /// by it something that widens access.
    mutating func unknownMember(_ scope: JSONReader.Scope) throws(Fault) {
        let offset = scope.nameOffset
        let name = json.memberName(scope)
        let value = try json.rawValue()
        if unknown.count <= JSONReader.maximumProblems { unknown.append((offset, name, value, .content)) }
        warn(.tokenContent, at: offset, .unknownMember(name))
    }

    /// A member of the payload itself that is not known: kept as received, without a remark. Claims of others stand
    /// there by right (RFC 7519, section 4.3), and none of them widens what this field's own say.
    mutating func unknownClaim(_ scope: JSONReader.Scope) throws(Fault) {
        let offset = scope.nameOffset
        let name = json.memberName(scope)
        let value = try json.rawValue()
        if unknown.count <= JSONReader.maximumProblems { unknown.append((offset, name, value, .payload)) }
    }

    /// `stream` or `service`; nil, and noted, when the text is something else.
    mutating func kind() throws(Fault) -> ExportKind? {
        let offset = json.index
        let kind = try json.withString { text -> ExportKind? in
            CaseFolding.equal(text, "stream") ? .stream : CaseFolding.equal(text, "service") ? .service : nil
        }
        if let kind, kind == nil { note(.tokenContent, at: offset, .unknownValue(expected: "`stream`, `service`")) }
        return kind ?? nil
    }

    /// A public key of `role`; nil, and noted, when something else stands there.
    mutating func key(_ role: KeyRole) throws(Fault) -> PublicKey? {
        let offset = json.index
        guard let result = try json.withString(Self.readKey) else { return nil }
        switch result {
        case .success(let key):
            guard key.role == role else {
                note(.tokenKey, at: offset, .keyRole(expected: role, found: key.role))
                return nil
            }
            return key
        case .failure(let error):
            note(.tokenKey, at: offset, .key(error))
            return nil
        }
    }

    static func readKey(_ text: UnsafeBufferPointer<UInt8>) -> Result<PublicKey, KeyTextError> {
        do throws(KeyTextError) {
            return .success(try PublicKey(utf8: text))
        } catch {
            return .failure(error)
        }
    }

    /// A subject pattern; nil, and noted, when the text is none.
    mutating func pattern() throws(Fault) -> SubjectPattern? {
        let offset = json.index
        let result = try json.withString { text -> Result<SubjectPattern, SubjectError> in
            do throws(SubjectError) {
                return .success(try SubjectPattern(utf8: text))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let pattern): return pattern
        case .failure(let error):
            note(.tokenContent, at: offset, .subject(error))
            return nil
        case nil: return nil
        }
    }

    /// A literal subject; nil, and noted, when the text is none.
    mutating func literal() throws(Fault) -> Subject? {
        let offset = json.index
        guard let pattern = try pattern() else { return nil }
        guard let subject = pattern.subject else {
            note(.tokenContent, at: offset, .wildcardNotAllowed)
            return nil
        }
        return subject
    }

    /// A list of what `element` reads; what it cannot read is left out. Nil when the value is no list.
    @inline(__always)
    mutating func list<Element>(
        _ element: (inout ClaimsReader) throws(Fault) -> Element?
    ) throws(Fault) -> [Element]? {
        guard try json.beginList() else { return nil }
        var elements: [Element] = []
        var isFirst = true
        while try json.nextElement(&isFirst) {
            if let value = try element(&self) { elements.append(value) }
        }
        return elements
    }

    mutating func strings() throws(Fault) -> [String] {
        try list { reader throws(Fault) in try reader.json.string() } ?? []
    }

    mutating func keys(_ role: KeyRole) throws(Fault) -> [PublicKey] {
        try list { reader throws(Fault) in try reader.key(role) } ?? []
    }

    mutating func string() throws(Fault) -> String { try json.string() ?? "" }

    mutating func flag() throws(Fault) -> Bool { try json.boolean() ?? false }

    mutating func integer() throws(Fault) -> Int64 { try json.integer() ?? 0 }

    /// A text of at most `limit` bytes.
    mutating func text(limit: Int) throws(Fault) -> String {
        let offset = json.index
        let text = try string()
        if text.utf8.count > limit { note(.tokenContent, at: offset, .tooLong(bytes: text.utf8.count, limit: limit)) }
        return text
    }

    /// An absolute URL with a host; empty is absent.
    mutating func infoURL() throws(Fault) -> String {
        let offset = json.index
        let text = try text(limit: ContentLimits.description)
        if !text.isEmpty {
            if let url = URLText(text) {
                if url.scheme.isEmpty || url.host.isEmpty {
                    note(.tokenContent, at: offset, .url("it has no scheme or no host"))
                }
            } else {
                note(.tokenContent, at: offset, .url("it does not parse"))
            }
        }
        return text
    }

    /// Revocation times by key of `role`, or `*`.
    mutating func revocations(of role: KeyRole) throws(Fault) -> Revocations {
        let start = json.index
        guard var scope = try json.beginObject() else { return Revocations() }
        var everyone: UnixTime?
        var keys: [(key: PublicKey, time: UnixTime)] = []
        while let name = try json.nextUncheckedName(&scope, Self.readRevoked) {
            let offset = scope.nameOffset
            let time = try json.time() ?? .zero
            switch name {
            case .everyone:
                if everyone != nil { json.note(.duplicateName, at: offset) }
                everyone = time
            case .key(let key) where key.role == role:
                keys.append((key, time))
            case .key(let key): note(.tokenKey, at: offset, .keyRole(expected: role, found: key.role))
            case .neither(let error): note(.tokenKey, at: offset, .key(error))
            }
        }
        let revocations = Revocations(everyone: everyone, keys: keys)
        // One key has one spelling, so a key that comes twice is a name that comes twice.
        if revocations.count < keys.count { json.note(.duplicateName, at: start) }
        return revocations
    }

    private enum Revoked {
        case everyone
        case key(PublicKey)
        case neither(KeyTextError)
    }

    private static func readRevoked(_ name: UnsafeBufferPointer<UInt8>) -> Revoked {
        if name.count == 1, name[0] == UInt8(ascii: "*") { return .everyone }
        switch readKey(name) {
        case .success(let key): return .key(key)
        case .failure(let error): return .neither(error)
        }
    }
}

/// Limits on content, with their reasons.
enum ContentLimits {
    /// `description` and `info_url`, in bytes: the field's own limit.
    static let description = 8 * 1024
    /// Comparisons of patterns in one token: far beyond what real accounts need, and still well under a second.
    static let comparisons = 4_000_000
}

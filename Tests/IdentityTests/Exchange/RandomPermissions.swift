import Subjects
import Trust

@testable import Identity

/// All patterns of depth 2 over two words and the wildcards, and what lists of them allow of all subjects and
/// subscriptions of depth 3 over one word more.
struct SmallWorld {
    /// Lists, and what they allow, as numbers of operations.
    struct Judged {
        let claims: PermissionClaims
        let compiled: Permissions
        let publishing: Set<Int>
        let subscribing: Set<Int>
    }

    let patterns: [String]
    private let subjects: [Subject]
    private let subscriptions: [SubjectPattern]
    private let queues: [QueueName?]

    init() {
        patterns = Self.texts(words: ["a", "b"], depth: 2, wildcards: true)
        subjects = Self.texts(words: ["a", "b", "c"], depth: 3, wildcards: false).compactMap { try? Subject($0) }
        subscriptions = Self.texts(words: ["a", "b", "c"], depth: 3, wildcards: true).compactMap {
            try? SubjectPattern($0)
        }
        queues = [nil] + ["v", "v.1", "w"].map { try? QueueName($0) }
    }

    private static func texts(words: [String], depth: Int, wildcards: Bool) -> [String] {
        var stems = [""]
        var texts: [String] = []
        for _ in 0..<depth {
            let longer = stems.flatMap { stem in (words + (wildcards ? ["*"] : [])).map { stem + $0 } }
            texts += longer + (wildcards ? stems.map { $0 + ">" } : [])
            stems = longer.map { $0 + "." }
        }
        return texts
    }

    func judged(
        publish: [String]?, _ publishDeny: [String], subscribe: [String]?, _ subscribeDeny: [String]
    ) throws -> Judged {
        var claims = PermissionClaims()
        let publishing = try PermissionLists(allow: publish, deny: publishDeny, in: .subscribe)
        let subscribing = try PermissionLists(allow: subscribe, deny: subscribeDeny, in: .subscribe)
        claims.publishAllow = publishing.allow
        claims.publishDeny = publishing.deny
        claims.subscribeAllow = subscribing.allow
        claims.subscribeDeny = subscribing.deny
        let compiled = try RandomPermissions.compiled(claims)
        var numbers: Set<Int> = []
        for (index, pattern) in subscriptions.enumerated() {
            for (place, queue) in queues.enumerated() {
                let decision = queue.map { compiled.decide(subscribe: pattern, queue: $0) }
                if (decision ?? compiled.decide(subscribe: pattern)).isAllowed {
                    numbers.insert(index * queues.count + place)
                }
            }
        }
        let published = subjects.indices.filter { compiled.decide(publish: subjects[$0]).isAllowed }
        return Judged(claims: claims, compiled: compiled, publishing: Set(published), subscribing: numbers)
    }
}

/// Permissions and operations at random, over few words, so that they meet.
struct RandomPermissions {
    /// One thing that somebody may do or not.
    enum Operation {
        case publish(Subject)
        case subscribe(SubjectPattern, QueueName?)
        /// A message on the subject, under a subscription to the pattern.
        case deliver(Subject, SubjectPattern, QueueName?)

        func isAllowed(by permissions: Permissions) -> Bool {
            switch self {
            case .publish(let subject): permissions.decide(publish: subject).isAllowed
            case .subscribe(let pattern, let queue): RandomPermissions.admits(permissions, pattern, queue)
            case .deliver(let subject, let pattern, let queue):
                pattern.matches(subject) && RandomPermissions.admits(permissions, pattern, queue)
                    && permissions.delivers(subject, queue: queue)
            }
        }
    }

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    static func compiled(_ claims: PermissionClaims) throws -> Permissions {
        try Permissions(
            publish: PermissionLists(allow: claims.publishAllow, deny: claims.publishDeny ?? []),
            subscribe: PermissionLists(allow: claims.subscribeAllow, deny: claims.subscribeDeny ?? []),
            responses: claims.responses.map(ResponsePermission.init))
    }

    static func admits(_ permissions: Permissions, _ pattern: SubjectPattern, _ queue: QueueName?) -> Bool {
        guard let queue else { return permissions.decide(subscribe: pattern).isAllowed }
        return permissions.decide(subscribe: pattern, queue: queue).isAllowed
    }

    static func allows(_ permissions: Permissions, _ witness: PermissionContainment.Witness) -> Bool {
        switch witness.operation {
        case .publish: witness.subject.subject.map { permissions.decide(publish: $0).isAllowed } ?? false
        case .subscribe: admits(permissions, witness.subject, witness.queue)
        }
    }

    /// What a user may do.
    mutating func permissions() -> PermissionClaims {
        var claims = PermissionClaims()
        if !chance(5) { claims.publishAllow = entries(most: 3, queues: false) }
        if chance(2) { claims.publishDeny = entries(most: 2, queues: false) }
        if !chance(5) { claims.subscribeAllow = entries(most: 3, queues: true) }
        if chance(2) { claims.subscribeDeny = entries(most: 2, queues: true) }
        if chance(10) { claims.responses = ResponseClaims() }
        return claims
    }

    /// What somebody asks for: now anything, now the same or less.
    mutating func request(within source: PermissionClaims) throws -> PermissionClaims {
        var claims = PermissionClaims()
        if chance(4) {
            claims = permissions()
            claims.responses = nil
            return claims
        }
        claims.publishAllow = try (source.publishAllow ?? entries(most: 2, queues: false)).map {
            try narrower($0, queues: false)
        }
        claims.subscribeAllow = try (source.subscribeAllow ?? entries(most: 2, queues: true)).map {
            try narrower($0, queues: true)
        }
        claims.publishDeny = chance(5) ? nil : source.publishDeny
        claims.subscribeDeny = chance(5) ? nil : source.subscribeDeny
        if chance(3) { claims.publishDeny = (claims.publishDeny ?? []) + entries(most: 1, queues: false) }
        if chance(3) { claims.subscribeDeny = (claims.subscribeDeny ?? []) + entries(most: 1, queues: true) }
        if chance(4), claims.subscribeAllow?.isEmpty == false { claims.subscribeAllow?.removeLast() }
        return claims
    }

    /// Something that one who asked for this may try.
    mutating func operation(near request: PermissionClaims) throws -> Operation {
        switch number(3) {
        case 0:
            let near = request.publishAllow.flatMap { $0.isEmpty ? nil : $0[number($0.count)].pattern } ?? .all
            return .publish(try subject(in: near))
        default:
            let entry = request.subscribeAllow.flatMap { $0.isEmpty ? nil : $0[number($0.count)] }
            let pattern = try narrower(PermissionEntry(pattern: entry?.pattern ?? .all), queues: false).pattern
            let queue = chance(2) ? nil : try QueueName(subject(in: entry?.queue ?? .all).text)
            return chance(2) ? .subscribe(pattern, queue) : .deliver(try subject(in: pattern), pattern, queue)
        }
    }

    // MARK: Parts

    private mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private mutating func number(_ below: Int) -> Int { Int(next() % UInt64(max(1, below))) }
    private mutating func chance(_ oneIn: Int) -> Bool { number(oneIn) == 0 }

    private mutating func pattern() -> SubjectPattern {
        var tokens = (0...number(3)).map { _ in ["a", "b", "*", "a", "c"][number(5)] }
        if chance(3) { tokens.append(">") }
        if tokens.count > 3 { tokens.removeFirst() }
        return (try? SubjectPattern(tokens.joined(separator: "."))) ?? .all
    }

    private mutating func entries(most: Int, queues: Bool) -> [PermissionEntry] {
        (0..<number(most + 1)).map { _ in
            let queue = queues && chance(3) ? ["v", "w", "*", ">", "v.*"][number(5)] : nil
            return PermissionEntry(pattern: pattern(), queue: queue.flatMap { try? SubjectPattern($0) })
        }
    }

    /// The same, or with some wildcards filled in.
    private mutating func narrower(_ entry: PermissionEntry, queues: Bool) throws -> PermissionEntry {
        guard chance(2) else { return entry }
        let pattern = chance(3) ? try subject(in: entry.pattern).pattern : partly(entry.pattern)
        let queue = entry.queue ?? (queues && chance(4) ? (try? SubjectPattern("v")) : nil)
        return PermissionEntry(pattern: pattern, queue: queue)
    }

    private mutating func partly(_ pattern: SubjectPattern) -> SubjectPattern {
        let text = pattern.text.split(separator: ".").map { token in
            token == "*" && chance(2) ? "b" : token == ">" && chance(2) ? "*" : String(token)
        }
        return (try? SubjectPattern(text.joined(separator: "."))) ?? pattern
    }

    private mutating func subject(in pattern: SubjectPattern) throws -> Subject {
        var tokens: [String] = []
        for token in pattern.text.split(separator: ".") {
            switch token {
            case "*": tokens.append(["a", "b", "c", "v"][number(4)])
            case ">": for _ in 0...number(2) { tokens.append(["a", "b", "w"][number(3)]) }
            default: tokens.append(String(token))
            }
        }
        return try Subject(tokens.joined(separator: "."))
    }
}

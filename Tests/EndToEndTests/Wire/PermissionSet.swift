import Subjects
import Trust

/// The lists of one user, drawn at random: as they stand in a token, and cut into words for `RuleReading`.
struct PermissionSet {
    /// An entry, or what is subscribed to: a subject and perhaps a queue.
    struct Entry {
        let text: String
        let tokens: [Substring]
        let queue: Substring?

        init(_ text: String) {
            self.text = text
            let parts = text.split(separator: " ")
            tokens = parts[0].split(separator: ".")
            queue = parts.count > 1 ? parts[1] : nil
        }
    }

    private(set) var publishAllow: [Entry]?
    private(set) var publishDeny: [Entry]?
    private(set) var subscribeAllow: [Entry]?
    private(set) var subscribeDeny: [Entry]?
    private(set) var responses: ResponseClaims?

    /// No lists.
    static let unrestricted = PermissionSet()

    private init() {}

    init(using generator: inout some RandomNumberGenerator) {
        // Queues belong in lists for subscribing; half of the users have none.
        let queues = SmallWorld.draw([0, 40], using: &generator)
        publishAllow = Self.list(absent: 25, empty: 5, queues: 0, using: &generator)
        publishDeny = Self.list(absent: 35, empty: 5, queues: 0, using: &generator)
        subscribeAllow = Self.list(absent: 25, empty: 5, queues: queues, using: &generator)
        subscribeDeny = Self.list(absent: 25, empty: 5, queues: queues, using: &generator)
        responses =
            SmallWorld.chance(20, using: &generator)
            ? ResponseClaims(
                maximum: SmallWorld.draw([-1, 0, 1, 2], using: &generator),
                timeToLive: SmallWorld.draw([-1, 0], using: &generator)) : nil
    }

    private static func list(
        absent: Int, empty: Int, queues: Int, using generator: inout some RandomNumberGenerator
    ) -> [Entry]? {
        if SmallWorld.chance(absent, using: &generator) { return nil }
        if SmallWorld.chance(empty, using: &generator) { return [] }
        return (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            Entry(SmallWorld.subscription(stars: 30, rest: 25, queues: queues, using: &generator))
        }
    }

    /// The lists as claims.
    func claims() throws -> PermissionClaims {
        var claims = PermissionClaims()
        claims.publishAllow = try publishAllow?.map { try PermissionEntry($0.text, in: .publish) }
        claims.publishDeny = try publishDeny?.map { try PermissionEntry($0.text, in: .publish) }
        claims.subscribeAllow = try subscribeAllow?.map { try PermissionEntry($0.text, in: .subscribe) }
        claims.subscribeDeny = try subscribeDeny?.map { try PermissionEntry($0.text, in: .subscribe) }
        claims.responses = responses
        return claims
    }

    /// Whether nothing is said, so that everything is allowed.
    var isEmpty: Bool {
        responses == nil
            && [publishAllow, publishDeny, subscribeAllow, subscribeDeny].allSatisfy { ($0 ?? []).isEmpty }
    }
}

extension PermissionSet: CustomStringConvertible {
    var description: String {
        func text(_ list: [Entry]?) -> String { list.map { "[\($0.map(\.text).joined(separator: ", "))]" } ?? "absent" }
        let reply = responses.map { ", resp max \($0.maximum) ttl \($0.timeToLive)" } ?? ""
        return "pub allow \(text(publishAllow)) deny \(text(publishDeny)), "
            + "sub allow \(text(subscribeAllow)) deny \(text(subscribeDeny))\(reply)"
    }
}

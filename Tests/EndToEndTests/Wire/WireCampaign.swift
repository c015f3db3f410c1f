import Foundation
import NKeys
import Subjects
import SystemTimeZones
import Trust

/// Users with random permissions, what each tries, and what the library says of it.
struct WireCampaign {
    /// A user: its lists, what it tries, and its permissions as the library has them from its token.
    struct User {
        let set: PermissionSet
        let plan: WirePlan.User
        let permissions: CompiledPermissions
    }

    let peer: String
    let users: [User]

    /// Draws `count` users of the account, each with a token of its own that the library signs, and then judges like
    /// any other: what is compared is what came through the token.
    init(count: Int, seed: UInt64, account name: String, of deployment: Deployment) throws {
        guard let now = UnixTime(Int64(Date().timeIntervalSince1970)) else { throw Fault("the clock is not set") }
        let (chain, accounts) = try deployment.chain(at: now)
        let accountToken = try deployment.accountToken(name)
        guard let `operator` = chain.operator(try deployment.operatorToken(), at: now).proof,
            let account = chain.verifier.verify(accountToken, as: AccountClaims.self, at: now).proof
        else { throw Fault("operator or account is refused") }
        let signer = TokenSigner(try deployment.keys(ofSubjectOf: accountToken), zones: SystemZones())
        // Bearers, so that the script need not sign: who a user is, other tests ask.
        func token(_ name: String, _ permissions: PermissionClaims) throws -> String {
            var claims = UserClaims(subject: try KeyPair.generate(.user).publicKey, name: name)
            claims.permissions = permissions
            claims.limits.bearer = true
            return try signer.sign(claims, for: account, under: `operator`, at: now).text
        }
        var generator = SeededGenerator(seed: seed)
        var compiled = CompiledPermissionSets()
        peer = try token("peer", PermissionClaims())
        users = try (0..<count).map { index in
            let set = PermissionSet(using: &generator)
            let token = try token("user-\(index)", set.claims())
            let verdict = chain.user(token, resolver: accounts, at: now)
            guard let user = verdict.proof else { throw Fault("\(set): refused, \(verdict.failures)") }
            return User(
                set: set, plan: Self.plan(for: set, token: token, using: &generator),
                permissions: try compiled.permissions(user.permissions))
        }
    }

    /// What a user tries.
    private static func plan(
        for set: PermissionSet, token: String, using generator: inout SeededGenerator
    ) -> WirePlan.User {
        let entries = (set.subscribeAllow ?? []) + (set.subscribeDeny ?? [])
        return WirePlan.User(
            token: token,
            publish: (0..<24).map { _ in SmallWorld.published(using: &generator) },
            subscribe: (0..<60).map { _ in subscription(near: entries, stars: 30, rest: 30, using: &generator) },
            listen: (0..<((set.subscribeDeny ?? []).isEmpty ? 1 : 4)).map { _ in
                subscription(near: set.subscribeDeny ?? [], stars: 60, rest: 50, using: &generator)
            },
            exchange: (0..<(set.responses == nil ? 0 : 3)).map { _ in
                let request = SmallWorld.literal(using: &generator)
                let reply = SmallWorld.literal(using: &generator)
                return WirePlan.Exchange(
                    subscribe: SmallWorld.chance(50, using: &generator) ? ">" : request, request: request,
                    reply: reply, answers: [reply, SmallWorld.literal(using: &generator), reply, reply])
            })
    }

    /// In half of the cases anything at all, in half something near what is listed.
    private static func subscription(
        near entries: [PermissionSet.Entry], stars: Int, rest: Int, using generator: inout SeededGenerator
    ) -> String {
        guard SmallWorld.chance(50, using: &generator), let entry = entries.randomElement(using: &generator) else {
            return SmallWorld.subscription(stars: stars, rest: rest, queues: 40, using: &generator)
        }
        let near = SmallWorld.neighbour(of: entry.tokens, using: &generator)
        let isQueued = SmallWorld.chance(entry.queue == nil ? 20 : 80, using: &generator)
        return isQueued ? "\(near) \(SmallWorld.queue(using: &generator))" : near
    }

    /// Everything, as the script takes it.
    var plan: WirePlan { WirePlan(peer: peer, world: SmallWorld.literals, users: users.map(\.plan)) }

    /// Holds what the server did against what the library decides.
    func compare(with results: [WirePlan.Result]) throws -> WireComparison {
        var comparison = WireComparison()
        for (user, result) in zip(users, results) {
            for (subject, theirs) in zip(user.plan.publish, result.publish) {
                comparison.compare(publish: subject, theirs: theirs, by: user)
            }
            let taken = result.subscribe + result.listen.map { $0 != nil }
            for (subscription, theirs) in zip(user.plan.subscribe + user.plan.listen, taken) {
                try comparison.compare(subscribe: subscription, theirs: theirs, by: user)
            }
            for (subscription, delivered) in zip(user.plan.listen, result.listen) {
                guard let delivered else { continue }
                try comparison.compare(deliveries: Set(delivered), under: subscription, by: user)
            }
            for (exchange, result) in zip(user.plan.exchange, result.exchange) {
                guard let result else { continue }
                try comparison.compare(exchange, result, by: user)
            }
        }
        return comparison
    }
}

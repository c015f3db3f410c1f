import Foundation
import Subjects
import Testing
import Trust

@testable import Identity

/// What is asked for against what there is: by example, in a small world without exception, and at random.
@Suite struct PermissionContainmentTests {
    private func judge(_ scope: String, in source: String) throws -> PermissionContainment.Answer {
        PermissionContainment.judge(
            try ExchangeScope.permissions(scope), within: try ExchangeScope.permissions(source))
    }

    private func witness(_ scope: String, in source: String) throws -> String? {
        guard case .outside(let witness) = try judge(scope, in: source) else { return nil }
        return witness.description
    }

    @Test func `what lies inside is contained`() throws {
        for (scope, source) in [
            ("pub:a.b", "pub:a.>"), ("pub:a.*", "pub:a.>"), ("pub:> !pub:a", "pub:> !pub:a"),
            ("pub:a.> !pub:a.x !pub:a.y", "pub:a.> !pub:a.x"), ("pub:b", "pub:> !pub:a"),
            ("sub:a.b", "sub:a.*"), ("sub:a@v", "sub:a"), ("sub:a@v.1", "sub:a@v.*"), ("sub:a sub:a@v", "sub:a"),
            ("sub:a sub:a@v", "sub:a sub:a@v"), ("sub:> !sub:a@v", "sub:> !sub:a@v"),
            ("sub:> !sub:a", "sub:> !sub:a@v !sub:a"),
        ] { #expect(try judge(scope, in: source) == .contained, "\(scope) in \(source)") }
    }

    @Test func `what lies outside is named`() throws {
        for (scope, source, expected) in [
            ("pub:a.>", "pub:a.b", "publishing on `a.x`"), ("pub:a", "sub:a", "publishing on `a`"),
            ("pub:a.>", "pub:a.> !pub:a.b.secret", "publishing on `a.b.secret`"),
            ("sub:a.>", "sub:a.> !sub:a.secret", "subscribing to `a.secret`"),
            ("sub:a.>", "sub:a.*", "subscribing to `a.x.x`"), ("sub:a", "sub:a@v", "subscribing to `a`"),
            ("sub:a", "sub:a sub:a@v", "subscribing to `a` in the queue group `x`"),
            ("sub:a@*", "sub:a@v", "subscribing to `a` in the queue group `x`"),
            ("sub:a", "sub:a !sub:a@v", "subscribing to `a` in the queue group `v`"),
            ("sub:a.>", "sub:a.* sub:a.*.>", "subscribing to `a.>`"),
        ] { #expect(try witness(scope, in: source) == expected, "\(scope) in \(source)") }
    }

    @Test func `a response permission alone allows no publishing, and stays what it is`() throws {
        var source = PermissionClaims()
        source.responses = ResponseClaims(maximum: 3, timeToLive: 7)
        let asked = try ExchangeScope.permissions("pub:a")
        #expect(PermissionContainment.judge(asked, within: source) != .contained)
        let quiet = try ExchangeScope.permissions("sub:a")
        #expect(PermissionContainment.judge(quiet, within: source) == .contained)
        #expect(PermissionContainment.narrowed(source, to: quiet).responses == source.responses)
        #expect(PermissionContainment.narrowed(PermissionClaims(), to: quiet).responses == nil)
    }

    @Test func `all denials of the source come along, and an empty list allows nothing to any reader`() throws {
        let source = try ExchangeScope.permissions("pub:> !pub:x sub:> !sub:y@q !sub:z")
        let asked = try ExchangeScope.permissions("sub:a !sub:z")
        let issued = PermissionContainment.narrowed(source, to: asked)
        #expect(issued.publishAllow == [])
        #expect(issued.publishDeny?.map(\.text) == ["x", ">"])
        #expect(issued.subscribeAllow?.map(\.text) == ["a"])
        #expect(issued.subscribeDeny?.map(\.text) == ["z", "y q"])
        #expect(!issued.isEmpty)
    }

    @Test func `what is too much to compare is refused`() throws {
        let many = (0..<60).map { "sub:*.w\($0).>" }.joined(separator: " ")
        let denials = (0..<60).map { "!sub:v\($0).>" }.joined(separator: " ")
        let asked = try ExchangeScope.permissions("\(many) \(denials)")
        let source = try ExchangeScope.permissions("sub:> \(denials)")
        #expect(PermissionContainment.judge(asked, within: source) == .contained)
        #expect(PermissionContainment.judge(asked, within: source, budget: 1000) == .exhausted)
        let publishing = try ExchangeScope.permissions("pub:a pub:b")
        #expect(PermissionContainment.judge(publishing, within: publishing, budget: 1) == .exhausted)
    }

    // MARK: Worlds

    @Test func `in a small world every answer is right, and every refusal is proved`() throws {
        let world = SmallWorld()
        var allows: [[String]?] = [nil, []]
        allows += world.patterns.map { [$0] }
        let denies = [[]] + world.patterns.map { [$0] }
        let lists = try allows.flatMap { allow in
            try denies.map { deny in try world.judged(publish: allow, deny, subscribe: allow, deny) }
        }
        var counts = (contained: 0, outside: 0)
        for source in lists {
            for request in lists {
                let isContained =
                    request.publishing.isSubset(of: source.publishing)
                    && request.subscribing.isSubset(of: source.subscribing)
                try check(request, in: source, isContained)
                if isContained { counts.contained += 1 } else { counts.outside += 1 }
            }
        }
        #expect(counts.contained > 1000 && counts.outside > 1000, "\(counts)")
    }

    @Test func `in a small world of queue groups every answer is right`() throws {
        let world = SmallWorld()
        let patterns = ["a", "*", ">", "a.b", "a.*", "*.b", "a.>"]
        let entries = patterns.flatMap { [$0, "\($0) v", "\($0) v.*", "\($0) >"] }
        var sources = try entries.flatMap { first in
            try entries.filter { $0 > first }.map { second in
                try world.judged(publish: [], [], subscribe: [first, second], [])
            }
        }
        sources += try entries.flatMap { entry in
            try ["a v", "a.* >", "*", "> v"].map { deny in
                try world.judged(publish: [], [], subscribe: [entry], [deny])
            }
        }
        let requests =
            try entries.map { try world.judged(publish: [], [], subscribe: [$0], []) }
            + entries.map { try world.judged(publish: [], [], subscribe: ["a.*", $0], ["a.b v"]) }
        for source in sources {
            for request in requests {
                try check(request, in: source, request.subscribing.isSubset(of: source.subscribing))
            }
        }
    }

    private func check(_ request: SmallWorld.Judged, in source: SmallWorld.Judged, _ isContained: Bool) throws {
        switch PermissionContainment.judge(request.claims, within: source.claims) {
        case .contained:
            guard isContained else {
                Issue.record("\(request.claims) was held to be within \(source.claims)")
                return
            }
        case .outside(let witness):
            // The small world may be too small to show it; the witness shows it.
            let asked = RandomPermissions.allows(request.compiled, witness)
            let had = RandomPermissions.allows(source.compiled, witness)
            guard asked, !had, !isContained || request.claims.subscribeAllow?.isEmpty != true else {
                Issue.record("\(witness) does not show \(request.claims) outside \(source.claims)")
                return
            }
        case .exhausted: Issue.record("exhausted")
        }
    }

    /// `CREDENCE_EXCHANGE_PAIRS` sets how many pairs are tried, `CREDENCE_EXCHANGE_SEED` repeats a run.
    @Test func `an exchanged token never allows what its source did not, and every refusal is proved`() throws {
        let environment = ProcessInfo.processInfo.environment
        let pairs = environment["CREDENCE_EXCHANGE_PAIRS"].flatMap { Int($0) } ?? 12_000
        let seed = environment["CREDENCE_EXCHANGE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...(.max))
        print("exchange containment: \(pairs) pairs, seed \(seed)")
        var random = RandomPermissions(seed: seed)
        var counts = (contained: 0, outside: 0, allowed: 0)
        for pair in 0..<pairs {
            let source = random.permissions()
            let request = try random.request(within: source)
            let compiled = try RandomPermissions.compiled(source)
            switch PermissionContainment.judge(request, within: source) {
            case .contained:
                counts.contained += 1
                let issued = try RandomPermissions.compiled(PermissionContainment.narrowed(source, to: request))
                for _ in 0..<8 {
                    let operation = try random.operation(near: request)
                    guard operation.isAllowed(by: issued) else { continue }
                    counts.allowed += 1
                    if !operation.isAllowed(by: compiled) {
                        Issue.record("seed \(seed), pair \(pair): \(operation) under \(request) from \(source)")
                        return
                    }
                }
            case .outside(let witness):
                counts.outside += 1
                let asked = try RandomPermissions.compiled(request)
                if !RandomPermissions.allows(asked, witness) || RandomPermissions.allows(compiled, witness) {
                    Issue.record("seed \(seed), pair \(pair): \(witness) is no proof: \(request) and \(source)")
                    return
                }
            case .exhausted:
                Issue.record("seed \(seed), pair \(pair): exhausted")
                return
            }
        }
        print("exchange containment: \(counts)")
        // Enough of either, or the property would be about nothing.
        #expect(counts.contained > pairs / 10 && counts.outside > pairs / 10 && counts.allowed > pairs / 10)
    }
}

@Suite struct ExchangeScopeTests {
    @Test func `a scope says all that is asked for, and comes out as it went in`() throws {
        let text = "pub:a.* pub:b sub:c sub:d@q.* !pub:a.x !sub:c.y !sub:d@q.z"
        let asked = try ExchangeScope.permissions(text)
        #expect(asked.publishAllow?.map(\.text) == ["a.*", "b"])
        #expect(asked.publishDeny?.map(\.text) == ["a.x"])
        #expect(asked.subscribeAllow?.map(\.text) == ["c", "d q.*"])
        #expect(asked.subscribeDeny?.map(\.text) == ["c.y", "d q.z"])
        #expect(ExchangeScope.text(of: asked) == text)
        #expect(ExchangeScope.text(of: PermissionClaims()) == "pub:> sub:>")
        let one = try ExchangeScope.permissions("sub:a")
        #expect(one.publishAllow == [] && one.responses == nil)
    }

    @Test func `what is no word of permissions refuses the scope`() {
        for text in [
            "", " ", "openid", "pub", "pub:", "pub:a..b", "pub:a  sub:b", "pub:a ", " pub:a", "sub:a@", "sub:@q",
            "sub:a@b@c", "Pub:a", "!!pub:a", "!pub:a", "sub:b !pub:a", "!sub:a pub:a", "pub:a\tb", "pub:>.a",
            "pub:a,sub:b\n", "deny:a",
        ] {
            #expect(throws: ExchangeScope.Fault.self, "\(text)") { try ExchangeScope.permissions(text) }
        }
        let many = Array(repeating: "pub:a", count: ExchangeScope.maximumWords)
        #expect(throws: Never.self) { try ExchangeScope.permissions(many.joined(separator: " ")) }
        #expect(throws: ExchangeScope.Fault.tooManyWords) {
            try ExchangeScope.permissions((many + ["pub:a"]).joined(separator: " "))
        }
    }
}

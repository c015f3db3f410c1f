import NKeys
import Subjects
import Testing

@testable import Trust

/// Compiled permissions: what they share, and where they say that an entry was written.
@Suite struct CompiledPermissionsTests {
    let world = ChainWorld()

    private func effective(_ user: String, in account: String) throws -> EffectivePermissions {
        let verdict = try world.login(user, account: account)
        return try #require(verdict.proof, "\(verdict.codes)").permissions
    }

    private func place(_ permissions: EffectivePermissions, publish subject: String) throws -> String? {
        var sets = CompiledPermissionSets()
        let compiled = try sets.permissions(permissions)
        let decision = compiled.rules.decide(publish: try Subject(subject))
        return compiled.cause(of: decision, in: .publish).place?.path
    }

    @Test func `users of one role share one set, and another role's equal lists the compiled ones`() throws {
        let account = try world.accountToken(template: #""pub":{"allow":["a.>"]}"#)
        var sets = CompiledPermissionSets()
        let joe = try sets.permissions(effective(world.scopedUserToken(), in: account))
        let ann = try sets.permissions(
            effective(world.scopedUserToken(claims: ["name": "\"ann\""]), in: account))
        #expect(joe === ann)
        let own = try sets.permissions(
            effective(world.userToken(#""pub":{"allow":["a.>"]}"#), in: world.accountToken()))
        #expect(own !== joe)
        #expect(own.rules.isShared(with: joe.rules))
        #expect(sets.count == 1)
        let other = try sets.permissions(
            effective(world.userToken(#""pub":{"allow":["b.>"]}"#), in: world.accountToken()))
        #expect(!other.rules.isShared(with: joe.rules))
        #expect(sets.count == 2)
    }

    @Test func `what nobody holds is forgotten, what somebody holds is not`() throws {
        var sets = CompiledPermissionSets()
        let account = try world.accountToken()
        let held = try sets.permissions(effective(world.userToken(#""pub":{"allow":["a"]}"#), in: account))
        _ = try sets.permissions(effective(world.userToken(#""pub":{"allow":["b"]}"#), in: account))
        sets.removeUnused()
        #expect(sets.count == 1)
        let again = try sets.permissions(effective(world.userToken(#""pub":{"allow":["a"]}"#), in: account))
        #expect(again === held)
    }

    @Test func `an entry made from a template stands where the template does`() throws {
        let account = try world.accountToken(
            template: #""pub":{"allow":["x.{{tag(none)}}","t.{{tag(t)}}","t.1","n.{{name()}}","plain"],"deny":["d"]}"#)
        let tags = #""tags":["t:1","t:2"]"#
        let found = try effective(world.scopedUserToken(tags), in: account)
        #expect(found.lists.publishAllow?.map(\.text) == ["t.1", "t.2", "n.joe", "plain"])
        let list = "signing_keys[1].template.pub.allow"
        #expect(try place(found, publish: "t.1") == "\(list)[1]")
        #expect(try place(found, publish: "t.2") == "\(list)[1]")
        #expect(try place(found, publish: "n.joe") == "\(list)[3]")
        #expect(try place(found, publish: "plain") == "\(list)[4]")
        #expect(try place(found, publish: "d") == "signing_keys[1].template.pub.deny[0]")
        #expect(try place(found, publish: "other") == list)
    }

    @Test func `an allow list of which nothing could be expanded is named as a whole`() throws {
        let template = #""pub":{"allow":["x.{{tag(none)}}"],"deny":["d","e"]}"#
        let found = try effective(world.scopedUserToken(), in: world.accountToken(template: template))
        #expect(found.lists.publishDeny?.map(\.text) == ["d", "e", ">"])
        #expect(try place(found, publish: "a") == "signing_keys[1].template.pub.allow")
    }

    @Test func `a mapping with a random part is allowed only when one entry allows every number`() throws {
        let mappings = #""mappings":{"in":[{"subject":"out.{{random(3)}}"}]}"#
        let account = try world.accountToken(mappings)
        func allowed(_ user: String) throws -> Bool {
            let verdict = try world.login(world.userToken(user), account: account)
            let user = try #require(verdict.proof, "\(verdict.codes)")
            var sets = CompiledPermissionSets()
            let permissions = try sets.permissions(user.permissions)
            let mapped = try #require(user.account.claims.mapped(Subject("in")))
            #expect(mapped.destinations.map(\.share.image) == [.subject(try SubjectPattern("out.*"))])
            return permissions.decide(publishAll: try SubjectPattern("out.*")).isAllowed
        }
        #expect(try allowed(""))
        #expect(try allowed(#""pub":{"allow":["out.>"]}"#))
        #expect(try !allowed(#""pub":{"allow":["out.1"]}"#))
        #expect(try !allowed(#""pub":{"deny":["out.2"]}"#))
        #expect(try !allowed(#""resp":{}"#))
    }

    @Test func `what a mapping leaves over stays, and what it takes from its own source is lost`() throws {
        func shares(_ destinations: String) throws -> [MappingShare] {
            let verdict = try world.login(account: world.accountToken("\"mappings\":{\"in\":[\(destinations)]}"))
            let account = try #require(verdict.proof, "\(verdict.codes)").account.claims
            return try #require(account.mapped(Subject("in"))).destinations.map(\.share)
        }
        let out = MappingShare.Image.subject(try SubjectPattern("out"))
        let stays = MappingShare.Image.subject(try SubjectPattern("in"))
        let partly = try shares(#"{"subject":"out","weight":30}"#)
        #expect(partly.map(\.image) == [out, stays] && partly.map(\.percent) == [30, 70])
        let lossy = try shares(#"{"subject":"out","weight":50},{"subject":"in","weight":1}"#)
        #expect(lossy.map(\.image) == [out, stays, .dropped] && lossy.map(\.percent) == [50, 1, 49])
    }
}

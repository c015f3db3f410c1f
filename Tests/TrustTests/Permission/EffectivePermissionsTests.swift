import NKeys
import Subjects
import Testing

@testable import Trust

/// The one source of a user's permissions.
@Suite struct EffectivePermissionsTests {
    let world = ChainWorld()
    private let defaults = #""default_permissions":{"pub":{"allow":["d.>"]}}"#

    private func permissions(_ user: String, in account: String) throws -> EffectivePermissions {
        let verdict = try world.login(user, account: account)
        return try #require(verdict.proof, "\(verdict.codes)").permissions
    }

    @Test func `any entry of the user's own, or a response permission, leaves the defaults out`() throws {
        let account = try world.accountToken(defaults)
        for member in [#""sub":{"deny":["x"]}"#, #""pub":{"allow":["y"]}"#, #""resp":{}"#] {
            let found = try permissions(world.userToken(member), in: account)
            #expect(found.source == .user)
            #expect(found.lists.publishAllow?.map(\.text) != ["d.>"])
        }
    }

    @Test func `without any of its own the account's defaults hold, and without those nothing is forbidden`() throws {
        let account = try world.accountToken(defaults)
        for member in ["", #""pub":{},"sub":{}"#, #""pub":{"allow":[]}"#] {
            let found = try permissions(world.userToken(member), in: account)
            #expect(found.source == .accountDefaults)
            #expect(found.lists.publishAllow?.map(\.text) == ["d.>"])
        }
        let free = try permissions(world.userToken(), in: world.accountToken())
        #expect(free.source == .unrestricted)
        #expect(free.lists.isEmpty)
    }

    @Test func `a role's template replaces everything, and an empty one leaves the defaults`() throws {
        let role = try world.accountToken(template: #""pub":{"allow":["u.{{name()}}"]},"resp":{"max":3}"#, defaults)
        let found = try permissions(world.scopedUserToken(), in: role)
        #expect(found.source == .template(key: world.scoped.publicKey, role: "reader"))
        #expect(found.lists.publishAllow?.map(\.text) == ["u.joe"])
        #expect(found.lists.responses?.maximum == 3)
        let empty = try permissions(world.scopedUserToken(), in: world.accountToken(defaults))
        #expect(empty.source == .accountDefaults)
    }

    @Test func `a role whose entries were all dropped does not fall back to the defaults`() throws {
        let role = try world.accountToken(template: #""pub":{"allow":["u.{{tag(none)}}"]}"#, defaults)
        let found = try permissions(world.scopedUserToken(), in: role)
        #expect(found.source == .template(key: world.scoped.publicKey, role: "reader"))
        #expect(found.lists.publishDeny?.map(\.text) == [">"])
    }

    @Test func `a template that nobody judged allows nothing when it fails`() throws {
        var scope = UserScope(key: world.scoped.publicKey)
        scope.permissions.publishDeny = ["x.{{tag(none)}}"]
        let user = UserClaims(common: CommonClaims(issuer: world.scoped.publicKey, subject: world.user.publicKey))
        let account = AccountClaims(
            common: CommonClaims(issuer: world.operator.publicKey, subject: world.account.publicKey))
        let found = EffectivePermissions(of: user, in: account, scope: scope)
        #expect(found.lists.publishDeny?.map(\.text) == [">"])
        #expect(found.lists.subscribeDeny?.map(\.text) == [">"])
    }
}

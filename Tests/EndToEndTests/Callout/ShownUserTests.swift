import Foundation
import NKeys
import RealServers
import Subjects
import Testing
import Trust

/// User tokens of ours, shown to `credence callout`: how an audience is enforced on the real server.
@Suite(.serialized, .onOwnThread) struct ShownUserTests {
    private static let violation = "-ERR 'Authorization Violation'"

    /// Logs in as a user of `CAL`, who is asked about as everybody there is.
    private func login(
        _ world: CalloutWorld, signing keys: KeyPair? = nil, _ change: (inout UserClaims) throws -> Void
    ) throws -> CalloutClient {
        let user = try KeyPair.generate(.user)
        var claims = UserClaims(subject: user.publicKey, name: "bob")
        claims.permissions.publishAllow = try ["cal.>", "$SYS.REQ.USER.INFO"].map {
            try PermissionEntry($0, in: .publish)
        }
        claims.common.audience = "cluster"
        try change(&claims)
        let token = try TokenSigner(world.account).sign(
            claims, at: UnixTime(Int64(Date().timeIntervalSince1970)) ?? .zero)
        return try CalloutClient(url: world.server.url, ["jwt": token.text], signing: keys ?? user)
    }

    @Test func `a user comes in by a token that is meant for this cluster, and by no other`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure(callout: ["user_tokens": "checked", "names": ["cluster"]]))
        let good = try login(world) { _ in }
        #expect(good.isIn, "\(service.log.text)")
        #expect(try good.identity()["account"] as? String == world.account.publicKey.text)
        #expect(try good.mayPublish("cal.x"))
        #expect(try !good.mayPublish("other.x"))
        #expect(try login(world) { $0.common.audience = "elsewhere" }.answer == Self.violation)
        #expect(service.says("rules=C-user-audience"))
        #expect(try login(world) { $0.common.audience = nil }.answer == Self.violation)
        #expect(service.says("rules=C-user-audience", times: 2))
        // A bearer has proved nothing, whatever the token says.
        #expect(try login(world) { $0.limits.bearer = true }.answer == Self.violation)
        #expect(service.says("rules=C-user-proof"))
    }

    @Test func `a stolen token is of no use without its key`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure(callout: ["user_tokens": "checked"]))
        #expect(try login(world, signing: try KeyPair.generate(.user)) { _ in }.answer.hasPrefix("-ERR 'Auth"))
        #expect(try login(world) { _ in }.isIn, "\(service.log.text)")
    }

    @Test func `without that setting a user token says nothing`() throws {
        let world = try CalloutWorld()
        let service = try CalloutProcess(world.configure())
        #expect(try login(world) { _ in }.answer == Self.violation)
        #expect(service.says("rules=Q-credential"))
    }
}

import NATSWire
import NKeys
import Subjects
import Trust

@testable import Broker

/// An account whose clients an authorization service decides on, the service, which a test answers for, and an account
/// that it may put clients into.
final class CalloutWorld {
    enum Sealing { case inTheClear, sealed }

    let world: MachineWorld
    let account: KeyPair
    let target: KeyPair
    /// Signs for the account, beside its identity key.
    let signer: KeyPair
    let serviceUser: MachineWorld.User
    let service: MachineClient
    let sealing: KeyPair

    init(_ kind: Sealing = .inTheClear, _ edit: (inout AccountClaims) -> Void = { _ in }) throws {
        world = try MachineWorld()
        (account, signer, sealing) = (
            try KeyPair.generate(.account), try KeyPair.generate(.account), try KeyPair.generate(.curve)
        )
        target = try world.account("TGT")
        serviceUser = try world.user(of: account)
        var claims = AccountClaims(subject: account.publicKey, name: "CAL")
        var authorization = ExternalAuthorization()
        authorization.users = [serviceUser.keys.publicKey]
        authorization.accounts = [target.publicKey]
        if kind == .sealed { authorization.sealingKey = sealing.publicKey }
        claims.authorization = authorization
        claims.signingKeys = [.plain(signer.publicKey)]
        edit(&claims)
        try world.set(claims)
        service = world.open()
        try service.connect(as: serviceUser)
        service.say("SUB $SYS.REQ.USER.AUTH 1\r\n")
    }

    /// A question that reached the service.
    struct Question {
        let claims: AuthorizationRequestClaims
        let reply: String
        let headers: [UInt8]
    }

    /// A client that nobody has decided on: it has said who it is, as a bearer of the account unless said otherwise.
    func ask(
        options: String = "", _ edit: (inout UserClaims) throws -> Void = { $0.limits.bearer = true }
    ) throws -> (client: MachineClient, question: Question?) {
        let client = world.open()
        _ = client.hear()
        client.say(try client.connectText(as: try world.user(of: account, edit), options: options) + "PING\r\n")
        return (client, try question())
    }

    /// The question that the service got; nil for none.
    func question() throws -> Question? {
        for operation in try service.operations() {
            guard case .message(let message) = operation else { continue }
            var payload = message.payload
            if !payload.starts(with: "eyJ".utf8) {
                let headers = try MessageHeaders(parsing: message.headers)
                guard let server = headers[AuthorizationService.keyHeader] else { return nil }
                payload = try sealing.open(payload, from: try PublicKey(server))
            }
            let verdict = payload.withUnsafeBufferPointer {
                TokenVerifier().verify(utf8: $0, as: AuthorizationRequestClaims.self, at: world.host.now)
            }
            guard let claims = verdict.proof?.claims else { return nil }
            return Question(
                claims: claims, reply: String(decoding: message.reply ?? [], as: UTF8.self), headers: message.headers)
        }
        return nil
    }

    /// The token of a user for a question, of the target account unless said otherwise.
    func user(
        for question: Question, of account: KeyPair? = nil, signedBy signer: KeyPair? = nil,
        _ edit: (inout UserClaims) throws -> Void = { _ in }
    ) throws -> String {
        let account = account ?? target
        var claims = UserClaims(
            common: CommonClaims(issuer: account.publicKey, subject: question.claims.userKey, name: "derived"))
        if signer != nil { claims.issuerAccount = account.publicKey }
        try edit(&claims)
        return try TokenSigner(signer ?? account).sign(claims, at: world.host.now).text
    }

    /// What the service says, signed by the account unless said otherwise.
    func response(
        to question: Question, _ token: String, signedBy signer: KeyPair? = nil,
        _ edit: (inout AuthorizationResponseClaims) -> Void = { _ in }
    ) throws -> [UInt8] {
        var claims = AuthorizationResponseClaims(
            common: CommonClaims(
                issuer: account.publicKey, subject: question.claims.userKey, audience: world.core.identity.id),
            token: token)
        edit(&claims)
        return Array(try TokenSigner(signer ?? account).sign(claims, at: world.host.now).text.utf8)
    }

    func seal(_ text: [UInt8]) throws -> [UInt8] { try sealing.seal(text, to: world.core.identity.sealing.publicKey) }

    /// Has the service say something.
    func answer(_ question: Question, _ payload: [UInt8]) {
        service.say(Array("PUB \(question.reply) \(payload.count)\r\n".utf8) + payload + Array("\r\n".utf8))
    }
}

import NATSWire
import NKeys
import Subjects
import Trust

/// Asks an account's own authorization service who its clients are (auth callout, in operator mode).
///
///     client -> sentinel judged -> request, signed and sealed -> the service -> response judged -> user judged -> bound
///
/// The user that a service returns is for a key that was made for this one question, and is judged by every rule that any
/// other user is: the broker itself proves the possession of that key. So its source, its hours, its kind of connection,
/// its limits and the revocations of the account that it is put in hold.
final class AuthorizationService: AuthorizationAsking {
    static let requestSubject = "$SYS.REQ.USER.AUTH"
    static let audience = "nats-authorization-request"
    static let keyHeader = "Nats-Server-Xkey"

    func ask(about session: Session, as sentinel: TrustedUser, in core: BrokerCore) {
        guard let service = sentinel.account.claims.authorization else { return }
        let question = AuthorizationQuestion(
            account: sentinel.account, service: service, identity: core.identity, verifier: core.chain.verifier,
            server: server(core, sealing: service.sealingKey != nil), client: client(session, sentinel),
            options: options(session),
            tls: session.peer.tls.map(Self.tls), nonce: session.nonce, now: core.wallTime,
            seconds: max(1, Int64(clamping: core.settings.times.authentication.nanoseconds / 1_000_000_000)))
        let (id, attempt) = (session.id, session.attempt)
        core.host.compute {
            question.written()
        } then: { written in
            core.enter()
            defer { core.leave() }
            guard let session = core.sessions[id], session.phase == .judging, session.attempt == attempt else { return }
            guard let written else { return Self.refuse(session, "the request could not be written", core) }
            Self.publish(written, question, about: session, core)
        }
    }

    private static func refuse(_ session: Session, _ why: String, _ core: BrokerCore) {
        core.refuse(session, [Finding(.userProof, at: "authorization", .text(why))])
    }

    private static func publish(
        _ written: AuthorizationQuestion.Written, _ question: AuthorizationQuestion, about session: Session,
        _ core: BrokerCore
    ) {
        let space = core.space(for: question.account.key)
        guard let subject = try? Subject(requestSubject) else { return }
        let reply = Array("$SYS._INBOX.".utf8) + RandomText.base62(12) + Array(".".utf8) + RandomText.base62(12)
        let (id, attempt) = (session.id, session.attempt)
        let threshold = core.settings.times.authentication.nanoseconds
        space.awaited[reply] = AwaitedReply(
            .broker { message in
                receive(message, question, written.userKeys, session: id, attempt: attempt, core)
            }, responses: .singleton, threshold: threshold, now: core.now)
        core.sweepSoon()
        var headers: [UInt8] = []
        if question.service.sealingKey != nil {
            let block = MessageHeaders([.init(keyHeader, core.identity.sealing.publicKey.text)])
            headers = (try? block.bytes()) ?? []
        }
        let heard = core.publish(written.payload, on: subject, reply: reply, headers: headers, in: space)
        if heard == 0 {
            space.awaited[reply] = nil
            refuse(session, "no authorization service of the account listens", core)
        }
    }

    private static func receive(
        _ message: ReceivedMessage, _ question: AuthorizationQuestion, _ userKeys: KeyPair, session id: UInt64,
        attempt: Int, _ core: BrokerCore
    ) {
        let (payload, now) = (message.payload, core.wallTime)
        core.host.compute {
            question.judge(payload, for: userKeys, at: now)
        } then: { verdict in
            core.enter()
            defer { core.leave() }
            guard let session = core.sessions[id], session.phase == .judging, session.attempt == attempt else { return }
            switch verdict {
            case .granted(let derived): core.judgeDerived(derived, for: session)
            case .refused(let findings): core.refuse(session, findings)
            }
        }
    }

    // MARK: What is said of the client

    private func server(_ core: BrokerCore, sealing: Bool) -> CalloutServer {
        var server = CalloutServer()
        server.name = core.serverName
        server.host = core.address.host
        server.id = core.identity.id
        server.version = BrokerIdentity.version
        // The key to seal answers for, told only where the account seals.
        if sealing { server.sealingKey = core.identity.sealing.publicKey }
        return server
    }

    private func client(_ session: Session, _ sentinel: TrustedUser) -> CalloutClient {
        var client = CalloutClient()
        client.host = session.peer.host
        client.id = Int64(clamping: session.id)
        client.user = session.options.user.isEmpty ? sentinel.key.text : session.options.user
        client.name = session.options.name
        client.nameTag = sentinel.account.claims.common.name
        client.kind = "Client"
        client.type = "nats"
        if !session.options.signature.isEmpty { client.nonce = String(decoding: session.nonce, as: UTF8.self) }
        return client
    }

    private func options(_ session: Session) -> CalloutConnectOptions {
        let sent = session.options
        var options = CalloutConnectOptions()
        (options.token, options.key, options.signature) = (sent.token, sent.key, sent.signature)
        (options.authToken, options.user, options.password) = (sent.authToken, sent.user, sent.password)
        (options.name, options.language, options.version) = (sent.name, sent.language, sent.version)
        options.protocolVersion = Int64(clamping: sent.protocolVersion)
        return options
    }

    private static func tls(_ peer: PeerTLS) -> CalloutTLS {
        var tls = CalloutTLS()
        (tls.version, tls.cipher, tls.certificates) = (peer.version, peer.cipher, peer.certificates)
        return tls
    }
}

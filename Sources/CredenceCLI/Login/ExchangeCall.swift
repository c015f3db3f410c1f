import Identity
import NKeys
import SystemTimeZones
import Trust

/// Exchanges tokens for users of ours at an account server.
struct ExchangeCall {
    let server: AccountServerAddress
    /// A name of the server, for which proofs are made.
    let service: AudienceName
    let audience: AudienceName
    /// Words of what is asked for; nil for all that there is.
    let scope: String?
    /// In seconds; nil for as long as is usual.
    let lifetime: Int64?
    let http: LoginHTTP

    /// A user that was issued.
    struct Issued {
        let token: String
        let issuedAt: UnixTime
        let expires: UnixTime
    }

    /// Refuses an audience that the server does not know.
    func checkAudience() async throws {
        let answer = try await http.asked(server) {
            try await $0.document(at: server.url + "/.well-known/credence-audiences")
        }
        guard answer.status == 200 else {
            throw CommandFailure(
                .inputOutput, "\(name) has no list of audiences (\(answer.status))",
                hint: "is this the address of an account server with --identity?")
        }
        let registry: AudienceRegistry
        do throws(AudienceRegistry.DocumentFault) {
            registry = try AudienceRegistry(document: answer.body)
        } catch {
            throw CommandFailure(.badInput, "\(name): its list of audiences cannot be read: \(error)")
        }
        guard registry[audience] == nil else { return }
        let known = registry.entries.prefix(10).map { "`\($0.name.text)`" }.joined(separator: ", ")
        let more = registry.entries.count > 10 ? " and \(registry.entries.count - 10) more" : ""
        throw CommandFailure(
            .noInput, "\(name) knows no audience \(Files.quoted(audience.text))",
            hint: known.isEmpty ? "it knows none" : "it knows \(known)\(more)")
    }

    /// Exchanges a token for a user of a key.
    func issue(_ subject: SubjectToken, to pair: KeyPair) async throws -> Issued {
        let now = WallClock.now()
        let signer = TokenSigner(pair, zones: SystemZones())
        let proof = try signed("the proof of the key") { () throws(SigningError) in
            try ExchangeProof.text(for: subject.text, audience: audience, service: service, signer: signer, at: now)
        }
        var form = ExchangeForm()
        form["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange"
        form["subject_token"] = subject.text
        form["subject_token_type"] = subject.kind.urn
        form["requested_token_type"] = SubjectToken.Kind.jwt.urn
        form["audience"] = audience.text
        form["scope"] = scope
        form["credence_proof"] = proof
        form["credence_lifetime"] = lifetime.map(String.init)
        let answer = try await http.asked(server) { try await $0.send(form, to: server.url + "/oauth2/token") }
        do throws(ExchangeAnswer.Fault) {
            return try judged(try ExchangeAnswer(answer).token, pair.publicKey)
        } catch {
            throw failure(error)
        }
    }

    /// Nothing is written that is not what was asked for: a user of this key, for this audience, that ends.
    private func judged(_ token: String, _ key: PublicKey) throws(ExchangeAnswer.Fault) -> Issued {
        let verdict = TokenVerifier(zones: SystemZones()).verify(token, as: UserClaims.self, at: WallClock.now())
        guard let user = verdict.proof else {
            throw .answer(verdict.failures.first.map { Printable.finding($0) } ?? "no user token")
        }
        let common = user.claims.common
        guard user.subject == key else { throw .answer("the user token is for another key") }
        guard common.audience == audience.text else { throw .answer("the user token is for another audience") }
        guard let expires = common.expires, let issuedAt = common.issuedAt else {
            throw .answer("the user token has no end")
        }
        return Issued(token: token, issuedAt: issuedAt, expires: expires)
    }

    private var name: String { Files.quoted(server.url) }

    private func failure(_ fault: ExchangeAnswer.Fault) -> CommandFailure {
        let what = "\(name): \(fault)"
        switch fault {
        case .refused(_, let rules):
            let hint: String? =
                if rules.contains(where: { $0.hasPrefix("X-proof") }) {
                    "name the server as its configuration does (`names`) with --service"
                } else if rules.contains(where: { $0.hasPrefix("X-lifetime") }) {
                    "ask for less with --lifetime"
                } else if rules.contains(where: { $0.hasPrefix("X-scope") }) {
                    "ask for less with --scope, or for all without it"
                } else {
                    nil
                }
            return CommandFailure(.no, what, hint: hint)
        case .unavailable: return CommandFailure(.inputOutput, what, hint: "try again later")
        case .answer: return CommandFailure(.badInput, what, hint: "is this the address of an account server?")
        }
    }
}

extension LoginHTTP {
    /// Asks an account server, and says its name where it does not answer.
    func asked(
        _ server: AccountServerAddress, _ ask: (LoginHTTP) async throws -> IssuerAnswer
    ) async throws -> IssuerAnswer {
        do {
            return try await ask(self)
        } catch let fault as Fault {
            throw CommandFailure(
                .inputOutput, "\(Files.quoted(server.url)): \(fault)", hint: "check --server, and --ca")
        }
    }
}

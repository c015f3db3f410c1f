import Glibc
import Identity
import NKeys

/// Tokens of an issuer that a person gives leave for in a browser (RFC 8628), and after that by refresh tokens.
///
/// A refresh token is kept in memory, or, where that is asked for, in a file for its owner alone.
struct DeviceSource: SubjectSource {
    let issuer: String
    let clientID: String
    let scope: String?
    let resource: String?
    /// The token of the answer that is exchanged.
    let kind: SubjectToken.Kind
    /// Where a refresh token is kept; nil for memory alone.
    let refreshFile: String?
    let authorities: String?
    let http: LoginHTTP

    private var metadata: IssuerMetadata?
    private var refresh: String?
    private var given: SubjectToken?
    /// Whether a person was asked already, by this process: he is not asked again.
    private var hasAsked = false
    private(set) var isOver = false

    init(
        issuer: String, clientID: String, scope: String?, resource: String?, kind: SubjectToken.Kind,
        refreshFile: String?, authorities: String?, http: LoginHTTP
    ) {
        (self.issuer, self.clientID, self.scope, self.resource) = (issuer, clientID, scope, resource)
        (self.kind, self.refreshFile, self.authorities, self.http) = (kind, refreshFile, authorities, http)
    }

    mutating func taken() {
        // Where there is no other, a token is of use until it ends.
        if refresh != nil { given = nil }
    }

    mutating func token() async throws -> SubjectToken {
        if let given { return given }
        if !hasAsked, refresh == nil { refresh = try storedRefreshToken() }
        if let token = refresh {
            do {
                return try keep(try await refreshed(token))
            } catch let fault as IssuerFault {
                refresh = fault == .grantEnded ? nil : refresh
                // A refresh token from a file may be of another day: then a person is asked, once.
                guard fault == .grantEnded, !hasAsked else {
                    isOver = fault == .grantEnded
                    throw failure(fault)
                }
            }
        }
        guard !hasAsked else {
            isOver = true
            throw failure(.grantEnded)
        }
        hasAsked = true
        return try keep(try await asked())
    }

    // MARK: Refreshing

    private mutating func refreshed(_ token: String) async throws -> IssuerTokens {
        let endpoint = try await endpoints().token
        // An issuer may take each refresh token once, and then only this answer has the next: whoever ends the command
        // meanwhile waits for it.
        let (source, form) = (self, IssuerTokens.refreshForm(clientID: clientID, token: token))
        let answer = try await Task { try await source.send(form, to: endpoint) }.value
        return try IssuerTokens(answer)
    }

    private mutating func keep(_ tokens: IssuerTokens) throws -> SubjectToken {
        if let new = tokens.refresh {
            refresh = new
            try store(new)
        }
        let text: String
        switch kind {
        case .access, .jwt: text = tokens.access
        case .id:
            guard let id = tokens.id else {
                throw CommandFailure(
                    .badInput, "\(name) gives no ID token", hint: "ask for one with --issuer-scope openid")
            }
            text = id
        }
        let token = SubjectToken(text: text, kind: kind)
        given = token
        return token
    }

    private func storedRefreshToken() throws(CommandFailure) -> String? {
        guard let refreshFile, access(refreshFile, F_OK) == 0 else { return nil }
        let secret = try Files.readSecret(refreshFile, limit: ExchangeForm.maximumValue)
        return secret.withUnsafeBytes { FileSource.token(in: String(decoding: $0, as: UTF8.self)) }
    }

    private func store(_ token: String) throws(CommandFailure) {
        guard let refreshFile else { return }
        try Array((token + "\n").utf8).span.withUnsafeBytes { (bytes) throws(CommandFailure) in
            try Files.writeSecret(bytes, to: refreshFile, replacing: .allowed)
        }
    }

    // MARK: Asking

    private mutating func asked() async throws -> IssuerTokens {
        let (endpoint, device) = try await endpoints()
        guard let device else {
            throw CommandFailure(
                .badInput, "\(name) knows no device flow: it names no `device_authorization_endpoint`",
                hint: "get a token in another way, and give it with --token-file")
        }
        var flow = DeviceFlow(clientID: clientID, scope: scope, resource: resource)
        do {
            let prompt = try flow.begin(try await send(flow.form, to: device), at: Self.now())
            Self.show(prompt)
            while let next = flow.nextPoll {
                try await Task.sleep(for: max(.zero, next - Self.now()))
                let answer = try? await http.send(flow.form, to: endpoint)
                if let tokens = try flow.poll(answer, at: Self.now()) { return tokens }
            }
            throw IssuerFault.expired
        } catch let fault as IssuerFault {
            throw failure(fault)
        }
    }

    private static func now() -> Duration { .nanoseconds(Int64(clamping: MonotonicClock.nanoseconds())) }

    private static func show(_ prompt: DeviceFlow.Prompt) {
        var lines = ["to log in, open \(prompt.completeAddress ?? prompt.address)"]
        lines.append(
            prompt.completeAddress == nil
                ? "and enter the code \(prompt.userCode)"
                : "and confirm the code \(prompt.userCode), or enter it at \(prompt.address)")
        lines.append("it is good for \(prompt.lifetime) seconds; give it to nobody who asks you for it")
        StandardError.write(lines.map { Printable.line($0) + "\n" }.joined())
    }

    // MARK: The issuer

    private var name: String { "the issuer \(Files.quoted(issuer))" }

    private mutating func endpoints() async throws -> (token: String, device: String?) {
        let known: IssuerMetadata
        if let metadata {
            known = metadata
        } else {
            do throws(IssuerMetadata.Fault) {
                known = try await IssuerMetadata.fetched(from: issuer, authorities: authorities)
            } catch {
                throw CommandFailure(
                    .inputOutput, "\(name): \(error)", hint: "check --issuer, and --ca where it has its own")
            }
            metadata = known
        }
        guard let token = known.tokenEndpoint else {
            throw CommandFailure(.badInput, "\(name) names no `token_endpoint`")
        }
        return (token, known.deviceAuthorizationEndpoint)
    }

    private func send(_ form: ExchangeForm, to url: String) async throws -> IssuerAnswer {
        do throws(LoginHTTP.Fault) {
            return try await http.send(form, to: url)
        } catch {
            throw CommandFailure(.inputOutput, "\(name): \(error)")
        }
    }

    private func failure(_ fault: IssuerFault) -> CommandFailure {
        let hint =
            switch fault {
            case .denied: "log in again, and give leave for it"
            case .expired, .grantEnded: "log in again"
            case .error(code: "invalid_client"), .error(code: "unauthorized_client"):
                "check --client-id: the issuer has to know it, without a secret and with the device flow"
            case .error(code: "invalid_scope"): "ask for another --issuer-scope"
            default: nil as String?
            }
        if case .answer = fault { return CommandFailure(.badInput, "\(name): \(fault)", hint: hint) }
        return CommandFailure(.no, "\(name): \(fault)", hint: hint)
    }
}

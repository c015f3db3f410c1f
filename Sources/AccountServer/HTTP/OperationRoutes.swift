import HTTPTypes
import NIOCore

/// What runs a server: whether it is alive and ready, what it counts, and what it understands.
struct OperationRoutes: Sendable {
    let service: any AccountServing
    let registry: PrometheusRegistry
    let drain: ServerDrain

    /// `/healthz`: the process answers.
    static let health = HTTPAnswer(.ok)

    private static let neverKept = "no-cache, no-store, must-revalidate"

    func plan(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        switch call.target.route {
        case .accounts: return .answer(Self.accounts)
        case .ready: return ready()
        case .metrics:
            var answer = HTTPAnswer(.ok, "text/plain; version=0.0.4; charset=utf-8", ByteBuffer(string: registry.text))
            answer.fields[.cacheControl] = "no-store"
            return .answer(answer)
        case .help: return .answer(HTTPAnswer(.ok, "text/plain; charset=utf-8", ByteBuffer(string: Self.help)))
        case .openAPI: return .answer(HTTPAnswer(.ok, "application/json", ByteBuffer(string: OpenAPIText.json)))
        default: return .answer(Self.health)
        }
    }

    /// What a server asks for when it starts: whether there is a resolver at all.
    private static let accounts: HTTPAnswer = {
        var answer = HTTPAnswer(.ok)
        answer.fields[.cacheControl] = neverKept
        answer.fields[.pragma] = "no-cache"
        answer.fields[.expires] = "0"
        return answer
    }()

    private func ready() -> RequestHandler.Plan {
        let (service, drain) = (service, drain)
        return .perform {
            if drain.isDraining { return .refusal(.unavailable, "the server is shutting down") }
            if let hindrance = await service.hindrance() { return .refusal(.unavailable, hindrance) }
            return HTTPAnswer(.ok) { $0.member("ready", true) }
        }
    }

    private static let help = """
        The account server of a NATS-style operator. Docs/AccountServer.md says more; GET /openapi.json is exact.

        GET    /jwt/v1/accounts/         200: there is a resolver here
        GET    /jwt/v1/accounts/KEY      an account's token; ?text=true, ?decode=true, ?check=true, ?notify=true
        POST   /jwt/v1/accounts/KEY      stores an account's token; ?dry_run=true only judges it
        DELETE /jwt/v1/accounts/KEY      deletes what the token in the body says, which an operator signed
        GET    /jwt/v1/operator          the operator's token; ?text=true, ?decode=true
        POST   /jwt/v1/operator          replaces it, where that is allowed
        POST   /jwt/v1/activations       stores an activation token
        GET    /jwt/v1/activations/HASH  an activation token; ?text=true, ?decode=true
        GET    /jwt/v1/pack              all accounts, KEY|TOKEN a line; ?max=N
        POST   /jwt/v1/pack              stores accounts, KEY|TOKEN a line, each for itself
        POST   /oauth2/token             a user token in exchange for another token (RFC 8693)
        GET    /.well-known/credence-audiences  whom tokens can be asked for
        GET    /healthz /readyz /metrics whether it lives, whether it is ready, and what it counts

        """
}

extension HTTPField.Name {
    static let pragma = HTTPField.Name("pragma") ?? .server
}

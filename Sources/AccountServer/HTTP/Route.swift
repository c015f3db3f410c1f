/// The resources of the account server, by the template of their path.
enum Route: String, CaseIterable, Hashable, Sendable {
    case accounts = "/jwt/v1/accounts/"
    case account = "/jwt/v1/accounts/{key}"
    case `operator` = "/jwt/v1/operator"
    case activations = "/jwt/v1/activations"
    case activation = "/jwt/v1/activations/{hash}"
    case pack = "/jwt/v1/pack"
    case help = "/jwt/v1/help"
    case health = "/healthz"
    case ready = "/readyz"
    case metrics = "/metrics"
    case openAPI = "/openapi.json"
    case token = "/oauth2/token"
    case audiences = "/.well-known/credence-audiences"

    /// What can be done with a resource.
    enum Verb: String, CaseIterable, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case delete = "DELETE"
    }

    /// Parameters of queries.
    enum Parameter: String, CaseIterable, Hashable, Sendable {
        case text, decode, check, notify, jti, max
        case dryRun = "dry_run"
    }

    /// The methods that the resource has, and the parameters of each. What is not here is refused.
    var parameters: [Verb: Set<Parameter>] {
        switch self {
        case .accounts, .help, .health, .ready, .metrics, .openAPI, .audiences: [.get: [], .head: []]
        case .account:
            [
                .get: [.text, .decode, .check, .notify, .jti], .head: [.text, .decode, .check, .jti],
                .post: [.dryRun], .delete: [],
            ]
        case .operator: [.get: [.text, .decode], .head: [.text, .decode], .post: []]
        case .activations, .token: [.post: []]
        case .activation: [.get: [.text, .decode], .head: [.text, .decode]]
        case .pack: [.get: [.max], .head: [.max], .post: []]
        }
    }

    /// What the header `Allow` says.
    var allowed: String {
        let verbs = parameters.keys
        return Verb.allCases.filter(verbs.contains).map(\.rawValue).joined(separator: ", ")
    }
}

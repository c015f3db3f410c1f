/// Why a request is refused that broke no rule of the trust model, but one of HTTP or of the server's limits. Codes stand
/// where the codes of rules stand; Docs/AccountServer.md lists them.
enum RequestFault: String, CaseIterable, Sendable {
    /// It is not a request of HTTP/1.1.
    case form = "H-form"
    /// It is of another version.
    case version = "H-version"
    /// Its target or its header is too large.
    case header = "H-header"
    /// It came too slowly.
    case timeout = "H-timeout"
    /// There is no such resource.
    case resource = "H-resource"
    /// The resource has no such method.
    case method = "H-method"
    /// The query has a parameter that the resource does not know, or a value that the parameter does not have.
    case query = "H-query"
    /// The body is encoded.
    case encoding = "H-encoding"
    /// It expects something other than `100-continue`.
    case expectation = "H-expectation"
    /// The caller asks too often.
    case rate = "H-rate"
    /// There are too many connections.
    case connections = "H-connections"
    /// What it asks for was given up.
    case withdrawn = "H-withdrawn"
    /// The server cannot do its part now.
    case unavailable = "H-unavailable"

    /// What is said of it, where there is nothing more to say.
    var message: String {
        switch self {
        case .form: "the request is not one of HTTP/1.1"
        case .version: "only HTTP/1.1 is spoken here"
        case .header: "the request's target or header is too large"
        case .timeout: "the request came too slowly"
        case .resource: "there is no such resource"
        case .method: "the resource does not have this method"
        case .query: "the query has a parameter or a value that is not known here"
        case .encoding: "a body must be sent as it is, without a content encoding"
        case .expectation: "only `100-continue` can be expected"
        case .rate: "too many requests: wait and try again"
        case .connections: "too many connections: close one, or wait"
        case .withdrawn: "looking up by `jti` is not supported"
        case .unavailable: "the server cannot do this now: try again later"
        }
    }

    /// The status that says it.
    var status: Int {
        switch self {
        case .form, .query: 400
        case .version: 505
        case .header: 431
        case .timeout: 408
        case .resource: 404
        case .method: 405
        case .encoding: 415
        case .expectation: 417
        case .rate: 429
        case .connections, .unavailable: 503
        case .withdrawn: 501
        }
    }
}

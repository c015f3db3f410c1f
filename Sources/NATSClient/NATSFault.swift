import NATSWire

/// Why something on a connection to a server did not work.
///
/// Texts never hold a token, a seed or a payload. What a server says is quoted up to 256 bytes, on one line.
public enum NATSFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A server's address cannot be read; why.
    case address(String)
    /// No connection came about; where, and why.
    case unreachable(server: String, reason: String)
    /// TLS did not come about, or is not what was asked for; where, and why.
    case tls(server: String, reason: String)
    /// The server does not let this client in, or not any more.
    case refused(Refusal)
    /// The creds cannot be read or used; why.
    case credentials(String)
    /// What came is not the protocol.
    case protocolViolation(WireFault)
    /// The server ended the connection and said why.
    case server(String)
    /// The server does not answer.
    case stale
    /// The connection went away while something was on its way: whether it arrived is not known.
    case connectionLost
    /// There was no connection for as long as it was waited for: nothing was sent.
    case notSent
    /// No answer came in time; whether the request arrived is not known.
    case timeout
    /// Nobody listens on the subject of a request.
    case noResponders
    /// The server does not permit it; what it says.
    case notPermitted(String)
    /// A message is longer than the server takes. In bytes, headers included.
    case payloadTooLong(bytes: Int, limit: Int)
    /// Something cannot be written as the protocol wants it.
    case invalid(WireFault)
    /// An answer cannot be understood; why.
    case answer(String)
    /// More is waiting to be sent, or to be answered, than there is room for.
    case overloaded
    /// Messages came faster than they were taken, and the subscription was ended rather than lose some in silence.
    case slowConsumer
    /// The connection was closed on this side.
    case closed
    /// The task was cancelled.
    case cancelled

    /// How a server refuses a client.
    public enum Refusal: String, Hashable, Sendable {
        /// It does not accept the credentials.
        case authorization
        /// The credentials did not come in time.
        case timeout
        /// The user's token expired, or the hours are over in which it holds.
        case userExpired
        /// The user was revoked.
        case userRevoked
        /// The account expired or was deleted.
        case accountExpired
        /// The account has as many connections as it may have.
        case accountConnections
        /// The server has as many connections as it may have.
        case serverConnections
    }

    /// One line in lower case.
    public var description: String {
        switch self {
        case .address(let reason): "the server's address cannot be used: \(reason)"
        case .unreachable(let server, let reason): "`\(server)` cannot be reached: \(reason)"
        case .tls(let server, let reason): "no TLS with `\(server)`: \(reason)"
        case .refused(let refusal): refusal.text
        case .credentials(let reason): "the creds cannot be used: \(reason)"
        case .protocolViolation(let fault): "the server does not speak the protocol: \(fault)"
        case .server(let text): "the server ended the connection: `\(text)`"
        case .stale: "the server does not answer pings"
        case .connectionLost: "the connection was lost, and it is not known what arrived"
        case .notSent: "there was no connection, and nothing was sent"
        case .timeout: "no answer came in time"
        case .noResponders: "nobody listens on the subject of the request"
        case .notPermitted(let text): "the server does not permit it: `\(text)`"
        case .payloadTooLong(let bytes, let limit): "a message has \(bytes) bytes, and the server takes \(limit)"
        case .invalid(let fault): "it cannot be sent: \(fault)"
        case .answer(let reason): "an answer cannot be understood: \(reason)"
        case .overloaded: "too much is waiting for the server"
        case .slowConsumer: "messages came faster than they were taken"
        case .closed: "the connection is closed"
        case .cancelled: "the task was cancelled"
        }
    }

    /// Whether it is about who the client is, and not about the way to the server: trying again helps only once the
    /// credentials are others.
    public var isAboutCredentials: Bool {
        switch self {
        case .credentials: true
        case .refused(let refusal): refusal != .serverConnections && refusal != .timeout
        default: false
        }
    }

    /// Whether what was asked for may have been done although it failed.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .connectionLost, .timeout, .cancelled, .closed: true
        default: false
        }
    }
}

extension NATSFault.Refusal {
    /// What a server's error text says, by its beginning; nil for what is no refusal.
    init?(serverText text: String) {
        let text = text.lowercased()
        let refusals: [(String, NATSFault.Refusal)] = [
            ("authorization violation", .authorization), ("authentication timeout", .timeout),
            ("user authentication expired", .userExpired), ("user authentication revoked", .userRevoked),
            ("account authentication expired", .accountExpired),
            ("maximum account active connections exceeded", .accountConnections),
            ("maximum connections exceeded", .serverConnections),
        ]
        guard let found = refusals.first(where: { text.hasPrefix($0.0) }) else { return nil }
        self = found.1
    }

    fileprivate var text: String {
        switch self {
        case .authorization: "the server does not accept the credentials"
        case .timeout: "the server did not get credentials in time"
        case .userExpired: "the user's token has expired"
        case .userRevoked: "the user was revoked"
        case .accountExpired: "the account has expired or was deleted"
        case .accountConnections: "the account has as many connections as it may have"
        case .serverConnections: "the server has as many connections as it may have"
        }
    }
}

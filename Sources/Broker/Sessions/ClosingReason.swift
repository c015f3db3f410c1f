/// Why a connection is closed.
enum ClosingReason: Equatable, Sendable {
    case clientClosed
    case authenticationFailure
    case authenticationTimeout
    case userExpired
    case userRevoked
    case accountExpired
    case bearerNotAllowed
    /// The key that signed the user is no longer the account's, or its role is another.
    case signerGone
    case accountConnections
    case serverConnections
    case subscriptions
    case payload
    case controlLine
    case protocolFault
    /// Arguments that cannot be read, or options that are not JSON.
    case malformed
    case clientProtocol
    case noRespondersWithoutHeaders
    case stale
    case slowConsumer
    case shutdown
    case tls

    /// What the client is told, without quotes; nil for nothing. The field's exact words.
    var text: String? {
        switch self {
        case .authenticationFailure, .bearerNotAllowed: "Authorization Violation"
        case .authenticationTimeout: "Authentication Timeout"
        case .userExpired: "User Authentication Expired"
        case .userRevoked: "User Authentication Revoked"
        case .accountExpired: "Account Authentication Expired"
        case .accountConnections: "maximum account active connections exceeded"
        case .serverConnections: "maximum connections exceeded"
        case .subscriptions: "maximum subscriptions exceeded"
        case .payload: "Maximum Payload Violation"
        case .controlLine: "maximum control line exceeded"
        case .protocolFault: "Unknown Protocol Operation"
        case .clientProtocol: "invalid client protocol"
        case .noRespondersWithoutHeaders: "no responders requires headers support"
        case .stale: "Stale Connection"
        case .clientClosed, .signerGone, .malformed, .slowConsumer, .shutdown, .tls: nil
        }
    }

    /// What events and lists say, in the field's words.
    var reason: String {
        switch self {
        case .clientClosed: "Client Closed"
        case .authenticationFailure: "Authentication Failure"
        case .authenticationTimeout: "Authentication Timeout"
        case .userExpired, .accountExpired: "Authentication Expired"
        case .userRevoked: "Credentials Revoked"
        case .bearerNotAllowed, .signerGone: "Authentication Failure"
        case .accountConnections: "Maximum Account Connections Exceeded"
        case .serverConnections: "Maximum Connections Exceeded"
        case .subscriptions: "Maximum Subscriptions Exceeded"
        case .payload: "Maximum Message Payload Exceeded"
        case .controlLine, .protocolFault, .malformed, .clientProtocol: "Protocol Violation"
        case .noRespondersWithoutHeaders: "No Responders Requires Headers"
        case .stale: "Stale Connection"
        case .slowConsumer: "Slow Consumer (Pending Bytes)"
        case .shutdown: "Server Shutdown"
        case .tls: "TLS Handshake Failure"
        }
    }
}

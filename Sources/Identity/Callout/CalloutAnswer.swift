import NKeys
import Trust

/// What came of one request: what is sent back, and what an operator's log is told.
public struct CalloutAnswer: Sendable {
    /// What was decided.
    public enum Outcome: Sendable {
        /// A user was issued.
        case granted(GrantedUser)
        /// Nobody was, by these rules.
        case refused([IdentityFinding])
    }

    /// What is sent to the server; nil when the request is not one that could be answered to a server.
    public let payload: [UInt8]?
    /// What was decided.
    public let outcome: Outcome
    /// Who asked about whom, as far as it was read.
    public let question: CalloutQuestion?

    /// The rules by which it was refused; empty when granted.
    public var failures: [IdentityFinding] {
        if case .refused(let findings) = outcome { findings } else { [] }
    }
}

/// A user that was issued, for the log.
public struct GrantedUser: Hashable, Sendable {
    /// The role that took the client; nil when it showed a user token of ours.
    public let role: String?
    /// The user's name.
    public let name: String
    /// Where it is.
    public let target: Role.Target
    /// When it ends.
    public let expires: UnixTime
    /// Names the user's token.
    public let tokenID: String
}

/// Who asked about whom, for the log: texts of others are cut and hold no control characters. No credential is among them.
public struct CalloutQuestion: Hashable, Sendable {
    /// The server's key.
    public let server: String
    /// The server's name.
    public let serverName: String
    /// Where the client is.
    public let host: String
    /// What the client calls itself.
    public let client: String
    /// The number of the connection.
    public let connection: Int64
    /// The key that the user is for.
    public let user: String

    init(_ claims: AuthorizationRequestClaims) {
        server = claims.common.issuer.text
        serverName = Self.shown(claims.server.name)
        host = Self.shown(claims.clientDetails.host)
        client = Self.shown(claims.clientDetails.name)
        connection = claims.clientDetails.id
        user = claims.userKey.text
    }

    private static func shown(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(128).map { $0.isControl ? " " : $0 }))
    }
}

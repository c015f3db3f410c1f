import NKeys

/// What a server asks an authorization service (auth callout): may this client connect.
public struct AuthorizationRequestClaims: TokenClaims, Hashable {
    /// The authorization request type.
    public static var type: TokenType { .authorizationRequest }
    /// What every token states; the server signs.
    public var common: CommonClaims
    /// `server_id`.
    public var server = CalloutServer()
    /// `user_nkey`: the key that the answer's user token must be for.
    public var userKey: PublicKey
    /// `client_info`: what the server knows of the client, as JSON text.
    public var clientDetails = CalloutClient()
    /// `connect_opts`: what the client sent.
    public var connectOptions = CalloutConnectOptions()
    /// `client_tls`.
    public var clientTLS: CalloutTLS?
    /// `request_nonce`; empty when absent.
    public var requestNonce = ""
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// A request about the client that is to become `userKey`.
    public init(common: CommonClaims, userKey: PublicKey) {
        self.common = common
        self.userKey = userKey
    }
}

/// `server_id` of an authorization request.
public struct CalloutServer: Hashable, Sendable {
    /// `name`.
    public var name = ""
    /// `host`.
    public var host = ""
    /// `id`: the server's public key, as text.
    public var id = ""
    /// `version`.
    public var version = ""
    /// `cluster`.
    public var cluster = ""
    /// `tags`.
    public var tags: [String] = []
    /// `xkey`: the curve key that answers may be sealed to.
    public var sealingKey: PublicKey?

    /// An unnamed server.
    public init() {}
}

/// `client_info` of an authorization request.
public struct CalloutClient: Hashable, Sendable {
    /// `host`.
    public var host = ""
    /// `id`: the connection's number.
    public var id: Int64 = 0
    /// `user`.
    public var user = ""
    /// `name`.
    public var name = ""
    /// `tags`.
    public var tags: [String] = []
    /// `name_tag`.
    public var nameTag = ""
    /// `kind`.
    public var kind = ""
    /// `type`.
    public var type = ""
    /// `mqtt_id`.
    public var mqttID = ""
    /// `nonce`.
    public var nonce = ""

    /// A client of which nothing is known.
    public init() {}
}

/// `connect_opts` of an authorization request. Holds secrets: never printed.
public struct CalloutConnectOptions: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// `jwt`.
    public var token = ""
    /// `nkey`.
    public var key = ""
    /// `sig`.
    public var signature = ""
    /// `auth_token`.
    public var authToken = ""
    /// `user`.
    public var user = ""
    /// `pass`.
    public var password = ""
    /// `name`.
    public var name = ""
    /// `lang`.
    public var language = ""
    /// `version`.
    public var version = ""
    /// `protocol`.
    public var protocolVersion: Int64 = 0

    /// A client that sent nothing.
    public init() {}

    /// Says nothing of what the client sent.
    public var description: String { "connect options" }
    /// Shows nothing of what the client sent.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// `client_tls` of an authorization request.
public struct CalloutTLS: Hashable, Sendable {
    /// `version`.
    public var version = ""
    /// `cipher`.
    public var cipher = ""
    /// `certs`, PEM.
    public var certificates: [String] = []
    /// `verified_chains`, PEM.
    public var verifiedChains: [[String]] = []

    /// Nothing known.
    public init() {}
}

/// What an authorization service answers: a user token, or why not.
public struct AuthorizationResponseClaims: TokenClaims, Hashable {
    /// The authorization response type.
    public static var type: TokenType { .authorizationResponse }
    /// What every token states; `aud` is the server's key.
    public var common: CommonClaims
    /// `jwt`: the user token; empty when refused.
    public var token = ""
    /// `error`: why not; empty when granted.
    public var error = ""
    /// `issuer_account`: the account, when one of its signing keys signed.
    public var issuerAccount: PublicKey?
    /// `tags`.
    public var tags: [String] = []
    /// Members that this library does not know.
    public var unknown: [UnknownMember] = []

    /// An answer.
    public init(common: CommonClaims, token: String = "", error: String = "", issuerAccount: PublicKey? = nil) {
        self.common = common
        self.token = token
        self.error = error
        self.issuerAccount = issuerAccount
    }
}

/// A signed token of any other content.
public struct GenericClaims: TokenClaims, Hashable {
    /// The generic type.
    public static var type: TokenType { .generic }
    /// What every token states.
    public var common: CommonClaims
    /// `nats` as JSON text: always an object.
    public var content: String
    /// Members that this library does not know: none, all content is free.
    public var unknown: [UnknownMember] { [] }

    /// A token of any content; `content` is the JSON text of an object.
    public init(common: CommonClaims, content: String) {
        self.common = common
        self.content = content
    }
}

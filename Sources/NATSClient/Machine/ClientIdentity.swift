/// As whom a client connects: what it shows of itself in CONNECT.
struct ClientIdentity: Sendable {
    /// The user's token.
    var token: String?
    /// The nonce, signed by the user's key.
    var signature: String?
    /// The user's key, where there is no token.
    var key: String?
    var user: String?
    var password: String?
}

import NKeys

/// Who a broker is to its clients and to authorization services: made anew at each start.
final class BrokerIdentity: Sendable {
    /// Signs what the broker says.
    let key: KeyPair
    /// Opens what is sealed to it.
    let sealing: KeyPair
    /// The key as text: `server_id`.
    let id: String
    /// The version of this product.
    static let version = "0.6.0"

    init() throws(KeyUseError) {
        key = try KeyPair.generate(.server)
        sealing = try KeyPair.generate(.curve)
        id = key.publicKey.text
    }
}

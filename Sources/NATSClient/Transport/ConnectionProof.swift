import NKeys

/// What a client shows a server: its token, and the nonce signed with its key.
struct ConnectionProof: Sendable {
    var identity = ClientIdentity()

    /// Asks for the credentials and signs. What a server calls a nonce is signed only if it looks like one: nobody gets
    /// a signature over a text of their choice.
    init(_ credentials: ConnectionSettings.Credentials, nonce: String?) throws(NATSFault) {
        switch credentials {
        case .none: return
        case .fixed(let file): try show(file, nonce)
        case .read(let read): try show(try read(), nonce)
        case .key(let pair):
            identity.signature = try Self.signature(nonce) { () throws(KeyUseError) in pair }
            identity.key = pair.publicKey.text
        case .password(let user, let read): (identity.user, identity.password) = (user, try read())
        }
    }

    private mutating func show(_ creds: CredentialsFile, _ nonce: String?) throws(NATSFault) {
        identity.signature = try Self.signature(nonce) { () throws(KeyUseError) in try KeyPair(creds.seed) }
        identity.token = String(decoding: creds.token, as: UTF8.self)
    }

    private static func signature(
        _ nonce: String?, by pair: () throws(KeyUseError) -> KeyPair
    ) throws(NATSFault) -> String {
        guard let nonce else { throw .credentials("the server asks for none") }
        guard (8...128).contains(nonce.utf8.count), nonce.utf8.allSatisfy(Base64Text.isCharacter) else {
            throw .credentials("what the server wants signed is no nonce")
        }
        do throws(KeyUseError) {
            return Base64Text.encode(try pair().sign(Array(nonce.utf8)).rawBytes)
        } catch { throw .credentials("\(error)") }
    }
}

import NKeys

/// What a client shows a server: its token, and the nonce signed with its key.
struct ConnectionProof: Sendable {
    var token: String?
    var signature: String?

    /// Asks for the credentials and signs. What a server calls a nonce is signed only if it looks like one: nobody gets
    /// a signature over a text of their choice.
    init(_ credentials: ConnectionSettings.Credentials, nonce: String?) throws(NATSFault) {
        let creds: CredentialsFile
        switch credentials {
        case .none: return
        case .fixed(let file): creds = file
        case .read(let read): creds = try read()
        }
        guard let nonce else { throw .credentials("the server asks for none") }
        guard (8...128).contains(nonce.utf8.count), nonce.utf8.allSatisfy(Base64Text.isCharacter) else {
            throw .credentials("what the server wants signed is no nonce")
        }
        do throws(KeyUseError) {
            let signed = try KeyPair(creds.seed).sign(Array(nonce.utf8))
            signature = Base64Text.encode(signed.rawBytes)
        } catch { throw .credentials("\(error)") }
        token = String(decoding: creds.token, as: UTF8.self)
    }
}

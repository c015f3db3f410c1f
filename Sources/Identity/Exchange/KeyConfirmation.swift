import NKeys
import Trust

/// `cnf` of a foreign token (RFC 7800): a token that its issuer bound to a key serves that key alone.
///
/// Of the ways to name one, `jkt`, the thumbprint of a JWK (RFC 7638), can be held against the key of a new user: an
/// Ed25519 key as RFC 8037 writes it. A token that names a key in another way is refused: nobody here could tell that
/// the caller holds it.
enum KeyConfirmation {
    /// Refused by X-proof unless the token is bound to no key or to this one.
    static func check(_ claims: ForeignClaims, key: PublicKey) throws(IdentityRefusal) {
        guard claims.value(at: ["cnf"]) != nil else { return }
        guard case .text(let thumbprint)? = claims.value(at: ["cnf", "jkt"]), thumbprint == Self.thumbprint(of: key)
        else {
            throw IdentityRefusal(
                .exchangeProof, at: "subject_token.cnf",
                "the token is bound to a key, and the proof is not of that key")
        }
    }

    /// The thumbprint of an Ed25519 key (RFC 7638, section 3; RFC 8037, appendix A.3).
    static func thumbprint(of key: PublicKey) -> String {
        let x = String(decoding: Base64URL.encode(key.rawBytes), as: UTF8.self)
        let text = #"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#
        return String(decoding: Base64URL.encode(SHA256.hash(text.utf8)), as: UTF8.self)
    }
}

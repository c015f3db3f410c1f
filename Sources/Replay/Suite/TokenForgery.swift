import NKeys
import Trust

/// Writes and signs tokens as they are asked for, whether or not anyone would sign them: no claim is looked at.
///
/// For the tokens of a suite alone, and so not public: `TokenSigner` signs what is meant to hold.
struct TokenForgery {
    /// What the signature covers.
    enum Version { case one, two }

    static let usualHeader = #"{"typ":"JWT","alg":"ed25519-nkey"}"#

    /// The token of a payload, JSON text, signed by `pair` over what its version says.
    static func token(
        _ payload: [UInt8], header: String = usualHeader, version: Version = .two, by pair: KeyPair
    ) throws(KeyUseError) -> String {
        let body = Base64URL.encode(payload)
        let text = Base64URL.encode(Array(header.utf8)) + [UInt8(ascii: ".")] + body
        let signature = try pair.sign(version == .one ? body : text)
        return String(decoding: text + [UInt8(ascii: ".")] + Base64URL.encode(signature.rawBytes), as: UTF8.self)
    }

    /// The token with another payload under its signature.
    static func token(_ token: String, withPayload payload: [UInt8]) -> String {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return token }
        return "\(parts[0]).\(String(decoding: Base64URL.encode(payload), as: UTF8.self)).\(parts[2])"
    }

    /// The token with the bits of its last character set that stand for nothing. Of 64 bytes the last is alone in its
    /// group: four bits of the last character are spare.
    static func withSpareBits(_ token: String) -> String {
        var text = Array(token.utf8)
        guard let last = text.popLast() else { return token }
        // Those that a signature ends with, and their neighbours in the alphabet.
        let neighbours: [UInt8: UInt8] = [
            UInt8(ascii: "A"): UInt8(ascii: "B"), UInt8(ascii: "Q"): UInt8(ascii: "R"),
            UInt8(ascii: "g"): UInt8(ascii: "h"), UInt8(ascii: "w"): UInt8(ascii: "x"),
        ]
        return String(decoding: text + [neighbours[last] ?? last], as: UTF8.self)
    }

    /// The token with a line break in the middle of its signature.
    static func withLineBreak(_ token: String) -> String {
        var text = Array(token.utf8)
        text.insert(UInt8(ascii: "\n"), at: text.count - 43)
        return String(decoding: text, as: UTF8.self)
    }
}

import Foundation
import NKeys

/// A token taken apart, so that it can be changed and signed again by anyone: this signer asks nothing, where the
/// library's own refuses to sign what it would refuse.
struct TokenText {
    var header: [String: Any]
    var payload: [String: Any]

    init(_ token: String) throws {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { throw Fault("a token has three parts") }
        header = try Self.object(parts[0])
        payload = try Self.object(parts[1])
    }

    /// A member of `nats`.
    subscript(name: String) -> Any? {
        get { (payload["nats"] as? [String: Any])?[name] }
        set {
            var nats = payload["nats"] as? [String: Any] ?? [:]
            nats[name] = newValue
            payload["nats"] = nats
        }
    }

    /// The token, with the key as its issuer.
    func signed(by pair: KeyPair) throws -> String {
        var payload = payload
        payload["iss"] = pair.publicKey.text
        let body = try Self.text(header) + "." + Self.text(payload)
        let signature = try pair.sign(Array(body.utf8))
        return body + "." + Self.base64URL(Data(signature.rawBytes))
    }

    static func base64URL(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func text(_ object: [String: Any]) throws -> String {
        base64URL(try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private static func object(_ part: Substring) throws -> [String: Any] {
        var text = part.replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        guard let bytes = Data(base64Encoded: String(text)),
            let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
        else { throw Fault("a part of a token is no JSON object") }
        return object
    }
}

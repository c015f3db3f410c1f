import Foundation
import NKeys
import Testing

extension Exchange {
    /// Puts a token in an account's place that says something else, signed without asking any rule; by the operator
    /// where no other key is given.
    func replace(
        _ account: String, issuedAfter seconds: Int, by pair: KeyPair? = nil, _ change: (inout [String: Any]) -> Void
    ) throws {
        var payload = try Self.payload(of: token(account))
        var nats = payload["nats"] as? [String: Any] ?? [:]
        change(&nats)
        payload["nats"] = nats
        let signer = try pair ?? self.pair(PublicKey(try #require(payload["iss"] as? String)))
        payload["iss"] = signer.publicKey.text
        payload["iat"] = Int(Date().timeIntervalSince1970) + seconds
        try folder.write(Self.signed(payload, by: signer), to: "OP/accounts/\(account)/\(account).jwt")
    }

    func issuedAt(_ account: String) throws -> Int {
        try #require(try Self.payload(of: token(account))["iat"] as? Int)
    }

    /// A token of version 2 with any payload.
    static func signed(_ payload: [String: Any], by pair: KeyPair) throws -> String {
        let body = try JSONSerialization.data(withJSONObject: payload, options: [.withoutEscapingSlashes])
        let text = base64URL(Data(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8)) + "." + base64URL(body)
        return text + "." + base64URL(Data(try pair.sign(Array(text.utf8)).rawBytes))
    }

    static func payload(of token: String) throws -> [String: Any] {
        let parts = token.split(separator: ".")
        var text = try #require(parts.count == 3 ? parts[1] : nil).replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        let bytes = try #require(Data(base64Encoded: String(text)))
        return try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    }

    private static func base64URL(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

import Foundation
import Identity
import RealServers

/// A signed example of an RFC (`Testdata/jose`).
struct RFCExample {
    let name: String
    let algorithm: ForeignAlgorithm
    /// The key, as JSON.
    let key: [UInt8]
    /// The secret, in base64url, where it is one.
    let secret: String?
    let token: String

    static func all() throws -> [RFCExample] {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try Data(contentsOf: root.appendingPathComponent("Testdata/jose/rfc_examples.json"))
        guard let rows = try JSONSerialization.jsonObject(with: text) as? [[String: Any]] else { return [] }
        return try rows.map { row in
            guard let name = row["name"] as? String, let token = row["token"] as? String,
                let algorithm = (row["alg"] as? String).flatMap(ForeignAlgorithm.init(rawValue:)),
                let key = row["key"] as? [String: String]
            else { throw ServerFault("an example of an RFC cannot be read") }
            return RFCExample(
                name: name, algorithm: algorithm, key: Array(try JSONSerialization.data(withJSONObject: key)),
                secret: key["k"], token: token)
        }
    }
}

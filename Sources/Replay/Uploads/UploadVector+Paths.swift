import NKeys
import Trust

/// Where: the path is no account's key, or another account's (CVE-2022-28357, CVE-2025-30215).
extension UploadVector {
    static let paths =
        [
            UploadVector(
                "path-other", "another account's good token is brought in the account's place", covers: ["T7", "T10"],
                [.uploadPath]
            ) { scene throws(KeyUseError) in try scene.over(scene.token(scene.other)) },
            strange("path-truncated", "the key lacks its last character", ["T7", "T15"]) { String($0.key.dropLast()) },
            strange("path-checksum", "the key's checksum is wrong", ["T7", "T15"]) {
                String($0.key.dropLast()) + ($0.key.hasSuffix("A") ? "B" : "A")
            },
            strange("path-lower-case", "the key is in lower case", ["T7", "T15"]) { $0.key.lowercased() },
            strange("path-encoded-letter", "a letter of the key is percent-encoded", ["T7"]) {
                "%41" + $0.key.dropFirst()
            },
            strange("path-parent-encoded", "`..%2f` stands before the key", ["T7"]) { "..%2f" + $0.key },
            strange("path-parents-encoded", "a file outside is meant", ["T7"]) { _ in "..%2f..%2f..%2fetc%2fpasswd" },
            strange("path-slash-encoded", "`%2f` stands after the key", ["T7"]) { $0.key + "%2f" },
            strange("path-slash", "something below the key is meant", ["T7"]) { $0.key + "/jwt" },
            strange("path-nul", "NUL stands after the key", ["T7"]) { $0.key + "%00" },
            strange("path-nul-name", "NUL and the end of a file's name stand after the key", ["T7"]) {
                $0.key + "%00.jwt"
            },
            strange("path-line-break", "a line break stands after the key", ["T7", "T18"]) { $0.key + "%0d%0a" },
            strange("path-space", "a space stands before the key", ["T7"]) { "%20" + $0.key },
            strange("path-padding", "padding of base32 stands after the key", ["T7", "T15"]) { $0.key + "=" },
            strange("path-long", "the path is long", ["T7"]) { _ in String(repeating: "A", count: 1500) },
            strange("path-user", "a user's key stands in the path", ["T7", "T15"]) { $0.company.user.publicKey.text },
            strange("path-operator", "the operator's key stands in the path", ["T7", "T15"]) {
                $0.company.operator.publicKey.text
            },
            UploadVector(
                "path-signing-key", "the account's token is brought for its signing key", covers: ["T7"], [.uploadPath]
            ) { scene throws(KeyUseError) in
                let keys = #""signing_keys":["\#(scene.accountSigner.publicKey.text)"]"#
                let token = try scene.token(nats: keys)
                return (
                    [.store(token, for: scene.account.publicKey)], .store(token, for: scene.accountSigner.publicKey)
                )
            },
            UploadVector(
                "pack-other", "a line of a pack has another account's token for the account", covers: ["T7", "T10"],
                [.uploadPath]
            ) { scene throws(KeyUseError) in
                ([try scene.store()], .init(.post, "/jwt/v1/pack", "\(scene.key)|\(try scene.token(scene.other))"))
            },
            UploadVector(
                "pack-parent", "a line of a pack begins with a path", covers: ["T7"], [.uploadPath]
            ) { scene throws(KeyUseError) in
                ([try scene.store()], .init(.post, "/jwt/v1/pack", "../../\(scene.key)|\(try scene.token(version: 2))"))
            },
        ]

    /// A newer token of the account, which is good, at another path.
    private static func strange(
        _ id: String, _ about: String, _ covers: [String], _ argument: @escaping @Sendable (UploadScene) -> String
    ) -> UploadVector {
        UploadVector(id, about, covers: covers, [.uploadPath]) { scene throws(KeyUseError) in
            let path = ReplaySuite.Request.accounts + argument(scene)
            return ([try scene.store()], .init(.post, path, try scene.token(version: 2)))
        }
    }
}

import NKeys

/// A credential that may list all accounts.
enum ListingCredential {
    /// Writes the file of credentials; where it is, and the header that shows the credential.
    static func write(in folder: TemporaryFolder) throws -> (file: String, header: [String: String]) {
        let secret = try KeyPair.generate(.user).publicKey.text
        let hash = SHA256.hash(secret.utf8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let text = #"{"credentials": [{"name": "lister", "bearer_sha256": "\#(hash)", "allows": ["list"]}]}"#
        try folder.write(text, to: "listing.json")
        return (folder.path("listing.json"), ["Authorization": "Bearer \(secret)"])
    }
}

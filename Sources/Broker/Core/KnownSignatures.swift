import NKeys
import Synchronization

/// User tokens whose signatures were found valid, so that a user who comes again costs one signature check and not two.
///
/// What is kept is the SHA-256 of the whole text, never the text; another text is another token. Only the signature is
/// known by it: expiry, revocation and every other rule are judged each time. Any thread.
final class KnownSignatures: Sendable {
    private let hashes = Mutex<Set<[UInt8]>>([])

    /// As many are kept; then all are forgotten.
    private static let limit = 16_384

    /// Whether the signature of this token was found valid; and under what to remember that it was.
    func find(_ token: String) -> (hash: [UInt8], isKnown: Bool) {
        let hash = SHA256.hash(token.utf8)
        return (hash, hashes.withLock { $0.contains(hash) })
    }

    /// Remembers a token that was accepted.
    func insert(_ hash: [UInt8]) {
        hashes.withLock { hashes in
            if hashes.count >= Self.limit { hashes.removeAll() }
            hashes.insert(hash)
        }
    }
}

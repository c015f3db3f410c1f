import CSodium

extension Seed {
    /// The seed whose 32 bytes are the SHA-256 of a label, for test data that must come out the same each time.
    ///
    /// Whoever knows the label knows the seed: it protects nothing. Not for users of the package.
    package static func unsafeSeed(ofLabel label: String, _ role: KeyRole) throws(KeyUseError) -> Seed {
        guard Sodium.isReady else { throw .memory }
        let bytes = Array(label.utf8)
        return try Seed(role: role) { seed in
            crypto_hash_sha256(seed.assumingMemoryBound(to: UInt8.self), bytes, UInt64(bytes.count))
        }
    }
}

import Glibc
import NKeys
import Trust

/// The files that an account server is given, besides those that its parts read by themselves.
enum ServerFiles {
    /// The operator's token.
    static func operatorToken(_ path: String) throws(CommandFailure) -> String {
        String(decoding: try TokenInput.read(path), as: UTF8.self)
    }

    /// A key pair of a role, from a file with its seed.
    static func keyPair(_ path: String, role: KeyRole, flag: String) throws(CommandFailure) -> KeyPair {
        try KeyArgument.pair(inFile: path, role: role, flag: flag)
    }

    /// Account keys, one a line; empty lines and those that begin with `#` are passed over.
    static func accountKeys(_ path: String) throws(CommandFailure) -> Set<PublicKey> {
        let text = String(decoding: try Files.read(path, limit: 16 << 20), as: UTF8.self)
        var keys: Set<PublicKey> = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let word = line.drop { $0 == " " || $0 == "\t" }.prefix { !" \t\r".contains($0) }
            if word.isEmpty || word.hasPrefix("#") { continue }
            do throws(KeyTextError) {
                keys.insert(try PublicKey(String(word), role: .account))
            } catch {
                throw CommandFailure(.badInput, "\(Files.quoted(path)), line \(index + 1): no account key: \(error)")
            }
        }
        return keys
    }

    /// The secret by which a server knows what it stored: of a file, which is made when it is missing.
    static func sealingKey(_ path: String) throws(CommandFailure) -> SealingKey {
        if access(path, F_OK) != 0, errno == ENOENT {
            let secret = SecretBytes(capacity: SealingKey.size) { buffer in
                SealingKey.generate(into: buffer)
                return buffer.count
            }
            guard let secret else { throw CommandFailure(.internalError, "no locked memory is available") }
            try secret.withUnsafeBytes { (bytes) throws(CommandFailure) in
                try Files.writeSecret(bytes, to: path, replacing: .refused)
            }
        }
        let secret = try Files.readSecret(path, limit: SealingKey.size)
        guard let key = secret.withUnsafeBytes({ SealingKey($0.bytes) }) else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)) holds no key of \(SealingKey.size) bytes",
                hint: "remove it: a new one is made, and everything stored is checked once")
        }
        return key
    }

    /// Makes a folder for its owner alone, where there is none.
    static func makeFolder(_ path: String) throws(CommandFailure) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw CommandFailure(.inputOutput, "the folder \(Files.quoted(path)) cannot be made: \(Files.text(of: errno))")
    }
}

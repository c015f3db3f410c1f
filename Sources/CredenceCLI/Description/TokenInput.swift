import NKeys

/// A token as a command line names it: a file, or `-` for standard input, bare, decorated, or creds.
enum TokenInput {
    /// Reads the token; it may be anything, and is for the rules to judge.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        let file = try Files.readSecret(path, limit: DecoratedToken.sizeLimit)
        do {
            return try file.withUnsafeBytes { (bytes) throws(DecoratedTextError) in
                try DecoratedToken(parsing: bytes).token
            }
        } catch {
            let hint =
                error == .notToken
                ? "give a token; a seed or an empty file is none"
                : "give a token by itself, a decorated .jwt file, or a .creds file"
            throw CommandFailure(.badInput, "\(Files.name(path)): \(error)", hint: hint)
        }
    }
}

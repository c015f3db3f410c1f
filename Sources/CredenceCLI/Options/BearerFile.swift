/// A credential that a server is shown, kept in a file: on a command line others could read it.
enum BearerFile {
    /// The credential in a file: one line that can stand in a header.
    static func read(_ path: String) throws(CommandFailure) -> String {
        let secret = try Files.readSecret(path, limit: 4096)
        let text = secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let line = text.hasSuffix("\n") ? text.dropLast() : text[...]
        guard !line.isEmpty, line.utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) else {
            throw CommandFailure(.badInput, "\(Files.quoted(path)) holds no credential: one line is needed")
        }
        return String(line)
    }
}

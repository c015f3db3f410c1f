import Glibc

/// Text for people who watch: errors, progress, remarks. Never part of a result.
enum StandardError {
    /// Writes the text at once, without what has the form of a seed or a token: somebody may have given one where a
    /// name belongs. What cannot be written is lost.
    static func write(_ text: String) {
        var text = Printable.withoutSecrets(text)
        text.withUTF8 { bytes in
            _ = Files.writeAll(UnsafeRawBufferPointer(bytes), to: STDERR_FILENO)
        }
    }

    /// Whether somebody watches.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

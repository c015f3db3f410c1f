import Glibc

/// Text for people who watch: errors, progress, remarks. Never part of a result.
enum StandardError {
    /// Writes the text at once; what cannot be written is lost.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            _ = Files.writeAll(UnsafeRawBufferPointer(bytes), to: STDERR_FILENO)
        }
    }

    /// Whether somebody watches.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

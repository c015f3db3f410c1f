import Glibc

/// The result of a command, in text or JSON.
enum StandardOutput {
    /// Writes all of the bytes.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        let number = bytes.withUnsafeBytes { Files.writeAll($0, to: STDOUT_FILENO) }
        if let number { throw failure(number) }
    }

    /// Writes all of the text.
    static func write(_ text: String) throws(CommandFailure) { try write([UInt8](text.utf8)) }

    /// Writes all of the bytes, which may be secret: they are not copied.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) {
        if let number = Files.writeAll(bytes, to: STDOUT_FILENO) {
            throw failure(number)
        }
    }

    private static func failure(_ number: Int32) -> CommandFailure {
        CommandFailure(.inputOutput, "standard output cannot be written: \(Files.text(of: number))")
    }
}

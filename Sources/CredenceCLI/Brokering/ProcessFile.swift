import Glibc

/// A file with the number of this process, for whoever sends it signals.
struct ProcessFile {
    private let path: String

    /// Writes the file, over one that a process before left.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        let number = Array("\(getpid())\n".utf8)
        let fault = file < 0 ? errno : number.withUnsafeBytes { Files.writeAll($0, to: file) ?? 0 }
        if file >= 0 { close(file) }
        guard fault == 0 else {
            throw CommandFailure(.inputOutput, "`pid_file` \(Files.quoted(path)): \(Files.text(of: fault))")
        }
    }

    /// Takes it away at the end.
    func remove() { unlink(path) }
}

/// A file that takes what would go to standard error.
enum LogFile {
    /// Has standard error go to the end of this file, which is made for its owner alone.
    static func open(_ path: String) throws(CommandFailure) {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0, dup2(file, STDERR_FILENO) >= 0 else {
            throw CommandFailure(.inputOutput, "`log_file` \(Files.quoted(path)): \(Files.text(of: errno))")
        }
        close(file)
    }
}

import Glibc
import NKeys

/// Files that a command line names by themselves: tokens, seeds, lists. Stores have a module of their own.
enum Files {
    /// Reads a whole file, or standard input for `-`, into memory that is wiped: it may hold a seed.
    static func readSecret(_ path: String, limit: Int) throws(CommandFailure) -> SecretBytes {
        let file = try open(path)
        defer { if file != STDIN_FILENO { close(file) } }
        let bytes = try SecretBytes(capacity: limit + 1) { (buffer) throws(CommandFailure) in
            var count = 0
            while count < buffer.count {
                let got = try read(file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), path)
                if got == 0 { return count }
                count += got
            }
            throw tooLarge(path, limit: limit)
        }
        guard let bytes else { throw CommandFailure(.internalError, "no locked memory is available") }
        return bytes
    }

    /// Reads a whole file, or standard input for `-`, that holds no secrets.
    static func read(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        let file = try open(path)
        defer { if file != STDIN_FILENO { close(file) } }
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let got = try read(file, into: chunk, path)
            if got == 0 { return bytes }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<got]))
            guard bytes.count <= limit else { throw tooLarge(path, limit: limit) }
        }
    }

    /// The next bytes of an open file, as many as are there; nil at its end.
    static func readChunk(of file: Int32, name path: String) throws(CommandFailure) -> [UInt8]? {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { chunk.deallocate() }
        let got = try read(file, into: chunk, path)
        return got == 0 ? nil : Array(chunk[..<got])
    }

    /// Writes a file for its owner alone, whole or not at all: it may hold a seed. `replacing` says whether a file that
    /// is there may go.
    static func writeSecret(
        _ bytes: UnsafeRawBufferPointer, to path: String, replacing: Replacement
    ) throws(CommandFailure) {
        let temporary = "\(path).\(getpid()).new"
        let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(temporary, errno) }
        var number = writeAll(bytes, to: file)
        if number == nil, fsync(file) != 0 { number = errno }
        close(file)
        if number == nil {
            switch replacing {
            case .allowed: if rename(temporary, path) != 0 { number = errno }
            // A link is made only where nothing stands: no moment between looking and making.
            case .refused: if link(temporary, path) != 0 { number = errno }
            }
        }
        unlink(temporary)
        if number == EEXIST {
            throw CommandFailure(
                .no, "\(quoted(path)) exists already", hint: "name another file, or replace it with --force")
        }
        if number == nil { number = synchroniseFolder(of: path) }
        if let number { throw failure(path, number) }
    }

    /// Makes the name of a file last; the error number when that fails.
    private static func synchroniseFolder(of path: String) -> Int32? {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let file = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return errno }
        defer { close(file) }
        return fsync(file) == 0 ? nil : errno
    }

    /// Whether a file that is in the way is replaced.
    enum Replacement { case allowed, refused }

    /// Writes all of the bytes; the error number when that fails.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(written)
        }
        return nil
    }

    /// What the system says of an error number.
    static func text(of number: Int32) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// A name or path for a line of text: in backticks, without control characters, not longer than a line.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }
        return scalars.count > 200 ? "`\(String(scalars.prefix(200)))…`" : "`\(String(scalars))`"
    }

    /// What a path stands for, in a line of text.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : quoted(path) }

    private static func open(_ path: String) throws(CommandFailure) -> Int32 {
        if path == "-" { return STDIN_FILENO }
        let file = Glibc.open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, errno) }
        return file
    }

    private static func read(
        _ file: Int32, into buffer: UnsafeMutableRawBufferPointer, _ path: String
    ) throws(CommandFailure) -> Int {
        while true {
            let got = Glibc.read(file, buffer.baseAddress, buffer.count)
            if got >= 0 { return got }
            if errno != EINTR { throw failure(path, errno) }
        }
    }

    private static func tooLarge(_ path: String, limit: Int) -> CommandFailure {
        CommandFailure(
            .badInput, "\(name(path)) is larger than \(limit) bytes",
            hint: "a token has at most 1 MiB; is this the file?")
    }

    private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
        switch number {
        case ENOENT, ENOTDIR:
            CommandFailure(
                .noInput, "\(name(path)): there is no such file", hint: "check the path; `-` stands for standard input")
        case EISDIR: CommandFailure(.badInput, "\(name(path)) is a folder", hint: "name a file in it")
        case EACCES, EPERM:
            CommandFailure(
                .inputOutput, "\(name(path)): \(text(of: number))", hint: "run as the user that owns the file")
        default: CommandFailure(.inputOutput, "\(name(path)): \(text(of: number))")
        }
    }
}

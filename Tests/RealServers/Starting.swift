import Foundation

private let starts = NSLock()

/// Makes the pipes of a process and runs it, one process after the other. What another thread opens while a process is being
/// started, that process may have as well, for as long as it lives: then the end of a pipe would not be seen.
public func oneAtATime<R>(_ start: () throws -> R) rethrows -> R {
    starts.lock()
    defer { starts.unlock() }
    return try start()
}

/// Runs a process that prints nothing and lives as long as its standard input is open.
///
/// - Returns: what keeps it alive until it is closed, and what the process says on standard error.
public func startWithLifeline(_ process: Process) throws -> (lifeline: FileHandle, errors: FileHandle) {
    try oneAtATime {
        let (input, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        try errors.fileHandleForWriting.close()
        return (input.fileHandleForWriting, errors.fileHandleForReading)
    }
}

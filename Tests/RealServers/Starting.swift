import Foundation

private let starts = NSLock()

/// Makes the pipes of a process and runs it, one process after the other. What another thread opens while a process is being
/// started, that process may have as well, for as long as it lives: then the end of a pipe would not be seen.
public func oneAtATime<R>(_ start: () throws -> R) rethrows -> R {
    starts.lock()
    defer { starts.unlock() }
    return try start()
}

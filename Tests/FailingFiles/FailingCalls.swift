import Glibc
import Synchronization

import FolderStores

/// The system's calls, one of which fails, or after some of which the process seems to be killed.
package final class FailingCalls: FileCalls {
    package enum Failure: Sendable {
        /// The call of this number, counted from 1, fails with this error.
        case once(Int, errno: Int32)
        /// From the call of this number on, nothing is done any more; a write at that point is done in part.
        case stopped(at: Int)
    }

    private let system = SystemCalls()
    private let failure: Failure?
    private let made = Mutex(0)

    package init(_ failure: Failure? = nil) {
        self.failure = failure
    }

    /// How many calls were made.
    package var count: Int { made.withLock { $0 } }

    private enum Step { case works, fails(Int32), stops }

    private func next() -> Step {
        let number = made.withLock { count in
            count += 1
            return count
        }
        switch failure {
        case .once(number, let error): return .fails(error)
        case .stopped(let at) where number >= at: return number == at ? .stops : .fails(EINTR)
        default: return .works
        }
    }

    private func attempt<R>(_ call: () throws(SystemError) -> R) throws(SystemError) -> R {
        switch next() {
        case .works: return try call()
        case .fails(let error): throw SystemError(error)
        case .stops: throw SystemError(EINTR)
        }
    }

    package func open(
        _ path: UnsafePointer<CChar>, in folder: Int32, flags: Int32, mode: mode_t
    ) throws(SystemError) -> Int32 {
        try attempt { () throws(SystemError) in try system.open(path, in: folder, flags: flags, mode: mode) }
    }

    // The system closes the files of a process that is killed, so that this always works.
    package func close(_ file: Int32) { system.close(file) }

    package func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try attempt { () throws(SystemError) in try system.read(file, into: buffer) }
    }

    // A write that fails, or that the process does not survive, has written a part.
    package func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(SystemError) -> Int {
        func writePart() throws(SystemError) {
            _ = try system.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count * 2 / 3)), to: file)
        }
        switch next() {
        // Short writes, as they are allowed: the caller goes on.
        case .works: return try system.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(60)), to: file)
        case .fails(let error):
            if error != EINTR { try writePart() }
            throw SystemError(error)
        case .stops:
            try writePart()
            throw SystemError(EINTR)
        }
    }

    package func synchronise(_ file: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.synchronise(file) }
    }

    package func synchroniseContent(_ file: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.synchroniseContent(file) }
    }

    package func truncate(_ file: Int32, to size: Int) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.truncate(file, to: size) }
    }

    package func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError)
        -> Int
    {
        try attempt { () throws(SystemError) in try system.read(file, into: buffer, at: offset) }
    }

    package func room(beside file: Int32) throws(SystemError) -> UInt64 {
        try attempt { () throws(SystemError) in try system.room(beside: file) }
    }

    package func setPermissions(_ mode: mode_t, of file: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.setPermissions(mode, of: file) }
    }

    package func lock(_ file: Int32, waits: Bool) throws(SystemError) -> Bool {
        try attempt { () throws(SystemError) in try system.lock(file, waits: waits) }
    }

    // As with files: the system gives up the locks of a process that is killed.
    package func unlock(_ file: Int32) { system.unlock(file) }

    package func readEntries(_ folder: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try attempt { () throws(SystemError) in try system.readEntries(folder, into: buffer) }
    }

    package func status(of path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) -> FileStatus {
        try attempt { () throws(SystemError) in try system.status(of: path, in: folder) }
    }

    package func makeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.makeFolder(path, in: folder) }
    }

    package func rename(
        _ path: UnsafePointer<CChar>, in folder: Int32, to other: UnsafePointer<CChar>, in otherFolder: Int32
    ) throws(SystemError) {
        try attempt { () throws(SystemError) in
            try system.rename(path, in: folder, to: other, in: otherFolder)
        }
    }

    package func link(_ path: UnsafePointer<CChar>, to other: UnsafePointer<CChar>, in folder: Int32)
        throws(SystemError)
    {
        try attempt { () throws(SystemError) in try system.link(path, to: other, in: folder) }
    }

    package func removeFile(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.removeFile(path, in: folder) }
    }

    package func removeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try attempt { () throws(SystemError) in try system.removeFolder(path, in: folder) }
    }
}

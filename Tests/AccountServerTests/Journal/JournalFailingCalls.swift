import Glibc
import Synchronization

@testable import FolderStores

/// The system's calls, one of which fails, or from one of which on nothing is done any more, as if the process had been
/// killed there.
final class JournalFailingCalls: FileCalls {
    enum Failure: Sendable {
        case once(Int, Int32)
        case stopped(Int)
    }

    private let system = SystemCalls()
    private let failure: Failure?
    private let made = Mutex(0)

    init(_ failure: Failure? = nil) { self.failure = failure }

    var count: Int { made.withLock { $0 } }

    private func step(_ inPart: () throws(SystemError) -> Void = {}) throws(SystemError) {
        let number = made.withLock { made in
            made += 1
            return made
        }
        switch failure {
        case .once(number, let error):
            try inPart()
            throw SystemError(error)
        case .stopped(let at) where number >= at:
            if number == at { try inPart() }
            throw SystemError(EINTR)
        default: break
        }
    }

    func open(
        _ path: UnsafePointer<CChar>, in folder: Int32, flags: Int32, mode: mode_t
    ) throws(SystemError) -> Int32 {
        try step()
        return try system.open(path, in: folder, flags: flags, mode: mode)
    }

    func close(_ file: Int32) { system.close(file) }

    func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try step()
        return try system.read(file, into: buffer)
    }

    // A write that fails has written a part.
    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(SystemError) -> Int {
        try step { () throws(SystemError) in
            _ = try system.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count * 2 / 3)), to: file)
        }
        return try system.write(bytes, to: file)
    }

    func synchronise(_ file: Int32) throws(SystemError) {
        try step()
        try system.synchronise(file)
    }

    func synchroniseContent(_ file: Int32) throws(SystemError) {
        try step()
        try system.synchroniseContent(file)
    }

    func truncate(_ file: Int32, to size: Int) throws(SystemError) {
        try step()
        try system.truncate(file, to: size)
    }

    func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        try step()
        return try system.read(file, into: buffer, at: offset)
    }

    func room(beside file: Int32) throws(SystemError) -> UInt64 {
        try step()
        return try system.room(beside: file)
    }

    func setPermissions(_ mode: mode_t, of file: Int32) throws(SystemError) {
        try step()
        try system.setPermissions(mode, of: file)
    }

    func lock(_ file: Int32, waits: Bool) throws(SystemError) -> Bool {
        try step()
        return try system.lock(file, waits: waits)
    }

    func readEntries(_ folder: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try step()
        return try system.readEntries(folder, into: buffer)
    }

    func status(of path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) -> FileStatus {
        try step()
        return try system.status(of: path, in: folder)
    }

    func makeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try step()
        try system.makeFolder(path, in: folder)
    }

    func rename(
        _ path: UnsafePointer<CChar>, in folder: Int32, to other: UnsafePointer<CChar>, in otherFolder: Int32
    ) throws(SystemError) {
        try step()
        try system.rename(path, in: folder, to: other, in: otherFolder)
    }

    func link(_ path: UnsafePointer<CChar>, to other: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try step()
        try system.link(path, to: other, in: folder)
    }

    func removeFile(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try step()
        try system.removeFile(path, in: folder)
    }

    func removeFolder(_ path: UnsafePointer<CChar>, in folder: Int32) throws(SystemError) {
        try step()
        try system.removeFolder(path, in: folder)
    }
}

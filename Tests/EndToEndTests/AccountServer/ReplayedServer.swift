import Dispatch
import Foundation
import RealServers
import Synchronization

/// A real `credence account-server` for a suite, on a free port of the loopback and on a folder of its own, for as long
/// as this value lives.
final class ReplayedServer: Sendable {
    /// Where it answers.
    let url: String
    private let process: Process
    private let data: TemporaryFolder
    private let log: Log

    /// Starts a server, and returns when it listens.
    init(operatorFile: String, policy: String, _ options: [String] = []) throws {
        data = try TemporaryFolder()
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("credence")
        process.arguments =
            [
                "account-server", "--operator", operatorFile, "--data", data.path("data"), "--listen", "127.0.0.1:0",
                "--policy", policy, "--log-level", "notice",
            ] + options
        let errors = try oneAtATime {
            let errors = Pipe()
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = errors
            try process.run()
            try errors.fileHandleForWriting.close()
            return errors
        }
        log = Log(errors.fileHandleForReading)
        // The one limit on time: a server that neither starts nor ends.
        guard let address = log.address(seconds: 60) else {
            process.terminate()
            process.waitUntilExit()
            throw Fault("the account server does not start: \(log.text)")
        }
        self.process = process
        url = "\(options.contains("--tls-cert") ? "https" : "http")://\(address)"
    }

    deinit { stop() }

    /// Has it end in order, and waits until it has.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// The folder with its journal.
    var journal: String { data.path("data/journal") }

    /// Reads what a server says to its end, and tells when it listens.
    private final class Log: Sendable {
        private let state = Mutex("")
        private let changed = DispatchSemaphore(value: 0)

        init(_ handle: FileHandle) {
            Thread.detachNewThread { [self] in
                while true {
                    let bytes = handle.availableData
                    if bytes.isEmpty { break }
                    state.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                    if found != nil { changed.signal() }
                }
                changed.signal()
            }
        }

        var text: String { state.withLock { $0 } }

        private var found: String? {
            text.firstMatch(of: /listening address=(\S+:[0-9]+)\s/).map { String($0.1) }
        }

        func address(seconds: Int) -> String? {
            _ = changed.wait(timeout: .now() + .seconds(seconds))
            return found
        }
    }
}

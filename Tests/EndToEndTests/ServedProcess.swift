import Foundation
import RealServers

/// A server that runs as a process of its own for as long as this value lives.
///
/// A shell stands between: it ends the server when its standard input ends, so that the server does not outlive the tests
/// however they end. The log reaches the pipe from the server alone: the pipe ends when the server does.
final class ServedProcess: Sendable {
    /// The process.
    let pid: Int32
    /// What it says on standard error.
    let log: ProcessLog
    private let shell: Process
    private let lifeline: FileHandle

    /// Starts a command, without waiting for what it does.
    ///
    /// - Parameters:
    ///   - environment: what its environment has beside that of the tests.
    ///   - folder: where it runs; nil for where the tests do.
    ///   - output: the file of what it prints.
    init(
        _ command: [String], environment: [String: String] = [:], in folder: String? = nil,
        output: String = "/dev/null"
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = """
            exec 3>&2 2>/dev/null
            out=$1; shift
            "$@" 2>&3 3>&- >"$out" & server=$!
            exec 3>&-; echo $server; cat >/dev/null; kill $server; wait $server
            """
        process.arguments = ["-c", script, "sh", output] + command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let (input, said, errors) = try oneAtATime {
            let (input, said, errors) = (Pipe(), Pipe(), Pipe())
            (process.standardInput, process.standardOutput, process.standardError) = (input, said, errors)
            try process.run()
            try errors.fileHandleForWriting.close()
            try said.fileHandleForWriting.close()
            return (input, said, errors)
        }
        (shell, lifeline, log) = (process, input.fileHandleForWriting, ProcessLog(errors.fileHandleForReading))
        let line = said.fileHandleForReading.availableData
        guard let pid = Int32(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)) else {
            throw Fault("the shell does not say which process it started")
        }
        self.pid = pid
    }

    deinit {
        // The number of one that has ended may be another's.
        if shell.isRunning { Foundation.kill(pid, SIGKILL) }
        try? lifeline.close()
        shell.waitUntilExit()
    }

    /// The port of the loopback that it says it listens at, once it does.
    func port() throws -> Int {
        let found = log.wait {
            $0.firstMatch(of: /listening address=127\.0\.0\.1:([0-9]+)\s/).flatMap { Int($0.1) }
        }
        guard let found else { throw Fault("the server does not start: \(log.text)") }
        return found
    }

    func signal(_ number: Int32) { Foundation.kill(pid, number) }

    /// Whether it said this so often, now or within a while.
    func says(_ text: String, times: Int = 1) -> Bool {
        log.wait { $0.components(separatedBy: text).count > times ? true : nil } ?? false
    }

    /// Waits until it has ended; its exit status, or 128 and the number of the signal that ended it.
    func waitUntilEnd() throws -> Int32 {
        guard log.waitForEnd() else { throw Fault("the server does not end: \(log.text)") }
        try? lifeline.close()
        shell.waitUntilExit()
        return shell.terminationStatus
    }
}

import Foundation

/// `credence broker` as a process of its own, on a free port of the loopback, for as long as this value lives.
///
/// A shell stands between, as with `RealServer`: it ends the broker when its standard input ends, so that the broker
/// does not outlive the tests however they end.
final class BrokerProcess: Sendable {
    /// Where clients connect.
    let port: Int
    let pid: Int32
    private let log: ProcessLog
    private let shell: Process
    private let lifeline: FileHandle

    /// Starts a broker on a configuration, and returns when it takes connections.
    init(configuration: String, _ arguments: [String] = []) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The log reaches the pipe from the broker alone: the pipe ends when the broker does.
        let script = """
            exec 3>&2 2>/dev/null
            "$@" 2>&3 3>&- >/dev/null & server=$!
            exec 3>&-; echo $server; cat >/dev/null; kill -9 $server; wait $server
            """
        process.arguments =
            ["-c", script, "sh", Program.credence, "broker", "-c", configuration, "-a", "127.0.0.1", "--port=-1"]
            + arguments
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        try process.run()
        try errors.fileHandleForWriting.close()
        try output.fileHandleForWriting.close()
        (shell, lifeline, log) = (process, input.fileHandleForWriting, ProcessLog(errors.fileHandleForReading))
        let line = output.fileHandleForReading.availableData
        guard let pid = Int32(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)) else {
            throw Fault("the shell does not say which process it started")
        }
        self.pid = pid
        let port = log.wait { text -> Int? in
            text.firstMatch(of: /listening[^\n]*address=127\.0\.0\.1:([0-9]+)/).flatMap { Int($0.1) }
        }
        guard let port else {
            try lifeline.close()
            process.waitUntilExit()
            throw Fault("the broker does not start: \(log.text)")
        }
        self.port = port
    }

    deinit {
        try? lifeline.close()
        shell.waitUntilExit()
    }

    func signal(_ number: Int32) { Foundation.kill(pid, number) }

    /// Everything that the broker said.
    var logText: String { log.text }
}

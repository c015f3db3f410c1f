import Foundation

/// `credence broker` as a process of its own, for as long as this value lives. A shell stands between, as with
/// `RealServer`: it ends the broker when its standard input ends.
final class BrokerProcess: Sendable {
    /// The process.
    let pid: Int32
    let log: ProcessLog
    private let shell: Process
    private let lifeline: FileHandle
    private let outputFile: String
    private let files: TemporaryFolder

    /// Starts a broker with these arguments on any port of the loopback, without waiting for it.
    init(starting arguments: [String], in folder: String? = nil) throws {
        files = try TemporaryFolder()
        outputFile = files.path("out")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = """
            exec 3>&2 2>/dev/null
            out=$1; shift
            "$@" 2>&3 3>&- >"$out" & server=$!
            exec 3>&-; echo $server; cat >/dev/null; kill $server; wait $server
            """
        process.arguments =
            ["-c", script, "sh", outputFile, Program.credence, "broker", "-a", "127.0.0.1", "-p", "-1"] + arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
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
    }

    /// Starts a broker on a configuration, and returns when it listens.
    convenience init(configuration: String, _ arguments: [String] = [], in folder: String? = nil) throws {
        try self.init(starting: ["-c", configuration] + arguments, in: folder)
        _ = try port
    }

    deinit {
        Foundation.kill(pid, SIGKILL)
        try? lifeline.close()
        shell.waitUntilExit()
    }

    /// The port that clients reach, once it listens.
    var port: Int {
        get throws {
            let found = log.wait {
                $0.firstMatch(of: /listening address=127\.0\.0\.1:([0-9]+)/).flatMap { Int($0.1) }
            }
            guard let found else { throw Fault("the broker does not start: \(log.text)") }
            return found
        }
    }

    var url: String { get throws { "nats://127.0.0.1:\(try port)" } }

    /// What it printed.
    var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { Foundation.kill(pid, number) }

    /// Whether it said this, now or within a while.
    func says(_ text: String) -> Bool { log.wait { $0.contains(text) ? true : nil } ?? false }
}

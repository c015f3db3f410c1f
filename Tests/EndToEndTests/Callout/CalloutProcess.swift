import Foundation

/// `credence callout` as a process of its own, for as long as this value lives. A shell stands between: it ends the service
/// when its standard input ends.
final class CalloutProcess: Sendable {
    let pid: Int32
    let log: ProcessLog
    private let shell: Process
    private let lifeline: FileHandle

    /// Starts a service on a configuration, and returns when it is ready.
    init(_ configuration: String, _ arguments: [String] = []) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = """
            exec 3>&2 2>/dev/null
            "$@" 2>&3 3>&- >/dev/null & server=$!
            exec 3>&-; echo $server; cat >/dev/null; kill $server; wait $server
            """
        process.arguments = ["-c", script, "sh", Program.credence, "callout", "-c", configuration] + arguments
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
        guard log.wait(for: { $0.contains(": ready") || $0.contains("\"ready\"") ? true : nil }) != nil else {
            throw Fault("the service does not start: \(log.text)")
        }
    }

    deinit {
        Foundation.kill(pid, SIGKILL)
        try? lifeline.close()
        shell.waitUntilExit()
    }

    func signal(_ number: Int32) { Foundation.kill(pid, number) }

    /// Ends it, and waits until it has ended.
    func end(_ number: Int32) throws {
        signal(number)
        guard log.waitForEnd() else { throw Fault("the service does not end: \(log.text)") }
    }

    /// Whether it said this, now or within a while.
    func says(_ text: String, times: Int = 1) -> Bool {
        log.wait { $0.components(separatedBy: text).count > times ? true : nil } ?? false
    }
}

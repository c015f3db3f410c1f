import Foundation
import Synchronization

/// A real nats-server on the loopback, for as long as this value lives. It can be killed and started again on the same
/// port with the same files.
///
/// A shell stands between: it ends the server when its standard input ends, so that the server does not outlive the
/// tests however they end.
public final class ServerProcess: Sendable {
    private struct Running {
        let shell: Process
        let lifeline: FileHandle
        let log: ServerLog
    }

    /// Where clients connect.
    public let port: Int
    private let configuration: String
    private let running: Mutex<Running?>

    /// Starts a server on a configuration file, and returns when it takes connections.
    ///
    /// - Parameter port: nil for a free one.
    public init(configuration: String, port: Int? = nil) throws {
        self.configuration = configuration
        self.port = try port ?? freePorts(1)[0]
        running = Mutex(try Self.started(configuration, port: self.port))
    }

    deinit { try? stop() }

    /// Host and port.
    public var address: String { "127.0.0.1:\(port)" }
    /// The address, as clients write it.
    public var url: String { "nats://\(address)" }
    /// What it has said since it was started last.
    public var log: String { running.withLock { $0?.log.text ?? "" } }

    /// Ends it as the system ends a program that has no say (`SIGKILL`).
    public func kill() throws { try end { Foundation.kill($0, SIGKILL) } }

    /// Ends it in order.
    public func stop() throws { try end { Foundation.kill($0, SIGTERM) } }

    /// Makes it stand still: the connections stay, and nobody answers.
    public func freeze() throws {
        try signal(SIGSTOP)
        // The signal arrives when the system gets to it; until then the server goes on answering.
        guard let process = running.withLock({ $0?.log.process }) else { return }
        while !Self.isStopped(process) { usleep(1000) }
    }
    /// Makes it go on.
    public func thaw() throws { try signal(SIGCONT) }

    /// Starts it again on the same port. Returns when it takes connections.
    public func restart() throws {
        let again = try Self.started(configuration, port: port)
        running.withLock { $0 = again }
    }

    private func signal(_ number: Int32) throws {
        guard let process = running.withLock({ $0?.log.process }) else { throw ServerFault("the server does not run") }
        Foundation.kill(process, number)
    }

    /// Whether every thread of a process stands still; one that is gone does.
    private static func isStopped(_ process: pid_t) -> Bool {
        let threads = "/proc/\(process)/task"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: threads)) ?? []
        return names.allSatisfy { name in
            guard let status = try? String(contentsOfFile: "\(threads)/\(name)/stat", encoding: .utf8),
                let state = status.split(separator: ")").last?.first(where: { $0 != " " })
            else { return true }
            return "TtZX".contains(state)
        }
    }

    private func end(_ send: (pid_t) -> Int32) throws {
        let old = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let old else { return }
        if let process = old.log.process { _ = send(process) }
        old.log.waitForEnd()
        try old.lifeline.close()
        old.shell.waitUntilExit()
    }

    private static func started(_ configuration: String, port: Int) throws -> Running {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The log reaches the pipe from the server alone: the pipe ends when the server does.
        let script =
            "exec 3>&2 2>/dev/null; $0 \"$@\" 2>&3 3>&- & server=$!; exec 3>&-; cat; kill $server; wait $server"
        process.arguments = [
            "-c", script, try ServerProgram.path.get(), "-c", configuration, "-a", "127.0.0.1", "-p",
            "\(port)",
        ]
        let (lifeline, errors) = try startWithLifeline(process)
        let log = ServerLog(errors)
        guard log.waitUntilReady() else {
            try lifeline.close()
            process.waitUntilExit()
            throw ServerFault("the server does not start: \(log.text)")
        }
        return Running(shell: process, lifeline: lifeline, log: log)
    }
}

/// Reads a server's log to its end, and tells when the server is ready.
private final class ServerLog: Sendable {
    private struct State {
        var text = ""
        var isOver = false
    }

    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let over = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            var isTold = false
            while true {
                let bytes = handle.availableData
                if bytes.isEmpty { break }
                state.withLock { $0.text += String(decoding: bytes, as: UTF8.self) }
                if !isTold, text.contains("Server is ready") {
                    isTold = true
                    ready.signal()
                }
            }
            state.withLock { $0.isOver = true }
            ready.signal()
            over.signal()
        }
    }

    var text: String { state.withLock { $0.text } }

    /// The number of the server's process.
    var process: pid_t? { text.firstMatch(of: /\[([0-9]+)\]/).flatMap { pid_t($0.1) } }

    /// Whether it takes clients; not when it ends instead, or takes longer than two minutes.
    func waitUntilReady() -> Bool {
        _ = ready.wait(timeout: .now() + .seconds(120))
        return text.contains("Server is ready")
    }

    func waitForEnd() { _ = over.wait(timeout: .now() + .seconds(120)) }
}

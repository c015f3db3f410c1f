import Foundation

/// `credence broker` as a process of its own, for as long as this value lives.
final class BrokerProcess: Sendable {
    private let process: ServedProcess
    private let outputFile: String
    private let files: TemporaryFolder

    /// Starts a broker with these arguments on any port of the loopback, without waiting for it.
    init(starting arguments: [String], in folder: String? = nil) throws {
        files = try TemporaryFolder()
        outputFile = files.path("out")
        process = try ServedProcess(
            [Program.credence, "broker", "-a", "127.0.0.1", "-p", "-1"] + arguments, in: folder, output: outputFile)
    }

    /// Starts a broker on a configuration, and returns when it listens.
    convenience init(configuration: String, _ arguments: [String] = [], in folder: String? = nil) throws {
        try self.init(starting: ["-c", configuration] + arguments, in: folder)
        _ = try port
    }

    /// The process.
    var pid: Int32 { process.pid }
    var log: ProcessLog { process.log }

    /// The port that clients reach, once it listens.
    var port: Int { get throws { try process.port() } }

    var url: String { get throws { "nats://127.0.0.1:\(try port)" } }

    /// What it printed.
    var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { process.signal(number) }

    /// Whether it said this, now or within a while.
    func says(_ text: String) -> Bool { process.says(text) }
}

import Foundation
import RealServers
import Testing

/// One run of the built binary: what it printed, and how it ended.
struct CommandRun {
    var status: Int32
    var output: String
    var errors: String

    /// The one JSON object on standard output.
    func json(_ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(value as? [String: Any], "the output is no JSON object", sourceLocation: location)
    }
}

/// The binary `credence`, which stands beside the test bundle.
enum Binary {
    static let url: URL = {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return executable.deletingLastPathComponent().appendingPathComponent("credence")
    }()

    /// Runs it. Nothing of the caller's environment but `PATH` reaches it, and its home is `home`.
    static func run(
        _ arguments: String..., home: TemporaryFolder? = nil, input: [UInt8] = [], environment: [String: String] = [:],
        outputTo output: String? = nil
    ) throws -> CommandRun {
        try RunningCommand(arguments, home: home, input: input, environment: environment, output: output).wait()
    }

    /// Starts it, for several at once.
    static func start(
        _ arguments: [String], home: TemporaryFolder? = nil, input: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try RunningCommand(arguments, home: home, input: input, environment: environment, output: nil)
    }
}

/// A run that has not ended. Input and output are files, so that no pipe can fill up.
final class RunningCommand {
    private let process = Process()
    private let files = TemporaryFolder()

    init(
        _ arguments: [String], home: TemporaryFolder?, input: [UInt8], environment: [String: String], output: String?
    ) throws {
        process.executableURL = Binary.url
        process.arguments = arguments
        var variables = ["PATH": "/usr/bin:/bin", "HOME": (home ?? files).path]
        variables.merge(environment) { $1 }
        process.environment = variables
        try files.write(input, to: "in")
        process.standardInput = try FileHandle(forReadingFrom: files.url("in"))
        let standardOutput = try handle("out")
        process.standardOutput =
            try output.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) } ?? standardOutput
        process.standardError = try handle("err")
        try oneAtATime { [process] in try process.run() }
    }

    private func handle(_ name: String) throws -> FileHandle {
        try files.write([], to: name)
        return try FileHandle(forWritingTo: files.url(name))
    }

    var isRunning: Bool { process.isRunning }

    /// Ends it as the system ends a program that has no say.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Tells it something by a signal.
    func signal(_ number: Int32) { Foundation.kill(process.processIdentifier, number) }

    func wait() throws -> CommandRun {
        process.waitUntilExit()
        return CommandRun(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try files.text("out"), errors: try files.text("err"))
    }
}

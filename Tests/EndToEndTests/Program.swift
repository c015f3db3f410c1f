import Foundation
import RealServers

/// A run of another program that has ended.
struct Program {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program to its end. Input and output are files, so that no pipe can fill up.
    static func run(
        _ path: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Program {
        let files = try TemporaryFolder()
        try files.write(input, to: "in")
        try files.write("", to: "out")
        try files.write("", to: "err")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: files.path("in")))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path("out")))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path("err")))
        try oneAtATime { try process.run() }
        process.waitUntilExit()
        return Program(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try files.text("out"), errors: try files.text("err"))
    }

    /// Runs the binary `credence`, which stands beside the test bundle.
    static func credence(_ arguments: [String], environment: [String: String] = [:]) throws -> Program {
        try run(credence, arguments, environment: environment)
    }

    /// Where the binary is.
    static var credence: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("credence").path
    }

    /// Runs `credence` where it must say yes.
    static func credenceSucceeds(_ arguments: [String]) throws {
        let run = try credence(arguments)
        guard run.status == 0 else {
            throw Fault("credence \(arguments.joined(separator: " ")): exit status \(run.status), \(run.errors)")
        }
    }

    /// Runs a program that is looked for on the path.
    static func onPath(_ name: String, _ arguments: [String], input: String = "") throws -> Program {
        try run("/usr/bin/env", [name] + arguments, input: input)
    }
}

/// Something that these tests need is not as it should be.
struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A folder that goes away with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/credence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: path(name)), encoding: .utf8)
    }
}

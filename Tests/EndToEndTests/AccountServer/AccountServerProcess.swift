import Foundation
import Testing

/// `credence account-server` as a process of its own, on a free port of the loopback, for as long as this value lives.
final class AccountServerProcess: Sendable {
    /// What lies under the data folder.
    enum Disk {
        /// A folder as it is.
        case folder
        /// A file system of its own in memory, of so many bytes, that only the process sees and that goes with it.
        case own(at: String, bytes: Int)
        /// A folder that is there, as a disk that cannot be written.
        case readOnly(at: String)
    }

    private let process: ServedProcess

    /// Starts a server with these arguments beside `--listen`, without waiting for it.
    init(starting arguments: [String], environment: [String: String] = [:], on disk: Disk = .folder) throws {
        var command = [Program.credence, "account-server", "--listen", "127.0.0.1:0"] + arguments
        // What mounts must be root, or be it in a name space of its own.
        let unshare = ["unshare", geteuid() == 0 ? "-m" : "-Urm", "sh", "-c"]
        switch disk {
        case .folder: break
        case .own(let path, let bytes):
            command = unshare + ["mount -t tmpfs -o size=\(bytes) tmpfs \"$0\" && exec \"$@\"", path] + command
        case .readOnly(let path):
            let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\""
            command = unshare + [mount, path] + command
        }
        process = try ServedProcess(command, environment: environment)
    }

    /// Starts a server, and returns when it listens.
    convenience init(_ arguments: [String], environment: [String: String] = [:], on disk: Disk = .folder) throws {
        try self.init(starting: arguments, environment: environment, on: disk)
        _ = try port
    }

    /// The process.
    var pid: Int32 { process.pid }
    var log: ProcessLog { process.log }

    /// The port that it listens at, once it does.
    var port: Int { get throws { try process.port() } }

    /// Where accounts are, as a server's `resolver: URL(…)` names it.
    var accountsURL: String { get throws { "http://127.0.0.1:\(try port)/jwt/v1/accounts/" } }

    func signal(_ number: Int32) { process.signal(number) }

    /// Waits until it has ended; its exit status, or 128 and the number of the signal that ended it.
    func waitUntilEnd() throws -> Int32 { try process.waitUntilEnd() }

    /// Kills it as the system does when memory is short, and waits until it is gone.
    func kill() throws {
        signal(SIGKILL)
        _ = try waitUntilEnd()
    }

    /// Runs a command where its data lies: on a disk of its own, if it has one.
    func runBeside(_ command: String) throws -> Program {
        let user = geteuid() == 0 ? [] : ["-U", "--preserve-credentials"]
        return try Program.onPath("nsenter", ["-t", "\(pid)", "-m"] + user + ["sh", "-c", command])
    }

    // MARK: Requests

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil
    ) throws -> HTTPReply {
        try HTTPCaller(port: port).ask(method, path, headers: headers, body: body)
    }

    /// The token that it serves of an account; nil for none.
    func token(of account: String) throws -> String? {
        let reply = try ask("GET", "/jwt/v1/accounts/\(account)")
        switch reply.status {
        case 200: return reply.body
        case 404: return nil
        default: throw Fault("reading \(account) is answered with \(reply.status): \(reply.body)")
        }
    }

    /// Uploads an account's token.
    func upload(_ token: String, query: String = "") throws -> HTTPReply {
        guard let account = try TokenText(token).payload["sub"] as? String else { throw Fault("a token lacks `sub`") }
        return try ask("POST", "/jwt/v1/accounts/\(account)\(query)", body: token)
    }
}

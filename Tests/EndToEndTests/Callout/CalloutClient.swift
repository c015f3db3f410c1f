import Foundation
import NKeys

/// A client of plain bytes that has logged in, or was refused.
final class CalloutClient {
    /// What the server said to CONNECT: `PONG`, or why not.
    let answer: String
    private let socket: WireSocket

    convenience init(url: String, as creds: CredentialsFile) throws {
        try self.init(url: url, ["jwt": String(decoding: creds.token, as: UTF8.self)], signing: KeyPair(creds.seed))
    }

    /// Says CONNECT with these members; with a signature of the nonce where a key is given.
    init(url: String, _ options: [String: Any], signing keys: KeyPair? = nil) throws {
        guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Fault("no port in \(url)") }
        socket = try WireSocket(port: port)
        let greeting = try socket.line() ?? ""
        let info = try JSONSerialization.jsonObject(with: Data(greeting.dropFirst(5).utf8)) as? [String: Any]
        var members = options.merging(["verbose": false, "protocol": 1, "headers": true, "no_responders": true]) {
            own, _ in own
        }
        if let keys, let nonce = info?["nonce"] as? String {
            let signature = try keys.sign(Array(nonce.utf8)).rawBytes
            members["sig"] = Data(signature).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
        try socket.send(Array("CONNECT \(text)\r\nPING\r\n".utf8))
        var line = try socket.line()
        while let said = line, said.hasPrefix("INFO ") || said == "PING" { line = try socket.line() }
        answer = line ?? "closed"
    }

    var isIn: Bool { answer == "PONG" }

    /// Whether it may publish on a subject: the server says nothing but PONG.
    func mayPublish(_ subject: String) throws -> Bool { try said("PUB \(subject) 0\r\n\r\n") == nil }

    /// Whether it may subscribe.
    func maySubscribe(_ subject: String) throws -> Bool { try said("SUB \(subject) 77\r\nUNSUB 77\r\n") == nil }

    /// The error that the server answers with; nil for none.
    private func said(_ operation: String) throws -> String? {
        try socket.send(Array("\(operation)PING\r\n".utf8))
        var error: String?
        while let line = try socket.line(), line != "PONG" {
            if line.hasPrefix("-ERR") { error = line }
        }
        return error
    }

    /// What the server says that it is.
    func identity() throws -> [String: Any] {
        try socket.send(Array("SUB _INBOX.me 9\r\nPUB $SYS.REQ.USER.INFO _INBOX.me 0\r\n\r\n".utf8))
        while let line = try socket.line() {
            guard line.hasPrefix("MSG _INBOX.me") || line.hasPrefix("HMSG _INBOX.me"),
                let size = line.split(separator: " ").last.flatMap({ Int($0) }), let payload = try socket.bytes(size)
            else { continue }
            guard let start = payload.firstIndex(of: UInt8(ascii: "{")) else { throw Fault("nobody says who it is") }
            let object = try JSONSerialization.jsonObject(with: Data(payload[start...])) as? [String: Any]
            return object?["data"] as? [String: Any] ?? [:]
        }
        throw Fault("the server closed the connection")
    }

    /// Waits until the server ends the connection; what it said last.
    func waitForEnd() throws -> String {
        var last = ""
        while let line = try socket.line() { last = line }
        return last
    }
}

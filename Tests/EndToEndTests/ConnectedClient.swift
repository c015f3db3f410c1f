import Foundation
import NKeys

/// A client that stays connected: it publishes to itself, and sees when it is put out.
final class ConnectedClient {
    private let socket: WireSocket
    private var count = 0

    /// Connects with the creds in a file.
    init(creds path: String, url: String) throws {
        guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else { throw Fault("\(url) has no port") }
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        let creds = try text.withUnsafeBytes { try CredentialsFile(parsing: $0) }
        socket = try WireSocket(port: port)
        guard case .info(let info) = try ServerLine(from: socket), let nonce = info["nonce"] as? String else {
            throw Fault("the server does not begin")
        }
        let signature = try KeyPair(creds.seed).sign(Array(nonce.utf8))
        let options: [String: Any] = [
            "verbose": false, "pedantic": false, "lang": "test", "version": "1", "protocol": 1,
            "jwt": String(decoding: creds.token, as: UTF8.self),
            "sig": TokenText.base64URL(Data(signature.rawBytes)),
        ]
        let line = try JSONSerialization.data(withJSONObject: options, options: [.withoutEscapingSlashes])
        try socket.send(Array("CONNECT ".utf8) + line + Array("\r\nSUB staying 1\r\n".utf8))
        try exchange()
    }

    /// Sends a message and gets it back, on the same connection.
    func exchange() throws {
        count += 1
        let text = "\(count)"
        try socket.send(Array("PUB staying \(text.utf8.count)\r\n\(text)\r\n".utf8))
        while true {
            switch try ServerLine(from: socket) {
            case .message(let message) where message.text == text: return
            case .ping: try socket.send(Array("PONG\r\n".utf8))
            case .message, .info, .pong: continue
            case .other(let line): throw Fault("the server says \(line)")
            case .closed: throw Fault("the server has ended the connection")
            }
        }
    }

    /// Waits until the server ends the connection; what it said then.
    @discardableResult
    func isPutOut() throws -> [String] {
        var lines: [String] = []
        while true {
            switch try ServerLine(from: socket) {
            case .closed: return lines
            case .ping: try socket.send(Array("PONG\r\n".utf8))
            case .other(let line): lines.append(line)
            case .message, .info, .pong: continue
            }
        }
    }
}

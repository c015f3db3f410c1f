import NATSWire
import NKeys
import Replay
import Trust

/// The suite's user, connected as a member of one account.
final class Member {
    /// How logging in ended.
    enum Login {
        case connected
        /// The server does not let this user in: its account does not hold.
        case refused(String)
    }

    private let connection: ServerConnection
    /// The payloads that came, by the id of the subscription.
    private(set) var received: [String: [[UInt8]]] = [:]

    /// Connects, and reads no answer yet.
    init(to address: ServerAddress) throws(ServerConnection.Fault) { connection = try ServerConnection(to: address) }

    /// Answers the server's greeting with the account's token, and asks for a sign.
    func introduce(_ account: ReplaySuite.Account, user: KeyPair) throws(ServerConnection.Fault) {
        let info = try greeting()
        let signature: Signature
        do throws(KeyUseError) {
            signature = try user.sign(Array(info.nonce.utf8))
        } catch {
            throw .system("\(error)")
        }
        var json = JSONWriter()
        json.object {
            for name in ["verbose", "pedantic", "tls_required"] { $0.member(name, false) }
            $0.member("echo", true)
            for name in ["headers", "no_responders"] { $0.member(name, info.hasHeaders) }
            $0.member("protocol", 0)
            $0.member("lang", "swift")
            $0.member("version", "0")
            $0.member("name", "credence replay")
            $0.member("jwt", account.userToken)
            $0.member("sig", String(decoding: Base64URL.encode(signature.rawBytes), as: UTF8.self))
        }
        try connection.send(.connect(json.bytes), .ping)
    }

    private func greeting() throws(ServerConnection.Fault) -> (nonce: String, hasHeaders: Bool) {
        guard case .info(let text) = try connection.receive(), let info = try? JSONValue(parsing: text) else {
            throw .system("the server does not begin with an INFO that can be read")
        }
        if info["tls_required"] == .boolean(true) { throw .system("the server demands TLS, which is not spoken here") }
        guard let nonce = info["nonce"]?.text else {
            throw .system("the server sends no nonce: it is not in operator mode")
        }
        return (nonce, info["headers"] == .boolean(true))
    }

    /// Whether the server let the user in.
    func login() throws(ServerConnection.Fault) -> Login {
        do throws(ServerConnection.Fault) {
            try settle()
            return .connected
        } catch {
            guard case .error(let text) = error, text.lowercased().hasPrefix("authorization") else { throw error }
            return .refused(text)
        }
    }

    /// Sends operations, and asks for a sign that they are done.
    func send(_ operations: ClientOperation...) throws(ServerConnection.Fault) {
        for operation in operations { try connection.send(operation) }
        try connection.send(.ping)
    }

    /// Waits for the sign, and keeps the messages that come before it.
    func settle() throws(ServerConnection.Fault) {
        while true {
            switch try connection.receive() {
            case .pong: return
            case .ping: try connection.send(.pong)
            case .info, .ok: continue
            case .message(let message):
                received[String(decoding: message.subscription, as: UTF8.self), default: []].append(message.payload)
            case .error(let text): throw .error(text)
            }
        }
    }
}

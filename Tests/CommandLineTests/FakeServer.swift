import Foundation
import Synchronization

/// A server of the tests' own, which says what it is told to: for what no real server would do.
final class FakeServer: Sendable {
    /// What it does on one connection.
    struct Script: Sendable {
        /// Said first.
        var greeting =
            "INFO {\"version\":\"fake\",\"headers\":true,\"nonce\":\"abcdefghijklmno\",\"max_payload\":1048576} \r\n"
        /// Said after each PING, in turn.
        var answers = ["PONG\r\n"]
        /// What follows the last of them.
        var then = Then.silence

        enum Then: Sendable {
            case silence
            case close
            /// The last answer to every further PING.
            case more
            /// Said again and again.
            case flood(String)
        }
    }

    let port: Int
    private let listener: Int32
    private let scripts: Mutex<[Script]>

    /// Listens. The first connection gets the first script, and so on; the last one is for all that follow.
    init(_ scripts: Script...) throws {
        self.scripts = Mutex(scripts)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw CocoaError(.fileNoSuchFile) }
        (self.listener, port) = (listener, Int(UInt16(bigEndian: address.sin_port)))
        Thread.detachNewThread { [listener, next] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Here, where nobody waits for it any more: its number may be another's from now on.
                    close(listener)
                    return
                }
                guard let script = next() else { continue }
                Thread.detachNewThread { Self.serve(connection, script) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var url: String { "nats://127.0.0.1:\(port)" }

    private var next: @Sendable () -> Script? {
        { [weak self] in
            self?.scripts.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
        }
    }

    private static func serve(_ connection: Int32, _ script: Script) {
        defer { close(connection) }
        guard say(script.greeting, connection) else { return }
        var answers = script.answers[...]
        if answers.isEmpty { return end(script, connection) }
        var tail: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            tail += chunk[..<count]
            while let ping = tail.firstRange(of: Array("PING\r\n".utf8)) {
                tail.removeFirst(ping.upperBound)
                if let answer = answers.popFirst() {
                    guard say(answer, connection) else { return }
                } else if case .more = script.then {
                    guard say(script.answers.last ?? "", connection) else { return }
                }
                if answers.isEmpty {
                    switch script.then {
                    case .more, .silence: break
                    default: return end(script, connection)
                    }
                }
            }
            tail = tail.suffix(5)
        }
    }

    private static func end(_ script: Script, _ connection: Int32) {
        switch script.then {
        case .close, .more: return
        case .flood(let text): while say(text, connection) {}
        case .silence:
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
        }
    }

    private static func say(_ text: String, _ connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }
}

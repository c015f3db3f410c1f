import Foundation
import NKeys

/// A client in a conversation: it says what the script says, byte by byte, and keeps what it hears.
///
/// Nothing waits for a clock. A PING and its PONG stand at the end of each step: a server answers it when it has done
/// what was said before.
final class Talker {
    private unowned let stage: Stage
    private let socket: WireSocket
    /// The first INFO.
    let info: [String: Any]
    /// Every later INFO.
    private(set) var laterInfos: [[String: Any]] = []
    private var heard: [ServerLine] = []
    private var lastInbox = 0
    /// Nobody else's: conversations share the system account.
    private let inbox = "_INBOX.\(UUID().uuidString.prefix(8))"
    let name: String

    init(_ name: String, on stage: Stage, receiveBuffer: Int32? = nil) throws {
        (self.name, self.stage) = (name, stage)
        socket = try WireSocket(port: stage.port, receiveBuffer: receiveBuffer)
        guard case .info(let info) = try ServerLine(from: socket) else { throw Fault("the server does not begin") }
        self.info = info
    }

    /// The nonce that a login signs.
    var nonce: String { info["nonce"] as? String ?? "" }

    /// Signs the nonce as most clients do.
    func signature(by keys: KeyPair) throws -> String {
        TokenText.base64URL(Data(try keys.sign(Array(nonce.utf8)).rawBytes))
    }

    /// CONNECT with what most clients say; `options` has other members and, as `NSNull`, those to be left out.
    func connectLine(_ user: Cast.User?, _ options: [String: Any] = [:]) throws -> String {
        var members: [String: Any] = [
            "verbose": false, "pedantic": false, "echo": true, "headers": true, "no_responders": true, "protocol": 1,
            "lang": "test", "version": "1",
        ]
        if let user {
            members["jwt"] = user.token
            members["sig"] = try signature(by: user.keys)
        }
        members = members.merging(options) { $1 }.filter { !($0.value is NSNull) }
        return "CONNECT \(String(decoding: try Cast.json(members), as: UTF8.self))\r\n"
    }

    /// Logs in; `in`, and what the server says beside. The second PING waits for what follows the first PONG.
    func logIn(_ user: Cast.User?, _ options: [String: Any] = [:]) throws -> [String] {
        try logIn(saying: connectLine(user, options))
    }

    func logIn(saying line: String) throws -> [String] {
        try send(line)
        var lines: [String] = []
        if try settle() {
            lines.append("in")
            _ = try settle()
        }
        return lines + take().map(\.observed)
    }

    /// Sends without waiting for anything.
    func send(_ text: String) throws { try socket.send(Array(text.utf8)) }
    func send(bytes: [UInt8]) throws { try socket.send(bytes) }

    /// Waits until the server has done everything that was said; false when it has closed the connection.
    @discardableResult
    func settle(pongs: Int = 1) throws -> Bool {
        try send("PING\r\n")
        var left = pongs
        return try hear { line in
            guard case .pong = line else { return false }
            left -= 1
            return left == 0
        }
    }

    /// Hears until `isEnough` of what was heard last; false when the connection ends before.
    @discardableResult
    func hear(until isEnough: (ServerLine) -> Bool) throws -> Bool {
        while true {
            let line = try ServerLine(from: socket)
            switch line {
            case .ping: try send("PONG\r\n")
            case .pong: break
            case .info(let members): laterInfos.append(members)
            case .message, .other: heard.append(line)
            case .closed:
                heard.append(line)
                return isEnough(line)
            }
            if isEnough(line) { return true }
        }
    }

    /// What was heard since this was asked last.
    func take() -> [ServerLine] {
        defer { heard = [] }
        return heard
    }

    /// Says something, and writes down what the server had said when it was done with it.
    @discardableResult
    func does(_ step: String, _ text: String, _ claimed: [String]? = nil, pongs: Int = 1) throws -> [ServerLine] {
        try send(text)
        try settle(pongs: pongs)
        return try hears(step, claimed)
    }

    /// Says something that the server takes without a word.
    func quietly(_ text: String) throws {
        try send(text)
        guard try settle(), heard.isEmpty else { throw Fault("the server says \(take().map(\.observed))") }
    }

    /// Says something, and leaves aside what came until it was taken.
    func passOver(_ text: String) throws {
        try send(text)
        guard try settle() else { throw Fault("the server has ended the connection") }
        _ = take()
    }

    /// Writes down what came until now, as when the server is asked.
    @discardableResult
    func hears(_ step: String, _ claimed: [String]? = nil) throws -> [ServerLine] {
        if !heard.contains(where: { if case .closed = $0 { true } else { false } }) { try settle() }
        let lines = take()
        try stage.note(step, lines.map(\.observed), claimed)
        return lines
    }

    /// As `does`, where the order of what comes is not said by anyone.
    func hearsSorted(_ step: String, _ text: String = "", _ claimed: [String]? = nil) throws {
        try send(text)
        try settle()
        try stage.note(step, take().map(\.observed).sorted(), claimed)
    }

    /// The messages that came until now, as when the server is asked.
    func collected() throws -> [ServerLine.Message] {
        try settle()
        return take().compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    /// Waits until the server closes the connection, and writes down what it said.
    func ends(_ step: String, _ text: String = "", _ claimed: [String]? = nil) throws {
        try send(text)
        try hear { if case .closed = $0 { true } else { false } }
        try stage.note(step, take().map(\.observed), claimed)
    }

    /// Answers no PING until the server closes the connection, and writes down what it said.
    func endsUnanswering(_ step: String, _ claimed: [String]? = nil) throws {
        var lines: [String] = []
        while lines.last != "closed" { lines.append(try ServerLine(from: socket).observed) }
        try stage.note(step, lines, claimed)
    }

    /// As `ends`, where the server might leave the connection as it is: after three seconds it is said to stay.
    func endsOrStays(_ step: String, _ text: String = "", _ claimed: [String]? = nil) throws {
        try send(text)
        let end = Date(timeIntervalSinceNow: 3)
        while try settle(), Date() < end { usleep(20_000) }
        let lines = take().map(\.observed)
        try stage.note(step, lines.last == "closed" ? lines : lines + ["stays"], claimed)
    }

    /// Waits for the next message.
    func nextMessage() throws -> ServerLine.Message {
        for (place, line) in heard.enumerated() {
            guard case .message(let message) = line else { continue }
            heard.remove(at: place)
            return message
        }
        var found: ServerLine.Message?
        try hear {
            if case .message(let message) = $0 { found = message }
            return found != nil
        }
        guard let found else { throw Fault("instead of a message comes \(take().map(\.observed))") }
        heard.removeLast()
        return found
    }

    /// Publishes a request, and waits for its first answer.
    func ask(_ subject: String, _ payload: [UInt8] = []) throws -> ServerLine.Message {
        lastInbox += 1
        let inbox = "\(inbox).\(lastInbox)"
        try send("SUB \(inbox) asked\(lastInbox)\r\nPUB \(subject) \(inbox) \(payload.count)\r\n")
        try send(bytes: payload + [13, 10])
        var answer: ServerLine.Message?
        try hear {
            if case .message(let message) = $0, message.subject == inbox { answer = message }
            return answer != nil
        }
        guard let answer else { throw Fault("\(subject) is not answered") }
        heard.removeLast()
        try send("UNSUB asked\(lastInbox)\r\n")
        try settle()
        return answer
    }

    /// Ends the connection, and returns when the server has ended it too.
    func leave() throws { try socket.close() }
    /// Ends this side of it.
    func finish() { socket.finish() }
}

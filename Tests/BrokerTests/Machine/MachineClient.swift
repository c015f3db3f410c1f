import NATSWire
import NKeys
import Trust

@testable import Broker

/// A client of a core without a network: says bytes, and keeps what it hears.
final class MachineClient: SessionOutlet {
    struct Fault: Error { let text: String }

    private let world: MachineWorld
    private var current: Session?
    private var heard: [UInt8] = []
    private(set) var isClosed = false
    private(set) var stalls = 0
    /// Whether what is sent to it leaves.
    var isStuck = false
    /// Bytes that were sent to it while it was stuck.
    private(set) var stuck = 0
    private var kept: [UInt8] = []

    init(in world: MachineWorld, from address: String) {
        self.world = world
        let session = world.core.open(from: Peer(host: address, port: 1), over: self)
        current = session
        world.core.sent(heard.count, for: session)
    }

    /// Its session, until it leaves.
    var session: Session {
        guard let current else { preconditionFailure("a client that has left") }
        return current
    }

    // MARK: Talking

    /// Says something, and has the broker do what follows from it.
    func say(_ text: String) { say(Array(text.utf8)) }

    func say(_ bytes: [UInt8]) {
        kept += bytes
        pump()
        world.host.run()
    }

    private func pump() {
        while !kept.isEmpty, let session = current, session.phase == .opened || session.phase == .ready {
            let used = kept.withUnsafeBufferPointer { world.core.receive($0, for: session) }
            kept.removeFirst(used)
            if used == 0 { return }
        }
    }

    /// What was heard since the last time.
    func hear() -> String {
        defer { heard = [] }
        return String(decoding: heard, as: UTF8.self)
    }

    /// What was heard of messages and errors since the last time, a line each: `SUBJECT SID REPLY PAYLOAD`.
    func operations() throws -> [ServerOperation] {
        var parser = ServerOperationParser(limits: WireLimits(controlLine: 1 << 20, payload: 1 << 26))
        parser.append(heard)
        heard = []
        var operations: [ServerOperation] = []
        while let operation = try parser.next() { operations.append(operation) }
        return operations
    }

    /// The messages heard since the last time, as `SUBJECT SID PAYLOAD`.
    func messages() throws -> [String] {
        try operations().compactMap { operation in
            guard case .message(let message) = operation else { return nil }
            return [message.subject, message.subscription, message.payload]
                .map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        }
    }

    /// The text of CONNECT for a user, with the signature of this connection's nonce.
    func connectText(as user: MachineWorld.User, options: String = "", signature: String? = nil) throws -> String {
        let nonce = session.nonce
        let proof = try signature ?? String(decoding: Base64URL.encode(user.keys.sign(nonce).rawBytes), as: UTF8.self)
        return """
            CONNECT {"verbose":false,"pedantic":false,"protocol":1,"headers":true,"no_responders":true,\
            \(options)"jwt":"\(user.token)","sig":"\(proof)"}\r\n
            """
    }

    /// Connects, and hears that it did.
    func connect(as user: MachineWorld.User, options: String = "") throws {
        _ = hear()
        say(try connectText(as: user, options: options))
        say("PING\r\n")
        let answer = hear()
        guard answer.hasPrefix("PONG\r\n") || answer.hasPrefix("+OK\r\nPONG\r\n") else {
            throw Fault(text: "not connected: \(answer), \(world.host.takeRefusals())")
        }
    }

    /// The end of the connection, from this side.
    func leave() {
        if let current { world.core.lost(current) }
        current = nil
    }

    // MARK: SessionOutlet

    func send(_ bytes: UnsafeBufferPointer<UInt8>) {
        heard += bytes
        guard let session = current else { return }
        if isStuck { stuck += bytes.count } else { world.core.sent(bytes.count, for: session) }
    }

    func close() { isClosed = true }
    func resume() { pump() }
    func stall() { stalls += 1 }
}

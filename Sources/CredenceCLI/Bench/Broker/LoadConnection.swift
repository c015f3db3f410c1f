/// A connection that a server has let in, with what reads it.
final class LoadConnection {
    let socket: LoadSocket
    let scanner: ServerScanner
    /// What the server said first.
    let greeting: ServerGreeting
    private static let ping = Array("PING\r\n".utf8)

    /// Waits for INFO, proves who connects, and waits until the server has agreed.
    init(_ socket: LoadSocket, as user: LoadCredentials, scanner: ServerScanner) throws(LoadFault) {
        (self.socket, self.scanner) = (socket, scanner)
        scanner.reset()
        guard case .info(let text) = try Self.next(scanner, socket) else {
            throw .malformed("it does not begin with INFO")
        }
        greeting = ServerGreeting(text)
        try socket.send(user.introduction(nonce: greeting.nonce()))
        try awaitPong()
    }

    /// The next operation, waited for.
    func next() throws(LoadFault) -> ServerScanner.Operation { try Self.next(scanner, socket) }

    /// Waits for PONG: everything that was sent before the PING is done then.
    func awaitPong() throws(LoadFault) {
        while true {
            if case .pong = try next() { return }
        }
    }

    /// Sends what is given and a PING behind it, and waits for PONG.
    func settle(_ operations: [UInt8] = []) throws(LoadFault) {
        try socket.send(operations + Self.ping)
        try awaitPong()
    }

    /// Takes what has come without waiting, for somebody who only publishes.
    func look() throws(LoadFault) {
        let count = try scanner.fill { (room) throws(LoadFault) in try socket.receive(into: room, .notAtAll) }
        guard count != nil else { return }
        var tally = ServerScanner.Tally()
        while let operation = try scanner.count(&tally) { try Self.answer(operation, socket) }
    }

    /// What must not be passed over: a PING is answered, an error ends the run.
    static func answer(_ operation: ServerScanner.Operation, _ socket: LoadSocket) throws(LoadFault) {
        switch operation {
        case .ping: try socket.send(Array("PONG\r\n".utf8))
        case .error(let text): throw .refused(text)
        default: break
        }
    }

    private static func next(
        _ scanner: ServerScanner, _ socket: LoadSocket
    ) throws(LoadFault) -> ServerScanner.Operation {
        while true {
            guard let operation = try scanner.next() else {
                _ = try scanner.fill { (room) throws(LoadFault) in try socket.receive(into: room, .forBytes) }
                continue
            }
            switch operation {
            case .ping, .error: try answer(operation, socket)
            default: return operation
            }
        }
    }
}

/// What a client says to a server.
public enum ClientOperation: Equatable, Sendable {
    /// `CONNECT`, with its JSON text, which must have no line break.
    case connect([UInt8])
    /// `PUB`, or `HPUB` where there are headers.
    case publish(subject: String, reply: String? = nil, headers: [UInt8] = [], payload: [UInt8])
    case subscribe(subject: String, queue: String? = nil, id: String)
    /// `UNSUB`, at once or after so many messages.
    case unsubscribe(id: String, after: Int? = nil)
    case ping
    case pong

    /// Appends the bytes of the operation.
    ///
    /// - Throws: `field` for what would be read as another operation, or as more than one argument.
    public func write(to bytes: inout [UInt8]) throws(WireFault) {
        switch self {
        case .connect(let json):
            guard !json.contains(where: { $0 == 0x0A || $0 == 0x0D }), !json.isEmpty else { throw .field("options") }
            bytes += "CONNECT ".utf8
            bytes += json
        case .publish(let subject, let reply, let headers, let payload):
            bytes += headers.isEmpty ? "PUB ".utf8 : "HPUB ".utf8
            try Self.append(subject, "subject", to: &bytes)
            bytes += " ".utf8
            if let reply {
                try Self.append(reply, "reply", to: &bytes)
                bytes += " ".utf8
            }
            bytes += headers.isEmpty ? "".utf8 : "\(headers.count) ".utf8
            bytes += "\(headers.count + payload.count)\r\n".utf8
            bytes += headers
            bytes += payload
        case .subscribe(let subject, let queue, let id):
            bytes += "SUB ".utf8
            try Self.append(subject, "subject", to: &bytes)
            bytes += " ".utf8
            if let queue {
                try Self.append(queue, "queue", to: &bytes)
                bytes += " ".utf8
            }
            try Self.append(id, "subscription", to: &bytes)
        case .unsubscribe(let id, let count):
            bytes += "UNSUB ".utf8
            try Self.append(id, "subscription", to: &bytes)
            if let count { bytes += " \(count)".utf8 }
        case .ping: bytes += "PING".utf8
        case .pong: bytes += "PONG".utf8
        }
        bytes += "\r\n".utf8
    }

    private static func append(_ field: String, _ name: String, to bytes: inout [UInt8]) throws(WireFault) {
        guard !field.isEmpty, field.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .field(name) }
        bytes += field.utf8
    }
}

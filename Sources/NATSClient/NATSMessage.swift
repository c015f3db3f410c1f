import NATSWire

/// A message that came.
public struct NATSMessage: Hashable, Sendable {
    /// Where it was published.
    public let subject: String
    /// Where an answer is expected; nil for nowhere.
    public let reply: String?
    /// The header block, as it came; empty for none. A server passes on whatever a publisher calls headers.
    public let headerBytes: [UInt8]
    /// What follows the headers.
    public let payload: [UInt8]

    /// A message.
    public init(subject: String, reply: String? = nil, headerBytes: [UInt8] = [], payload: [UInt8] = []) {
        (self.subject, self.reply, self.headerBytes, self.payload) = (subject, reply, headerBytes, payload)
    }

    init(_ message: ServerOperation.Message) {
        self.init(
            subject: String(decoding: message.subject, as: UTF8.self),
            reply: message.reply.map { String(decoding: $0, as: UTF8.self) },
            headerBytes: message.headers, payload: message.payload)
    }

    /// The headers, read; without any, none.
    ///
    /// - Throws: `WireFault.headers`.
    public func headers() throws(WireFault) -> MessageHeaders {
        headerBytes.isEmpty ? MessageHeaders() : try MessageHeaders(parsing: headerBytes)
    }

    /// The status of a message that a server made itself; nil for any other.
    public var status: MessageHeaders.Status? { headerBytes.isEmpty ? nil : (try? headers())?.status }

    /// About what it holds in memory, in bytes.
    var size: Int { subject.utf8.count + (reply?.utf8.count ?? 0) + headerBytes.count + payload.count + 64 }
}

/// What happens to a connection.
public enum ConnectionEvent: Hashable, Sendable {
    /// There is a connection to this server, and subscriptions are in force.
    case connected(ServerAddress)
    /// It is gone, or an attempt failed; why. Another attempt follows.
    case disconnected(NATSFault)
    /// It is gone and does not come back; why, nil when it was closed on this side.
    case closed(NATSFault?)
    /// The server did not permit a publish or a subscription; what it says.
    case notPermitted(String)
    /// The server said something else that does not end the connection.
    case serverError(String)
    /// The server is about to stop.
    case serverLeaving
}

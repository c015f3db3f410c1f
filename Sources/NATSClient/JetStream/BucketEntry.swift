import NATSWire

/// What stands in a bucket under a key.
public struct BucketEntry: Hashable, Sendable {
    /// What became of the key.
    public enum Operation: Hashable, Sendable {
        /// The value was written.
        case put
        /// It was deleted by a marker.
        case delete
        /// It was deleted with all its history.
        case purge
    }

    /// The key.
    public let key: String
    /// The value; empty for a marker.
    public let value: [UInt8]
    /// Headers that were written with it, and those of the protocol.
    public let headers: MessageHeaders
    /// A number that grows with each write to the bucket.
    public let revision: UInt64
    /// What became of the key.
    public var operation: Operation {
        switch headers[Self.operationHeader] {
        case "DEL": .delete
        case "PURGE": .purge
        default: .put
        }
    }

    static let operationHeader = "KV-Operation"
    static let identifierHeader = "Nats-Msg-Id"
    static let expectationHeader = "Nats-Expected-Last-Subject-Sequence"

    init(key: String, value: [UInt8], headers: MessageHeaders, revision: UInt64) {
        (self.key, self.value, self.headers, self.revision) = (key, value, headers, revision)
    }

    /// The `message` of the answer to `STREAM.MSG.GET`.
    init(stored json: WireJSON?, prefix: String) throws(BucketFault) {
        guard let json, let subject = json["subject"]?.string, subject.hasPrefix(prefix),
            let revision = json["seq"]?.unsigned, let value = Base64Text.decode(json["data"]?.string ?? ""),
            let block = Base64Text.decode(json["hdrs"]?.string ?? "")
        else { throw .answer("a kept message") }
        try self.init(String(subject.dropFirst(prefix.count)), value, block, revision)
    }

    init(_ key: String, _ value: [UInt8], _ block: [UInt8], _ revision: UInt64) throws(BucketFault) {
        do throws(WireFault) {
            let headers = block.isEmpty ? MessageHeaders() : try MessageHeaders(parsing: block)
            self.init(key: key, value: value, headers: headers, revision: revision)
        } catch { throw .answer("the headers of `\(ClientMachine.quoted(key))`") }
    }
}

/// What a server says to a client.
public enum ServerOperation: Equatable, Sendable {
    /// `MSG` or `HMSG`. Subjects and ids are bytes: nothing says that they are UTF-8.
    public struct Message: Equatable, Sendable {
        /// Where it was published.
        public var subject: [UInt8]
        /// The subscription that it is for, by the id that the client gave it.
        public var subscription: [UInt8]
        /// Where an answer is expected; nil for nowhere.
        public var reply: [UInt8]?
        /// The header block with its first line and its empty last; empty for a message without.
        public var headers: [UInt8]
        /// What follows the headers.
        public var payload: [UInt8]

        /// A message.
        public init(
            subject: [UInt8], subscription: [UInt8], reply: [UInt8]? = nil, headers: [UInt8] = [], payload: [UInt8]
        ) {
            self.subject = subject
            self.subscription = subscription
            self.reply = reply
            self.headers = headers
            self.payload = payload
        }
    }

    /// `INFO`, with its JSON text, which is not read here.
    case info([UInt8])
    case message(Message)
    case ping
    case pong
    case ok
    /// `-ERR`, without its quotes.
    case error(String)
}

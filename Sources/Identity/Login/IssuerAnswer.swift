import Trust

/// What an endpoint of an issuer answered: the status and the body, unjudged.
public struct IssuerAnswer: Sendable {
    /// The status of HTTP.
    public let status: Int
    /// The body, bounded by whoever read it.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }

    /// The members of the object that it is; nil when it is none.
    var members: JSONMembers? { JSONMembers(json: body) }

    /// The code of an error (RFC 6749, section 5.2), as far as it is one: letters, digits, `_` and `-`, and few of them.
    var errorCode: String? {
        guard let code = members?.text("error"), (1...64).contains(code.utf8.count),
            code.utf8.allSatisfy({ byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            })
        else { return nil }
        return code
    }
}

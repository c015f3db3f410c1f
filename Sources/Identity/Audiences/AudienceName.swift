import Trust

/// The name of who a token is meant for, as it stands in `aud`: a service, a cluster or a host that checks it.
///
/// Compared byte by byte (RFC 7519, section 4.1.3: a case-sensitive string). It cannot hold what means more than one
/// verifier.
public struct AudienceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// Reads a name. Linear.
    public init(_ text: String) throws(AudienceFault) {
        if let fault = AudienceFault(in: text) { throw fault }
        self.text = text
    }

    /// The name itself.
    public var description: String { text }

    /// By their bytes.
    public static func < (left: AudienceName, right: AudienceName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// Why a document of an issuer is not to be had. No words of the other side stand in it.
enum DocumentFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// It took too long.
    case slow
    /// The issuer answers with a redirect.
    case redirect(Int)
    /// It answers with another status than 200.
    case status(Int)
    /// It answers with something else than JSON.
    case contentType
    /// The answer is too large.
    case size(limit: Int)
    /// It is not reached: why.
    case connection(String)
    /// The key set is none.
    case keys(KeyDocument.Fault)
    /// The discovery document is none, or of another issuer: why.
    case discovery(String)

    var description: String {
        switch self {
        case .slow: "it took too long"
        case .redirect(let status): "a redirect (\(status)) is not followed: configure the address that it leads to"
        case .status(let status): "it answers with status \(status)"
        case .contentType: "it answers with another type of content than `application/json`"
        case .size(let limit): "it answers with more than \(limit) bytes"
        case .connection(let reason): reason
        case .keys(let fault): "the key set: \(fault)"
        case .discovery(let reason): "the discovery document: \(reason)"
        }
    }
}

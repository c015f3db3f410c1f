import Logging

/// Where the keys of an issuer are had from.
protocol KeySource: Sendable {
    /// The key for a token, after fetching where that may help.
    ///
    /// - Parameters:
    ///   - identifier: the token's `kid`; nil for none.
    ///   - fetching: whether keys may be fetched for this token.
    func selection(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm, _ fetching: KeyFetching) async -> KeyAnswer
}

/// Whether keys may be fetched to judge a token.
enum KeyFetching: Hashable, Sendable {
    case allowed
    /// The token is refused already: what is at hand has to do.
    case pointless
}

/// What a source of keys says.
enum KeyAnswer: Sendable {
    case selected(KeySet.Selection)
    /// There are no keys: why.
    case unavailable(String)
    /// There are none at hand, and none were to be fetched.
    case notAsked
}

/// Keys that stand in the configuration.
struct FixedKeys: KeySource {
    private let keys: Task<KeySet?, Never>

    init(_ issuer: ForeignIssuer, logger: Logger) {
        keys = Task {
            switch issuer.keys {
            case .secret(let secret): return await KeySet(secret: secret, for: issuer.algorithms)
            case .set(let document):
                guard let document = try? KeyDocument(document) else { return nil }
                let set = await KeySet(document, for: issuer.algorithms)
                for warning in set.warnings {
                    logger.warning(
                        "a key of the issuer is not used",
                        metadata: ["issuer": "\(issuer.issuer)", "reason": "\(warning)"])
                }
                return set
            case .url, .discovery: return nil
            }
        }
    }

    func selection(_ identifier: [UInt8]?, _ algorithm: ForeignAlgorithm, _ fetching: KeyFetching) async -> KeyAnswer {
        guard let keys = await keys.value else { return .unavailable("the configured key set cannot be read") }
        return .selected(keys.selection(identifier, algorithm))
    }
}

/// Whether tokens and other secrets inside claims are shown.
public enum EmbeddedTokens: Hashable, Sendable {
    /// Three asterisks stand for each: see `JSONMask`.
    case masked
    /// As they are.
    case raw
}

/// Claims as JSON text, for people and programs to read.
public enum ClaimsJSON {
    /// The claims in the shape of version 2 tokens, as the Go library writes them; claims of a version 1 token come
    /// out in that shape too, with `nats.version` 1. Members that are not known come along, except those inside
    /// elements of lists.
    public static func json(
        of claims: some TokenClaims, version: TokenVersion = .two, embeddedTokens: EmbeddedTokens = .masked
    ) -> String {
        guard let claims = claims as? any WritableClaims else { return "{}" }
        return ClaimsEncoder.text(of: claims, version: version, embedded: embeddedTokens)
    }
}

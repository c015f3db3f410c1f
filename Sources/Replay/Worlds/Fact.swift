/// What an import is bound by, and what attacks change.
public enum Fact: String, CaseIterable, Hashable, Sendable {
    /// For whom the token is: its `sub`.
    case importer
    /// Whose export it is about.
    case exporter
    /// Whose key signed it.
    case signer
    /// Stream or service.
    case kind
    /// What may be imported.
    case subject
    /// Its `aud`.
    case audience
    /// The place in the subject where the importer's own key must stand.
    case position
    /// When it holds.
    case time
    /// Whether the exporter has taken it back.
    case revocation
    /// The token as text: that it is there, whole, and has one meaning.
    case text
}

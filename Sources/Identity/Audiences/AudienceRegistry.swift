import NKeys

/// The audiences that are known: who may be named in `aud`.
public struct AudienceRegistry: Hashable, Sendable {
    /// One audience.
    public struct Entry: Hashable, Sendable {
        /// Its name.
        public let name: AudienceName
        /// What it is, for people.
        public let description: String
        /// The keys by which it is known: accounts, signing keys, servers.
        public let keys: [PublicKey]

        /// An audience.
        public init(name: AudienceName, description: String, keys: [PublicKey] = []) {
            (self.name, self.description, self.keys) = (name, description, keys)
        }
    }

    /// The audiences in the order of their names, none twice.
    public let entries: [Entry]

    /// No audience.
    public init() { entries = [] }

    /// These audiences; of two with one name the first.
    public init(_ entries: [Entry]) {
        var seen: Set<AudienceName> = []
        self.entries = entries.filter { seen.insert($0.name).inserted }.sorted { $0.name < $1.name }
    }
}

import NKeys

/// Those who are in every world of a suite.
struct Company {
    let `operator`: KeyPair
    /// Demands signing keys, and so signs with one.
    let strictOperator: KeyPair
    let strictOperatorSigner: KeyPair
    let system: KeyPair
    /// Another account, as good as any.
    let bystander: KeyPair
    /// An account that nobody knows.
    let stranger: KeyPair
    /// A key that an exporter may have listed once, and does not list.
    let removed: KeyPair
    /// The one user, of every account: with it the run logs in.
    let user: KeyPair

    init(_ keys: KeySource) throws(KeyUseError) {
        `operator` = try keys.pair(.operator, "operator")
        strictOperator = try keys.pair(.operator, "strict operator")
        strictOperatorSigner = try keys.pair(.operator, "strict operator signing key")
        system = try keys.pair(.account, "system account")
        bystander = try keys.pair(.account, "bystander")
        stranger = try keys.pair(.account, "stranger")
        removed = try keys.pair(.account, "removed signing key")
        user = try keys.pair(.user, "user")
    }
}

/// Those who are in one world.
struct Cast {
    let company: Company
    let exporter: KeyPair
    let exporterSigner: KeyPair
    /// The exporter's key for users of one role.
    let exporterScoped: KeyPair
    let importer: KeyPair
    let importerSigner: KeyPair

    init(_ company: Company, _ keys: KeySource, world: String) throws(KeyUseError) {
        self.company = company
        exporter = try keys.pair(.account, "\(world) exporter")
        exporterSigner = try keys.pair(.account, "\(world) exporter signing key")
        exporterScoped = try keys.pair(.account, "\(world) exporter scoped key")
        importer = try keys.pair(.account, "\(world) importer")
        importerSigner = try keys.pair(.account, "\(world) importer signing key")
    }
}

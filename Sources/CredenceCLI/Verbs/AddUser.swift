import ArgumentParser
import NKeys
import Trust

/// `credence add user`: a new user of an account, with creds to connect with.
struct AddUser: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Make a user of an account: its token, its key and its creds.",
        discussion: "With -K and the name of a role the user gets the permissions of that role and none of its own.")

    @Option(name: [.short, .long], help: "The user's name, and that of its file.") var name: String
    @Option(name: [.short, .long], help: "The account; not needed where there is one.") var account: String?
    @Option(
        name: [.customShort("k"), .long],
        help: ArgumentHelp("The user's key, whose seed is elsewhere.", valueName: "key"))
    var publicKey: String?
    @OptionGroup var validity: ValidityOptions
    @OptionGroup(title: "Permissions") var permissions: PermissionOptions
    @Flag(help: "Whoever has the token may connect: no proof of the key is asked for.") var bearer = false
    @Option(
        help: ArgumentHelp(
            "The one verifier that the token is meant for; servers of the field do not look at it.", valueName: "name"))
    var audience: String?
    @Option(help: ArgumentHelp("Tags, separated by commas; can be repeated.", valueName: "tags")) var tag: [String] = []
    @Option(help: ArgumentHelp("Networks that the user may come from, such as 192.0.2.0/24.", valueName: "networks"))
    var sourceNetwork: [String] = []
    @OptionGroup var key: SigningKeyOption
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        try Names.judge(name)
        let workspace = try Workspace(options, operator: `operator`.name)
        let account = try workspace.accountName(account)
        let identity = try NewEntities.Key(given: publicKey, role: .user)
        var claims = UserClaims(subject: identity.publicKey, name: name)
        try validity.apply(to: &claims.common, now: workspace.now)
        claims.common.audience = audience
        claims.permissions = try permissions.claims()
        claims.limits.bearer = bearer
        // As nsc: a tag is found in a template whatever its case.
        claims.tags = CommaList.split(tag).map { $0.lowercased() }
        let networks = try networks()
        claims.limits.sources = networks.isEmpty ? nil : networks
        let entities = NewEntities(
            workspace: workspace, signing: try Signing(workspace, choice: key.choice))
        try entities.add(claims, name: name, key: identity, account: account)
    }

    private func networks() throws(CommandFailure) -> [Network] {
        var networks: [Network] = []
        for text in CommaList.split(sourceNetwork) {
            guard let network = Network(text) else {
                throw CommandFailure(
                    .badInput, "--source-network: \(Files.quoted(text)) is no network",
                    hint: "write an address and the length of its prefix, such as 192.0.2.0/24 or 2001:db8::/32")
            }
            networks.append(network)
        }
        return networks
    }
}

import ArgumentParser
import NKeys
import Trust

/// `credence add account`: a new account of an operator.
struct AddAccount: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Make an account: its token and its keys.",
        discussion: "Permissions given here are those of users that have none of their own.")

    @Option(name: [.short, .long], help: "The account's name, and that of its folder.") var name: String
    @Option(
        name: [.customShort("k"), .long],
        help: ArgumentHelp("The account's key, whose seed is elsewhere.", valueName: "key"))
    var publicKey: String?
    @OptionGroup var validity: ValidityOptions
    @OptionGroup(title: "Default permissions") var permissions: PermissionOptions
    @Flag(help: "Make a signing key too; always made where the operator demands signing keys.")
    var generateSigningKey = false
    @OptionGroup var key: SigningKeyOption
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func run() throws {
        try Names.judge(name)
        let workspace = try Workspace(options, operator: `operator`.name)
        let identity = try NewEntities.Key(given: publicKey, role: .account)
        var claims = AccountClaims(subject: identity.publicKey, name: name)
        try validity.apply(to: &claims.common, now: workspace.now)
        claims.defaultPermissions = try permissions.claims()
        let needsSigningKey = try generateSigningKey || workspace.operatorToken().claims.strictSigningKeys
        let signingKeys = needsSigningKey ? [try Keys.generate(.account)] : []
        claims.signingKeys = signingKeys.map { .plain($0.publicKey) }
        let entities = NewEntities(
            workspace: workspace, signing: try Signing(workspace, choice: key.choice))
        _ = try entities.add(claims, name: name, key: identity, signingKeys: signingKeys)
    }
}

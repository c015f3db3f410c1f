import ArgumentParser
import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// `credence add operator`: a new operator with its folder and keys.
struct AddOperator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Make an operator: its folder, its token and its keys.")

    @Option(name: [.short, .long], help: "The operator's name, and that of its folder.") var name: String
    @OptionGroup var validity: ValidityOptions
    @Flag(name: [.short, .long], help: "Make the system account SYS too, with the user sys and its creds.")
    var sys = false
    @Flag(help: "Make a signing key too, so that the identity key can be kept away.") var generateSigningKey = false
    @Flag(help: "Demand signing keys: identity keys then sign nothing below them. Makes a signing key too.")
    var requireSigningKeys = false
    @Option(
        name: [.customShort("K"), .customLong("private-key")],
        help: ArgumentHelp("A file with the seed of the identity key; without it a new one is made.", valueName: "file")
    )
    var privateKey: String?
    @OptionGroup var options: StoreOptions

    func run() throws {
        try Names.judge(name)
        let locations = try options.locations()
        if let store = try? FolderStore(at: locations.stores, operator: name) {
            throw CommandFailure(StoreFault(path: store.path, kind: .exists))
        }
        let keystore = Keystore(at: locations.keys)
        let now = WallClock.now()
        let identity = try identityPair()
        let signing = generateSigningKey || requireSigningKeys ? try Keys.generate(.operator) : nil
        let system = sys ? try Keys.generate(.account) : nil

        var claims = OperatorClaims(subject: identity.publicKey, name: name)
        try validity.apply(to: &claims.common, now: now)
        claims.signingKeys = [signing?.publicKey].compactMap { $0 }
        claims.strictSigningKeys = requireSigningKeys
        claims.systemAccount = system?.publicKey
        let token = try signed("operator \(Files.quoted(name))") { () throws(SigningError) in
            try TokenSigner(identity, zones: SystemZones()).sign(claims, at: now)
        }

        // The seeds first: what a token names must not be lost.
        for pair in [identity, signing].compactMap({ $0 }) {
            try read { () throws(StoreFault) in try keystore.add(pair) }
        }
        let store = try read { () throws(StoreFault) in
            try FolderStore.create(operator: name, token: Array(token.text.utf8), in: locations.stores)
        }
        try StandardOutput.write("added operator \(name) \(token.subject.text) in \(Printable.line(store.path))\n")
        if let signing { try StandardOutput.write("added signing key \(signing.publicKey.text)\n") }
        guard let system else { return }
        let workspace = try Workspace(options, operator: name)
        let entities = NewEntities(workspace: workspace, signing: Signing(keystore: keystore, choice: nil))
        try entities.addSystemAccount(system)
    }

    private func identityPair() throws(CommandFailure) -> KeyPair {
        guard let privateKey else { return try Keys.generate(.operator) }
        try KeyArgument.refuseSeed(privateKey, flag: "-K")
        return try KeyArgument.pair(inFile: privateKey, role: .operator, flag: "-K")
    }
}

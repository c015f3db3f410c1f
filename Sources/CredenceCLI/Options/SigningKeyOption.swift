import ArgumentParser

/// The key that signs.
struct SigningKeyOption: ParsableArguments {
    @Option(
        name: [.customShort("K"), .customLong("private-key")],
        help: ArgumentHelp(
            "The key that signs: a role, a public key whose seed is in the keystore, or a file with a seed.",
            valueName: "key"))
    var choice: String?
}

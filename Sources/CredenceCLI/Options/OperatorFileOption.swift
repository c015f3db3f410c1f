import ArgumentParser
import FolderStores

/// The operator that is trusted, where it is not the store's own.
struct OperatorFileOption: ParsableArguments {
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("The operator's token, instead of the store's; `-` for standard input.", valueName: "file"))
    var file: String?

    /// The token: of the file, or else of the store.
    func token(of store: FolderStore) throws(CommandFailure) -> [UInt8] {
        if let file { return try TokenInput.read(file) }
        guard store.layout == .operatorFolder else {
            throw CommandFailure(
                .badInput, "\(Files.quoted(store.path)) is a resolver's folder, which has no operator",
                hint: "give the operator's token with --operator")
        }
        return try read { () throws(StoreFault) in try store.operatorToken() }
    }
}

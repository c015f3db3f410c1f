import ArgumentParser
import FolderStores
import Glibc

/// Where the store and the keys are, with nsc's flags and variables.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The operator's folder, a folder of them, or a resolver's folder.", valueName: "dir"))
    var store: String?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp(
            "One folder for stores and keys: the same as --data-dir and --keystore-dir.", valueName: "dir"))
    var allDirs: String?

    @Option(help: ArgumentHelp("The folder of stores, one folder an operator.", valueName: "dir"))
    var dataDir: String?

    @Option(
        name: [.customLong("keystore-dir"), .customLong("keystore")],
        help: ArgumentHelp("The folder of keys and creds.", valueName: "dir"))
    var keystoreDir: String?

    /// The folders that are meant, named or not.
    func locations() throws(CommandFailure) -> StoreLocations {
        let flags = StoreLocations.Flags(all: allDirs, stores: store ?? dataDir, keys: keystoreDir)
        do {
            return try StoreLocations(flags: flags, environment: Self.environment()) { access($0, F_OK) == 0 }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Opens the store of an operator, or the only one there.
    func open(operator name: String? = nil) throws(CommandFailure) -> FolderStore {
        let path = try locations().stores
        do {
            return try FolderStore(at: path, operator: name)
        } catch {
            var failure = CommandFailure(error)
            if error.kind == .missing {
                failure.hint = "name the store with --store, or make one with `credence add operator`"
            }
            throw failure
        }
    }

    /// The keystore.
    func keystore() throws(CommandFailure) -> Keystore { Keystore(at: try locations().keys) }

    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["HOME", "NSC_HOME", "NKEYS_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }
}

/// Which operator, where a folder holds several.
struct OperatorOption: ParsableArguments {
    @Option(
        name: .customLong("operator"), help: ArgumentHelp("The operator, where there are several.", valueName: "name"))
    var name: String?
}

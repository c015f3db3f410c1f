/// Where stores, keys and settings are when no folder is named: where `nsc` has them.
///
/// | what | flag | variable | else |
/// | --- | --- | --- | --- |
/// | settings | `--config-dir` | `NSC_HOME` | `$XDG_CONFIG_HOME/nats/nsc`, or `~/.config/nats/nsc` |
/// | stores | `--data-dir` | | `$XDG_DATA_HOME/nats/nsc/stores`, or `~/.local/share/nats/nsc/stores` |
/// | keys | `--keystore-dir` | `NKEYS_PATH` | `$XDG_DATA_HOME/nats/nsc/keys`, or `~/.local/share/nats/nsc/keys` |
///
/// A flag goes before a variable, the flag of one folder before the flag of all. A variable that is empty is not set.
/// The folders of old versions of `nsc` (`~/.nsc`, `~/.nsc/nats`, `~/.nkeys`) are taken where they are there and
/// their successors are not.
public struct StoreLocations: Sendable, Hashable {
    /// The folder of `nsc.json`.
    public var settings: String
    /// The folder of stores: one folder an operator.
    public var stores: String
    /// The keystore's folder.
    public var keys: String

    /// The folders that flags name; nil where a flag is not given.
    public struct Flags: Sendable, Hashable {
        /// All three folders at once.
        public var all: String?
        /// The folder of settings.
        public var settings: String?
        /// The folder of stores.
        public var stores: String?
        /// The keystore's folder.
        public var keys: String?

        /// Flags, all of them absent unless given.
        public init(all: String? = nil, settings: String? = nil, stores: String? = nil, keys: String? = nil) {
            self.all = all
            self.settings = settings
            self.stores = stores
            self.keys = keys
        }
    }

    /// Resolves the folders. Nothing is read but what `exists` answers.
    ///
    /// - Parameters:
    ///   - flags: what the command line names.
    ///   - environment: the variables of the process.
    ///   - exists: whether there is something at a path; asked for the folders of old versions alone.
    /// - Throws: ``StoreFault/Kind/noHome`` when a folder hangs on `HOME` and it is not set.
    public init(
        flags: Flags = Flags(), environment: [String: String], exists: (String) -> Bool = { _ in false }
    ) throws(StoreFault) {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        func home(_ what: String) throws(StoreFault) -> String {
            guard let home = variable("HOME") else { throw StoreFault(path: what, kind: .noHome) }
            return home.count > 1 && home.hasSuffix("/") ? String(home.dropLast()) : home
        }
        func base(_ name: String, _ below: String, _ what: String) throws(StoreFault) -> String {
            if let given = variable(name) { return "\(given)/nats/nsc" }
            return "\(try home(what))/\(below)/nats/nsc"
        }
        func either(_ current: String, _ old: String, mark: String = "") -> String {
            guard let home = variable("HOME"), !exists(current + mark), exists("\(home)/\(old)\(mark)") else {
                return current
            }
            return "\(home)/\(old)"
        }

        if let given = flags.settings ?? flags.all ?? variable("NSC_HOME") {
            settings = given
        } else {
            settings = either(try base("XDG_CONFIG_HOME", ".config", "settings"), ".nsc", mark: "/nsc.json")
        }
        if let given = flags.stores ?? flags.all {
            stores = given
        } else {
            stores = either("\(try base("XDG_DATA_HOME", ".local/share", "stores"))/stores", ".nsc/nats")
        }
        if let given = flags.keys ?? flags.all ?? variable("NKEYS_PATH") {
            keys = given
        } else {
            keys = either("\(try base("XDG_DATA_HOME", ".local/share", "keys"))/keys", ".nkeys")
        }
    }
}

import FolderStores

/// Names of new operators, accounts and users: they become file names, and values in templates of permissions.
enum Names {
    /// Refuses a name that is no name of a file, or would be more than one literal token of a subject.
    static func judge(_ name: String) throws(CommandFailure) {
        do {
            try StoreName.judge(name)
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.quoted(name)) cannot be a name: \(error)",
                hint: "use letters, digits, `-`, `_` and `.`")
        }
    }
}

import NKeys
import Subjects

/// An import that holds by every rule but B-cycle, as a way from one account to another.
struct FollowedImport: Sendable {
    let importer: PublicKey
    let exporter: PublicKey
    /// The import's place in the importer's token.
    let index: Int
    let kind: ExportKind
    let renaming: ImportRenaming

    /// The import of a binding.
    init(_ binding: Binding) {
        importer = binding.importer
        exporter = binding.exporter
        index = binding.index
        kind = binding.import.kind
        renaming = binding.renaming
    }

    /// The import at `index` of `importer`; nil when it renames nothing that can be followed.
    init?(_ item: Import, of importer: PublicKey, at index: Int) {
        guard let renaming = ImportRenaming(item) else { return nil }
        self.importer = importer
        exporter = item.account
        self.index = index
        kind = item.kind
        self.renaming = renaming
    }

    /// Whether both are the same import of one account.
    func isSame(as other: FollowedImport) -> Bool { index == other.index && importer == other.importer }
}

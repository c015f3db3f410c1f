import FolderStores

extension CommandFailure {
    /// What a fault of a store means to who asked for it.
    init(_ fault: StoreFault) {
        let hint = fault.kind == .missing ? "check the name and the folder" : fault.hint
        self.init(Self.status(of: fault.kind), fault.description, hint: hint)
    }

    private static func status(of kind: StoreFault.Kind) -> ExitStatus {
        switch kind {
        case .missing, .noHome, .noSuchOperator: .noInput
        case .severalOperators, .notInThisLayout: .usage
        case .exists: .no
        case .system, .locked: .inputOutput
        case .tooLarge, .notAFile, .notAFolder, .linkLoop, .linkInStore, .nameNotText, .malformedFile,
            .withoutToken, .noStore, .withoutOperatorToken, .unusableName, .unexpectedEntry, .otherSeed,
            .notAnAccountKey:
            .badInput
        }
    }
}

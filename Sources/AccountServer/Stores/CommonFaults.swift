import FolderStores

extension StoreFault {
    /// What every call says after a store was closed.
    static func closed(_ store: String) -> StoreFault {
        StoreFault("\(store) was closed")
    }

    /// A fault of a file or folder of a store.
    init(_ fault: FolderStores.StoreFault, in store: String, isOutcomeUnknown: Bool = false) {
        switch fault.kind {
        case .locked:
            self.init(
                "\(store) is in use by another process", hint: "let one process at a time use it; end the other first")
        default:
            self.init("\(store): \(fault)", hint: fault.hint, isOutcomeUnknown: isOutcomeUnknown)
        }
    }
}

import Glibc

/// What is known of key rotations that are under way: a file of this project's own beside the operator's token. `nsc` and
/// servers pass it over, and no token says what stands in it: until when two keys are to hold, and which of them goes.
///
/// The content is the caller's; it holds no secrets.
extension FolderStore {
    static let rotationRecordFile = ".credence.rotations"

    /// The largest record that is read, in bytes: many more rotations than anyone has at once.
    static let rotationRecordLimit = 1 << 20

    /// The record; nil when there is none.
    public func rotationRecord() throws(StoreFault) -> [UInt8]? {
        let file = Self.rotationRecordFile
        let buffer = FileBuffer(limit: Self.rotationRecordLimit)
        do throws(FileReadError) {
            return [UInt8](try buffer.read(file, in: root.descriptor, calls: root.calls, links: .refused))
        } catch {
            let fault = StoreFault(error, at: file, limit: Self.rotationRecordLimit)
            guard fault.kind == .missing else { throw fault }
            return nil
        }
    }
}

extension StoreWriter {
    /// Writes the record, whole, for its owner alone; nil takes it away.
    public func writeRotationRecord(_ content: [UInt8]?) throws(StoreFault) {
        let file = FolderStore.rotationRecordFile
        guard store.layout == .operatorFolder else { throw StoreFault(path: file, kind: .notInThisLayout) }
        if let content {
            return try content.span.withUnsafeBytes { (bytes) throws(StoreFault) in
                try WholeFile.put(bytes, as: file, in: store.root, at: file, .createOrReplace, .secret)
            }
        }
        do {
            guard try store.root.status(of: file) != nil else { return }
            try store.root.calls.removeFile(file, in: store.root.descriptor)
            try store.root.calls.synchronise(store.root.descriptor)
        } catch {
            throw StoreFault(error, at: file)
        }
    }
}

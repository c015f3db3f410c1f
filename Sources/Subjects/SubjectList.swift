/// Many literal subjects in one buffer, for deciding them one after the other without touching a value each.
public struct SubjectList: Sendable {
    private var bytes: [UInt8] = []
    /// Where each subject starts, and behind them where the last one ends.
    private var bounds = [0]

    /// An empty list.
    public init() {}

    /// The number of subjects.
    public var count: Int { bounds.count &- 1 }

    /// Adds a subject.
    public mutating func append(_ subject: Subject) {
        bytes.append(contentsOf: subject.bytes)
        bounds.append(bytes.count)
    }

    /// The subject at `index`; nothing when there are fewer.
    public subscript(index: Int) -> Subject? {
        guard index >= 0, index < count else { return nil }
        return try? Subject(utf8: bytes.span.extracting(bounds[index]..<bounds[index &+ 1]))
    }

    @inline(__always)
    func withBytes<Result>(at index: Int, _ body: (RawSpan) -> Result) -> Result? {
        guard index >= 0, index < count else { return nil }
        return body(bytes.span.bytes.extracting(bounds[index]..<bounds[index &+ 1]))
    }
}

extension Permissions {
    /// Whether a message may be published on the subject at `index` of `subjects`; nothing when there is none.
    public func decide(publish subjects: SubjectList, at index: Int) -> Decision? {
        subjects.withBytes(at: index) { Decision(storage.publish.plain($0, mode: .literal)) }
    }
}

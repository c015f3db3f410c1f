/// The renaming of an import: from the exporter's subjects to local ones, and back.
///
/// The local subject may hold `*`, the n-th of which stands for the n-th wildcard of the source, and `$n` for
/// the wildcard with that number, from 1. Every wildcard is used exactly once, so the renaming can be turned
/// round; and both sides end in `>` or neither does. A token such as `$x` is a word.
///
/// ```swift
/// let renaming = try SubjectTransform(from: SubjectPattern("orders.*.*"), localSubject: "l.$2.$1")
/// renaming.apply(to: try Subject("orders.a.b"))  // l.b.a
/// ```
public struct SubjectTransform: Hashable, Sendable {
    /// What is renamed.
    public let source: SubjectPattern
    /// The local subject in plain form, with `*` for every reference.
    public let localPattern: SubjectPattern
    /// For each `*` of the local pattern, the `*` of the source that it stands for, from 0.
    private let references: [Int]

    /// Reads a renaming.
    ///
    /// - Throws: `TransformError`: the local subject is not valid, refers to what is not there, uses a wildcard
    ///   twice or not at all, or one side alone ends in `>`.
    public init(from source: SubjectPattern, localSubject text: String) throws(TransformError) {
        try self.init(from: source, localSubject: text.utf8Span.span)
    }

    /// Reads a renaming from UTF-8; see `init(from:localSubject:)`.
    public init(from source: SubjectPattern, localSubject: borrowing Span<UInt8>) throws(TransformError) {
        let scan: SubjectScan
        do {
            scan = try SubjectScan(localSubject, wildcards: .allowed)
        } catch {
            throw .subject(error)
        }
        if scan.endsInRest != source.endsInRest { throw .restMismatch }
        var plain: [UInt8] = []
        plain.reserveCapacity(localSubject.count)
        var references: [Int] = []
        var start = 0
        var stars = 0
        while start < localSubject.count {
            let end = Bytes.tokenEnd(localSubject, from: start)
            if start > 0 { plain.append(Bytes.dot) }
            if PatternWalk.isStar(localSubject, start, end) {
                stars &+= 1
                references.append(stars)
                plain.append(Bytes.star)
            } else if let index = Self.reference(localSubject, start, end) {
                references.append(index)
                plain.append(Bytes.star)
            } else {
                for index in start..<end { plain.append(localSubject[index]) }
            }
            start = end &+ 1
        }
        try Self.check(references, count: source.starCount)
        self.source = source
        self.references = references.map { $0 &- 1 }
        do {
            localPattern = try SubjectPattern(utf8: plain.span)
        } catch {
            throw .subject(error)
        }
    }

    /// The renaming that changes nothing.
    public init(identity source: SubjectPattern) {
        self.init(source: source, localPattern: source, references: Array(0..<source.starCount))
    }

    /// The renaming whose n-th wildcard on one side is the n-th on the other; nothing when the sides differ in their
    /// number of wildcards, or one alone ends in `>`.
    public init?(pairing source: SubjectPattern, with local: SubjectPattern) {
        guard source.starCount == local.starCount, source.endsInRest == local.endsInRest else { return nil }
        self.init(source: source, localPattern: local, references: Array(0..<source.starCount))
    }

    private init(source: SubjectPattern, localPattern: SubjectPattern, references: [Int]) {
        self.source = source
        self.localPattern = localPattern
        self.references = references
    }

    /// The renaming from the local subjects back to the source's.
    public var reversed: SubjectTransform {
        var back = references
        for (place, reference) in references.enumerated() { back[reference] = place }
        return SubjectTransform(source: localPattern, localPattern: source, references: back)
    }

    /// The local name of `subject`; nothing when the source does not match it, or when the result would be
    /// longer than a subject may be.
    public func apply(to subject: Subject) -> Subject? {
        guard let bytes = render(subject.bytes, literal: true),
            let scan = try? SubjectScan(bytes.span, wildcards: .refused)
        else { return nil }
        return Subject(validated: bytes, tokenCount: scan.tokenCount)
    }

    /// The local names of everything that `pattern` means; nothing when the source does not contain it, or
    /// when the result would be longer than a subject may be.
    public func apply(to pattern: SubjectPattern) -> SubjectPattern? {
        guard let bytes = render(pattern.bytes, literal: false) else { return nil }
        return try? SubjectPattern(utf8: bytes.span)
    }

    private func render(_ input: [UInt8], literal: Bool) -> [UInt8]? {
        guard let captures = Captures(source, input.span, literal: literal) else { return nil }
        let local = localPattern.bytes
        var output: [UInt8] = []
        output.reserveCapacity(local.count &+ input.count)
        var start = 0
        var place = 0
        while start < local.count {
            let end = Bytes.tokenEnd(local.span, from: start)
            if start > 0 { output.append(Bytes.dot) }
            if PatternWalk.isStar(local.span, start, end) {
                output.append(contentsOf: input[captures.stars[references[place]]])
                place &+= 1
            } else if end == local.count, let rest = captures.rest {
                output.append(contentsOf: input[rest])
            } else {
                output.append(contentsOf: local[start..<end])
            }
            if output.count > SubjectLimits.transformOutput { return nil }
            start = end &+ 1
        }
        return output
    }

    private static func check(_ references: [Int], count: Int) throws(TransformError) {
        var seen = [Bool](repeating: false, count: count)
        for index in references {
            if index < 1 { throw .index }
            if index > count { throw .wildcardOutOfRange(index: index, count: count) }
            if seen[index &- 1] { throw .duplicate(index: index) }
            seen[index &- 1] = true
        }
        if references.count < count { throw .unused(used: references.count, count: count) }
    }

    /// The number in a token `$n`, where n is a decimal integer that may have a sign; nothing for a word.
    static func reference(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard end &- start >= 2, bytes[start] == UInt8(ascii: "$") else { return nil }
        return DecimalInteger.read(bytes, start &+ 1, end)
    }
}

/// Reads decimal integers the way the field's other tools do: an optional sign, then digits.
enum DecimalInteger {
    /// Nothing when the text is no integer; integers that do not fit are clamped, being out of every range.
    static func read(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var index = start
        var negative = false
        if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            negative = bytes[index] == UInt8(ascii: "-")
            index &+= 1
        }
        guard index < end else { return nil }
        var value = 0
        while index < end {
            let digit = bytes[index] &- UInt8(ascii: "0")
            if digit > 9 { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            value = over ? Int.max : product
            let (sum, more) = value.addingReportingOverflow(Int(digit))
            value = more ? Int.max : sum
            index &+= 1
        }
        return negative ? 0 &- value : value
    }
}

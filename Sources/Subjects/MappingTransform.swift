/// A subject transform with functions, as account mappings use it.
///
/// ```swift
/// let transform = try MappingTransform(from: SubjectPattern("orders.*"), to: "p.{{partition(5,1)}}.$1")
/// ```
/// Whole tokens of the destination are `$n`, `{{wildcard(n)}}`, `{{partition(buckets,i,...)}}`,
/// `{{split(i,separator)}}`, `{{slicefromleft(i,n)}}`, `{{slicefromright(i,n)}}`, `{{splitfromleft(i,n)}}`,
/// `{{splitfromright(i,n)}}`, `{{left(i,n)}}`, `{{right(i,n)}}`, `{{random(n)}}` or words; it ends in `>`
/// exactly when the source does. Counts and indices below 1 are refused.
public struct MappingTransform: Hashable, Sendable {
    /// What the transform is for.
    public enum Use: Hashable, Sendable {
        /// Every function is allowed.
        case transform
        /// A destination of an account mapping: without `left` and `right`, which servers refuse there.
        case accountMapping
        /// References only, and as many as there are wildcards.
        case strict
    }

    /// What is transformed.
    public let source: SubjectPattern
    /// The destination as it was written.
    public var destination: String { Bytes.text(bytes) }
    private let bytes: [UInt8]
    private let functions: [MappingFunction]

    /// Reads a transform.
    ///
    /// - Throws: `TransformError`, naming the token and the reason.
    public init(
        from source: SubjectPattern, to destination: String, for use: Use = .transform
    ) throws(TransformError) {
        let text = destination.utf8Span.span
        let functions = try Self.read(text, source: source, use: use)
        try Self.check(functions, source: source, use: use)
        self.source = source
        self.functions = functions
        bytes = Bytes.copy(text)
    }

    private static func read(
        _ text: borrowing Span<UInt8>, source: SubjectPattern, use: Use
    ) throws(TransformError) -> [MappingFunction] {
        var functions: [MappingFunction] = []
        // Functions may hold blanks; what remains without them must be a valid subject.
        var plain: [UInt8] = []
        var start = 0
        if text.count > SubjectLimits.length { throw .subject(SubjectError(.tooLong)) }
        while start <= text.count {
            let end = Bytes.tokenEnd(text, from: start)
            if start > 0 { plain.append(Bytes.dot) }
            if let function = try MappingFunction.read(text, start, end, token: functions.count) {
                functions.append(function)
                plain.append(UInt8(ascii: "f"))
            } else {
                if PatternWalk.isStar(text, start, end) { throw .starInDestination }
                functions.append(
                    PatternWalk.isRest(text, start, end) && end == text.count ? .rest : .word(start..<end))
                for index in start..<end { plain.append(text[index]) }
            }
            start = end &+ 1
        }
        do {
            let scan = try SubjectScan(plain.span, wildcards: .allowed)
            if scan.endsInRest != source.endsInRest { throw TransformError.restMismatch }
        } catch let error as SubjectError {
            throw .subject(error)
        } catch {
            throw .restMismatch
        }
        return functions
    }

    private static func check(
        _ functions: [MappingFunction], source: SubjectPattern, use: Use
    ) throws(TransformError) {
        var used = 0
        for (token, function) in functions.enumerated() {
            switch function {
            case .word, .rest, .wildcard: break
            case .cut(.left, _, _), .cut(.right, _, _):
                if use != .transform { throw .functionNotAllowed(token: token) }
            default:
                if use == .strict { throw .functionNotAllowed(token: token) }
            }
            // Without wildcards in the source a partition is of the whole subject, whatever it names.
            if case .partition = function, source.isLiteral { continue }
            for index in function.references {
                if index < 1 { throw .index }
                if index > source.starCount {
                    throw .wildcardOutOfRange(index: index, count: source.starCount)
                }
                used &+= 1
            }
        }
        if use == .strict, used < source.starCount {
            throw .unused(used: used, count: source.starCount)
        }
    }

    /// A pattern of every subject that the transform can make. A function that makes one token counts as any word,
    /// one that makes several as anything from there on.
    public var image: SubjectPattern {
        var output: [UInt8] = []
        loop: for function in functions {
            if !output.isEmpty { output.append(Bytes.dot) }
            switch function {
            case .word(let range): output.append(contentsOf: bytes[range])
            case .wildcard, .partition, .random, .cut(.left, _, _), .cut(.right, _, _): output.append(Bytes.star)
            case .rest, .split, .cut:
                output.append(Bytes.rest)
                break loop
            }
        }
        // Words were valid when the transform was read, so this cannot fail; everything is always an upper bound.
        return (try? SubjectPattern(utf8: output.span)) ?? .all
    }

    /// The transform as a renaming that can be turned round; nil where a wildcard of the source is used twice or not at
    /// all, or a function makes something of it.
    public var renaming: SubjectTransform? {
        var local: [UInt8] = []
        for function in functions {
            if !local.isEmpty { local.append(Bytes.dot) }
            switch function {
            case .word(let range): local.append(contentsOf: bytes[range])
            case .wildcard(let index, _): local.append(contentsOf: "$\(index)".utf8)
            case .rest: local.append(Bytes.rest)
            default: return nil
            }
        }
        return try? SubjectTransform(from: source, localSubject: local.span)
    }

    /// The subject that `subject` becomes; nothing when the source does not match it, or when the result is no
    /// valid subject (empty, cut inside a character, or too long).
    ///
    /// `generator` is drawn from only by `{{random(n)}}`.
    public func apply(
        to subject: Subject, using generator: inout some RandomNumberGenerator
    ) -> Subject? {
        guard let output = render(subject, using: &generator) else { return nil }
        return try? Subject(utf8: output.span)
    }

    /// The bytes that `subject` becomes, which may be no valid subject; nothing when the source does not match
    /// it or the output would be longer than `SubjectLimits.transformOutput`.
    public func render(_ subject: Subject, using generator: inout some RandomNumberGenerator) -> [UInt8]? {
        guard let captures = Captures(source, subject.bytes.span, literal: true) else { return nil }
        var output = MappingOutput(input: subject.bytes, captures: captures)
        for (place, function) in functions.enumerated() {
            if place > 0 { output.append(Bytes.dot) }
            switch function {
            case .word(let range): output.append(bytes[range])
            default: output.append(function, using: &generator)
            }
            if output.bytes.count > SubjectLimits.transformOutput { return nil }
        }
        return output.bytes
    }

    /// What `subject` can become: a pattern with a `*` for each `{{random(n)}}`, else one subject. Nothing when `apply`
    /// gives nothing.
    func image(of subject: Subject) -> SubjectPattern? {
        // Whether the rest is valid does not depend on the number drawn; nothing is drawn here.
        guard let digits = render(subject, random: UInt8(ascii: "0")), let one = try? Subject(utf8: digits.span)
        else { return nil }
        let isRandom = functions.contains { if case .random = $0 { true } else { false } }
        guard isRandom else { return one.pattern }
        return render(subject, random: Bytes.star).flatMap { try? SubjectPattern(utf8: $0.span) }
    }

    /// As `render`, with one byte in place of each random number.
    private func render(_ subject: Subject, random: UInt8) -> [UInt8]? {
        guard let captures = Captures(source, subject.bytes.span, literal: true) else { return nil }
        var undrawn = SystemRandomNumberGenerator()
        var output = MappingOutput(input: subject.bytes, captures: captures)
        for (place, function) in functions.enumerated() {
            if place > 0 { output.append(Bytes.dot) }
            switch function {
            case .word(let range): output.append(bytes[range])
            case .random: output.append(random)
            default: output.append(function, using: &undrawn)
            }
            if output.bytes.count > SubjectLimits.transformOutput { return nil }
        }
        return output.bytes
    }

    /// The transform back, when this one uses each wildcard once and nothing but references; it refers to
    /// wildcards as this one does.
    public var reversed: MappingTransform? {
        var plain: [UInt8] = []
        var back: [Int: (place: Int, spelling: MappingFunction.Spelling)] = [:]
        for (token, function) in functions.enumerated() {
            if token > 0 { plain.append(Bytes.dot) }
            switch function {
            case .word(let range): plain.append(contentsOf: bytes[range])
            case .rest: plain.append(Bytes.rest)
            case .wildcard(let index, let spelling):
                if back[index] != nil { return nil }
                back[index] = (back.count &+ 1, spelling)
                plain.append(Bytes.star)
            default: return nil
            }
        }
        guard back.count == source.starCount, let from = try? SubjectPattern(utf8: plain.span) else { return nil }
        var words: [String] = []
        var star = 0
        for place in 0..<source.tokenCount {
            guard let word = source.token(at: place) else { return nil }
            guard word.utf8.elementsEqual([Bytes.star]) else {
                words.append(word)
                continue
            }
            star &+= 1
            guard let reference = back[star] else { return nil }
            words.append(
                reference.spelling == .dollar ? "$\(reference.place)" : "{{wildcard(\(reference.place))}}")
        }
        return try? MappingTransform(from: from, to: words.joined(separator: "."), for: .strict)
    }
}

/// The sections of a decorated file, found as clients find them.
///
///     -----BEGIN NATS USER JWT-----
///     eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOi...
///     ------END NATS USER JWT------
///
/// A section is a line that begins and ends with three dashes or more, one line of letters, digits, `_`, `-`, `.` and
/// `=`, and again a line of dashes, which may be missing at the end of the file. Lines end in LF or CR LF. Everything
/// else is commentary, unless it begins as a section with a known label: then it is one gone wrong.
///
/// Only offsets leave this type, so that a seed is not copied.
struct DecoratedSections {
    enum Kind { case token, seed, unlabelled }

    struct Section {
        let kind: Kind
        /// The word between `BEGIN NATS` and `JWT`, or between `BEGIN` and `NKEY SEED`; empty without a label.
        let label: Range<Int>
        let value: Range<Int>
        let line: Int
    }

    private(set) var sections: [Section] = []

    /// Finds the sections, in one pass; a labelled section without a value is an error.
    init(in text: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        var lines = Lines(text: text)
        var current = lines.next()
        while let begin = current {
            guard DecoratedSections.isDashed(begin.range, in: text) else {
                current = lines.next()
                continue
            }
            let (kind, label) = DecoratedSections.label(of: begin.range, in: text)
            let value = lines.next()
            let end = lines.next()
            if let value, DecoratedSections.isValue(value.range, in: text),
                DecoratedSections.closes(end, lines, in: text)
            {
                sections.append(Section(kind: kind, label: label, value: value.range, line: begin.number))
                current = lines.next()
            } else if kind != .unlabelled {
                throw .malformedSection(line: begin.number)
            } else {
                // The line was commentary; what follows it may still be the beginning of a section.
                lines.rewind(to: value)
                current = lines.next()
            }
        }
    }

    /// A line of dashes closes a section, and so does the end of the file.
    private static func closes(_ line: Line?, _ rest: Lines, in text: UnsafeRawBufferPointer) -> Bool {
        guard let line else { return true }
        if isDashed(line.range, in: text) { return true }
        guard line.range.isEmpty else { return false }
        var rest = rest
        while let next = rest.next() {
            guard next.range.isEmpty else { return false }
        }
        return true
    }

    private static func isDashed(_ line: Range<Int>, in text: UnsafeRawBufferPointer) -> Bool {
        line.count >= 6 && text[line].prefix(3).allSatisfy { $0 == dash }
            && text[line].suffix(3).allSatisfy { $0 == dash }
    }

    private static func isValue(_ line: Range<Int>, in text: UnsafeRawBufferPointer) -> Bool {
        !line.isEmpty && !isDashed(line, in: text) && text[line].allSatisfy(isValueByte)
    }

    /// Whether the byte may stand in the value of a section.
    static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"), dash, UInt8(ascii: "."), UInt8(ascii: "="): true
        default: false
        }
    }

    private static func label(of line: Range<Int>, in text: UnsafeRawBufferPointer) -> (Kind, Range<Int>) {
        var inner = line
        while let first = inner.first, text[first] == dash { inner = (first + 1)..<inner.upperBound }
        while let last = inner.last, text[last] == dash { inner = inner.lowerBound..<last }
        for (kind, opening, closing) in [(Kind.token, "BEGIN NATS ", " JWT"), (.seed, "BEGIN ", " NKEY SEED")] {
            let word = inner.dropFirst(opening.utf8.count).dropLast(closing.utf8.count)
            if !word.isEmpty, text[inner].starts(with: opening.utf8),
                text[word.upperBound..<inner.upperBound].elementsEqual(closing.utf8)
            {
                return (kind, word)
            }
        }
        return (.unlabelled, line.lowerBound..<line.lowerBound)
    }

    private static let dash = UInt8(ascii: "-")
}

/// One line without its end, by offsets, and its number from 1.
private struct Line {
    let range: Range<Int>
    let number: Int
    let start: Int
}

/// The lines of a text, one after the other.
private struct Lines {
    let text: UnsafeRawBufferPointer
    private var offset = 0
    private var number = 0

    init(text: UnsafeRawBufferPointer) { self.text = text }

    mutating func next() -> Line? {
        guard offset < text.count else { return nil }
        let start = offset
        var end = start
        while end < text.count, text[end] != 0x0A { end += 1 }
        offset = min(end + 1, text.count)
        number += 1
        if end < text.count, end > start, text[end - 1] == 0x0D { end -= 1 }
        return Line(range: start..<end, number: number, start: start)
    }

    /// Goes back to a line that was read, so that it is the next one again.
    mutating func rewind(to line: Line?) {
        guard let line else { return }
        offset = line.start
        number = line.number - 1
    }
}

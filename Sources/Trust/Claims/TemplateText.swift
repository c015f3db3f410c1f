import Subjects

/// The text of a role's template: a subject in which calls such as `{{tag(team)}}` stand for values of the user.
///
/// A call is `{{`, at least one character that is not `}`, and `}}`; text that is not exactly that is literal.
/// Blanks around the function are allowed. Functions without an argument may be written in any case of letters;
/// `tag` and `account-tag` match nothing unless written in lower case, and their argument is read in lower case.
enum TemplateText {
    /// What a call asks for.
    enum Function: Hashable {
        case name
        case subject
        case accountName
        case accountSubject
        /// The values of the user's tags of this key.
        case tag(String)
        /// The values of the account's tags of this key.
        case accountTag(String)
        /// A tag function that no tag can match.
        case noTag
        case unknown
    }

    /// Whether `text` holds a call. Linear, nothing is allocated.
    static func holdsCall(_ text: String) -> Bool { nextCall(in: text.utf8Span.span, from: 0) != nil }

    /// The first call at or after `start`, braces included. Walking over all calls of a text is linear.
    static func nextCall(in text: borrowing Span<UInt8>, from start: Int) -> Range<Int>? {
        let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
        var begin = start
        while begin &+ 4 < text.count {
            guard text[begin] == open, text[begin &+ 1] == open else {
                begin &+= 1
                continue
            }
            var end = begin &+ 2
            while end < text.count, text[end] != close { end &+= 1 }
            guard end &+ 1 < text.count else { return nil }
            if end > begin &+ 2, text[end &+ 1] == close { return begin..<(end &+ 2) }
            // Every opening before this brace would end at it, and fail as this one did.
            begin = end
        }
        return nil
    }

    /// What the call at `range` asks for.
    static func function(in text: borrowing Span<UInt8>, at range: Range<Int>) -> Function {
        var (start, end) = (range.lowerBound &+ 2, range.upperBound &- 2)
        while start < end, isBlank(text[start]) { start &+= 1 }
        while start < end, isBlank(text[end &- 1]) { end &-= 1 }
        return text.extracting(start..<end).withUnsafeBufferPointer { call in
            if CaseFolding.equalIgnoringASCIICase(call, "name()") { return .name }
            if CaseFolding.equalIgnoringASCIICase(call, "subject()") { return .subject }
            if CaseFolding.equalIgnoringASCIICase(call, "account-name()") { return .accountName }
            if CaseFolding.equalIgnoringASCIICase(call, "account-subject()") { return .accountSubject }
            if let tag = argument(of: call, named: "tag(") { return tag.isEmpty ? .noTag : .tag(tag) }
            if let tag = argument(of: call, named: "account-tag(") { return tag.isEmpty ? .noTag : .accountTag(tag) }
            return .unknown
        }
    }

    /// The function as it is written, for a finding.
    static func name(in text: borrowing Span<UInt8>, at range: Range<Int>) -> String {
        let inner = text.extracting((range.lowerBound &+ 2)..<(range.upperBound &- 2))
        return inner.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// The argument in lower case; empty where no tag can match; nil when the call is of another function.
    private static func argument(of call: UnsafeBufferPointer<UInt8>, named name: StaticString) -> String? {
        let length = name.utf8CodeUnitCount
        guard call.count > length, call.last == UInt8(ascii: ")") else { return nil }
        let head = UnsafeBufferPointer(rebasing: call[..<length])
        guard CaseFolding.equalIgnoringASCIICase(head, name) else { return nil }
        for index in 0..<length where head[index] != name.utf8Start[index] { return "" }
        return String(decoding: call[length..<(call.count - 1)], as: UTF8.self).lowercased()
    }
}

extension TemplateText {
    /// What is wrong with an entry of a role's list whoever the user is; nil when nothing is. Every user of the role
    /// is refused for it (C-template).
    ///
    /// An entry without a call must be valid, and a call must be of a known function. What else may be wrong with an
    /// entry that holds a call is judged when it is expanded.
    static func fault(in entry: String, _ place: PermissionEntry.Place) -> Detail? {
        let text = entry.utf8Span.span
        guard var call = nextCall(in: text, from: 0) else {
            do throws(SubjectError) {
                _ = try PermissionEntry(utf8: text, in: place)
                return nil
            } catch {
                return .subject(error)
            }
        }
        while function(in: text, at: call) != .unknown {
            guard let next = nextCall(in: text, from: call.upperBound) else { return nil }
            call = next
        }
        return .templateFunctionUnknown
    }
}

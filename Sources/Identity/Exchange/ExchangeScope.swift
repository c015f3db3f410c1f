import Subjects
import Trust

/// The words of `scope` (RFC 6749, section 3.3) that name permissions, both ways.
///
///     pub:SUBJECT  sub:SUBJECT  sub:SUBJECT@QUEUE  !pub:SUBJECT  !sub:SUBJECT  !sub:SUBJECT@QUEUE
///
/// They stand with one blank between them, in any order. A scope says all that is asked for: a direction of which it
/// has no word is not asked for, and nothing may be done in it. Words with `!` take away from the others, so a
/// direction does not have them alone. SUBJECT and QUEUE are patterns as they stand in permissions; a subject with an
/// `@` cannot be named for subscribing.
public enum ExchangeScope {
    /// Why a scope is not read. Words are counted from 1.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case tooManyWords
        case blank
        case word(Int)
        case subject(word: Int, SubjectError)
        case denialAlone(PermissionEntry.Place)

        /// In one line.
        public var description: String {
            switch self {
            case .tooManyWords: "the scope has more than \(ExchangeScope.maximumWords) words"
            case .blank: "words of a scope have one blank between them, and none around them"
            case .word(let word):
                "word \(word) is none of `pub:SUBJECT`, `sub:SUBJECT`, `sub:SUBJECT@QUEUE`, nor one of these with `!`"
            case .subject(let word, let error): "word \(word): \(error)"
            case .denialAlone(let place):
                "`!\(ExchangeScope.name(of: place)):` takes away from what `\(ExchangeScope.name(of: place)):` asks for,"
                    + " and nothing is asked for"
            }
        }
    }

    /// The most words of one scope.
    public static let maximumWords = 1024

    /// What a scope asks for. Both allow lists are there, perhaps empty.
    public static func permissions(_ text: String) throws(Fault) -> PermissionClaims {
        var asked = PermissionClaims()
        asked.publishAllow = []
        asked.subscribeAllow = []
        let words = text.utf8.split(separator: 0x20, maxSplits: maximumWords, omittingEmptySubsequences: false)
        guard words.count <= maximumWords else { throw .tooManyWords }
        for (index, word) in words.enumerated() {
            guard !word.isEmpty else { throw .blank }
            try read(word, index + 1, into: &asked)
        }
        if asked.publishDeny != nil, asked.publishAllow?.isEmpty == true { throw .denialAlone(.publish) }
        if asked.subscribeDeny != nil, asked.subscribeAllow?.isEmpty == true { throw .denialAlone(.subscribe) }
        return asked
    }

    /// The scope that asks for these permissions; a direction without an allow list is asked for as `>`. What is
    /// neither, such as a response permission, has no word.
    public static func text(of permissions: PermissionClaims) -> String {
        let all = [PermissionEntry(pattern: .all)]
        let publishing = permissions.publishAllow ?? (permissions.responses == nil ? all : [])
        var words = publishing.map { "pub:\($0.pattern)" }
        words += (permissions.subscribeAllow ?? all).map { "sub:\(word(of: $0))" }
        words += (permissions.publishDeny ?? []).map { "!pub:\($0.pattern)" }
        words += (permissions.subscribeDeny ?? []).map { "!sub:\(word(of: $0))" }
        return words.joined(separator: " ")
    }

    private static func word(of entry: PermissionEntry) -> String {
        entry.queue.map { "\(entry.pattern)@\($0)" } ?? entry.pattern.text
    }

    private static func name(of place: PermissionEntry.Place) -> String { place == .publish ? "pub" : "sub" }

    private static func read(
        _ word: Substring.UTF8View.SubSequence, _ number: Int, into asked: inout PermissionClaims
    ) throws(Fault) {
        let isDenial = word.first == UInt8(ascii: "!")
        let rest = isDenial ? word.dropFirst() : word
        let entry: PermissionEntry
        if rest.starts(with: "pub:".utf8) {
            entry = PermissionEntry(pattern: try pattern(rest.dropFirst(4), number))
            if isDenial {
                asked.publishDeny = (asked.publishDeny ?? []) + [entry]
            } else {
                asked.publishAllow?.append(entry)
            }
        } else if rest.starts(with: "sub:".utf8) {
            let parts = rest.dropFirst(4).split(
                separator: UInt8(ascii: "@"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count <= 2, let subject = parts.first else { throw .word(number) }
            let queue = parts.count == 2 ? try pattern(parts[1], number) : nil
            entry = PermissionEntry(pattern: try pattern(subject, number), queue: queue)
            if isDenial {
                asked.subscribeDeny = (asked.subscribeDeny ?? []) + [entry]
            } else {
                asked.subscribeAllow?.append(entry)
            }
        } else {
            throw .word(number)
        }
    }

    private static func pattern(
        _ text: Substring.UTF8View.SubSequence, _ number: Int
    ) throws(Fault) -> SubjectPattern {
        do throws(SubjectError) {
            return try SubjectPattern(String(decoding: text, as: UTF8.self))
        } catch {
            throw .subject(word: number, error)
        }
    }
}

@testable import Trust

/// What holds for every input that is offered as JSON. Run over mutated payloads by the tests and by the fuzzer.
enum JSONInvariants {
    /// Members that the object is read with, so that the names of others are compared with theirs.
    private static let known: MemberSet = [
        .iss, .sub, .iat, .exp, .nats, .type, .version, .kind, .tags, .issuerAccount, .strictSigningKeyUsage,
        .allowedConnectionTypes,
    ]
    private static let knownTexts = MemberName.allCases.filter { known.contains($0) }.map { Array($0.text.utf8) }

    /// What is wrong with how this input was judged; nil if nothing is.
    static func violation(for input: [UInt8]) -> String? {
        let plain = PlainJSON.read(input)
        return padded(input) { bytes in
            treeViolation(bytes, plain) ?? skipViolation(bytes, plain) ?? knownViolation(bytes, plain)
        }
    }

    /// Lends the input with the padding that readers are given.
    static func padded<Result>(_ input: [UInt8], _ body: (PaddedBytes) -> Result) -> Result {
        let padded = input + [UInt8](repeating: 0, count: JSONReader.padding)
        return padded.withUnsafeBytes { body(PaddedBytes($0, count: input.count)) }
    }

    // MARK: Reading all of it

    /// Reads the whole tree, every name being free.
    private static func treeViolation(_ bytes: PaddedBytes, _ plain: PlainJSON?) -> String? {
        var tree: PlainJSON?
        do throws(JSONReader.Fault) {
            var reader = try JSONReader(bytes)
            var scope = try reader.beginText(known: [])
            let read = try members(&reader, &scope)
            try reader.endText()
            // Integers are meant by who reads them; here every number is read both ways.
            if reader.problems.isEmpty { tree = read }
        } catch {
            if error.offset > bytes.count { return "a fault lies beyond the text" }
        }
        if tree == nil, plain != nil { return "the plain reader accepts what is refused" }
        if tree != nil, plain == nil { return "the plain reader refuses what is accepted" }
        return tree == plain ? nil : "the plain reader reads something else"
    }

    private static func members(
        _ reader: inout JSONReader, _ scope: inout JSONReader.Scope
    ) throws(JSONReader.Fault) -> PlainJSON {
        var members: [PlainJSON.Member] = []
        while let name = try reader.nextFreeName(&scope) {
            members.append(PlainJSON.Member(name: name, value: try value(&reader)))
        }
        return .object(members)
    }

    private static func value(_ reader: inout JSONReader) throws(JSONReader.Fault) -> PlainJSON {
        switch reader.type {
        case .object:
            guard var scope = try reader.beginObject() else { return .null }
            return try members(&reader, &scope)
        case .list:
            guard try reader.beginList() else { return .null }
            var elements: [PlainJSON] = []
            var isFirst = true
            while try reader.nextElement(&isFirst) { elements.append(try value(&reader)) }
            return .list(elements)
        case .string:
            var other = reader
            let text = try reader.string()
            let lent = try other.withString { Array($0) }
            // A text that the two ways of reading give differently is no string of the plain reader's.
            guard let text, let lent, lent.elementsEqual(text.utf8) else { return .null }
            return .string(lent)
        case .number:
            var other = reader
            let text = try reader.rawValue()
            let integer = try other.integer()
            return .number(text: Array(text.utf8), integer: integer)
        case .boolean: return try reader.boolean().map(PlainJSON.boolean) ?? .null
        case .null:
            try reader.skipValue()
            return .null
        }
    }

    // MARK: Passing over it

    /// Skips every member's value.
    private static func skipViolation(_ bytes: PaddedBytes, _ plain: PlainJSON?) -> String? {
        do throws(JSONReader.Fault) {
            var reader = try JSONReader(bytes)
            var scope = try reader.beginText(known: [])
            while try reader.nextMember(&scope) != nil { try reader.skipValue() }
            try reader.endText()
            let isRight = reader.problems.isEmpty == (plain != nil)
            return isRight ? nil : "what is skipped is judged otherwise than the plain reader does"
        } catch {
            return plain == nil ? nil : "the plain reader accepts what is not skipped: \(error.kind)"
        }
    }

    // MARK: Names

    /// Reads the members of an object that knows some names.
    private static func knownViolation(_ bytes: PaddedBytes, _ plain: PlainJSON?) -> String? {
        guard case .object(let expected)? = plain else { return nil }
        var found: [MemberName] = []
        var problems: [JSONReader.Problem] = []
        do throws(JSONReader.Fault) {
            var reader = try JSONReader(bytes)
            var scope = try reader.beginText(known: known)
            while let member = try reader.nextMember(&scope) {
                found.append(member)
                try reader.skipValue()
            }
            problems = reader.problems
        } catch {
            return "the plain reader accepts what is refused with known names: \(error.kind)"
        }
        guard found.count == expected.count else {
            return "there are \(expected.count) members, \(found.count) were read"
        }
        var variants = 0
        for (member, plainMember) in zip(found, expected) {
            let isKnown = knownTexts.contains(plainMember.name)
            guard (member != .unknown) == isKnown else { return "a name is known to one reader only" }
            if isKnown, !member.text.utf8.elementsEqual(plainMember.name) { return "a name was taken for another" }
            let isVariant = knownTexts.contains { PlainJSON.equalIgnoringCase($0, plainMember.name) }
            if !isKnown, isVariant { variants += 1 }
        }
        guard problems.allSatisfy({ $0.kind == .caseVariant }) else { return "a name comes twice to one reader only" }
        return problems.count == variants ? nil : "\(variants) names differ by case, \(problems.count) were found"
    }
}

import Testing

@testable import Subjects

@Suite struct SubjectErrorTests {
    @Test(arguments: [
        ("", SubjectError(.empty)), ("a..b", SubjectError(.emptyToken, token: 1, offset: 2)),
        ("a.", SubjectError(.emptyToken, token: 1, offset: 2)), (".a", SubjectError(.emptyToken)),
        ("a.b c", SubjectError(.whitespace, token: 1, offset: 3)),
        ("a.b\t", SubjectError(.controlCharacter, token: 1, offset: 3)),
        ("a.\u{85}", SubjectError(.controlCharacter, token: 1, offset: 2)),
        ("a.>.b", SubjectError(.restNotLast, token: 1, offset: 2)),
        (String(repeating: "a", count: 4097), SubjectError(.tooLong)),
        (Array(repeating: "a", count: 257).joined(separator: "."), SubjectError(.tooDeep, token: 256, offset: 512)),
    ])
    func `a pattern at fault names the token and the reason`(text: String, error: SubjectError) {
        #expect(throws: error) { try SubjectPattern(text) }
    }

    @Test func `a literal holds no wildcard, but words with stars`() throws {
        #expect(throws: SubjectError(.wildcardInLiteral, token: 1, offset: 2)) { try Subject("a.*") }
        #expect(throws: SubjectError(.wildcardInLiteral, token: 0, offset: 0)) { try Subject(">") }
        #expect(try Subject("*x.>y.**").tokenCount == 3)
    }

    @Test func `bytes that are not utf-8 are refused wherever they stand`() {
        for bad: [UInt8] in [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0xff],
        ] {
            for text in [bad, [0x61] + bad, bad + [0x61], [0x61, 0x2e] + bad + [0x2e, 0x62]] {
                #expect(throws: SubjectError.self) { try SubjectPattern(utf8: text.span) }
            }
        }
    }

    @Test func `every reason is one lower-case line`() {
        let reasons: [SubjectError.Reason] = [
            .empty, .emptyToken, .whitespace, .controlCharacter, .invalidUTF8, .restNotLast, .wildcardInLiteral,
            .tooLong, .tooDeep, .queueNotAllowed,
        ]
        for reason in reasons {
            let text = SubjectError(reason, token: 2, offset: 5).description
            #expect(!text.contains("\n") && text == text.lowercased() && !text.hasSuffix("."))
        }
    }
}

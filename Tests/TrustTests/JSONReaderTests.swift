import Testing

@testable import Trust

/// The strict reader of JSON, by hand-written texts and beside the plain reader.
@Suite struct JSONReaderTests {
    struct Text: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let isGood: Bool
        var testDescription: String { String(decoding: bytes.prefix(60), as: UTF8.self) }

        static func good(_ text: String) -> Text { Text(bytes: Array(text.utf8), isGood: true) }
        static func bad(_ text: String) -> Text { Text(bytes: Array(text.utf8), isGood: false) }
        static func bad(_ bytes: [UInt8]) -> Text { Text(bytes: bytes, isGood: false) }
    }

    static let deepest = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)

    static let forms: [Text] = [
        .good("{}"), .good(" \t\r\n{ } \t\r\n"), .good(#"{"a":1}"#), .good(#"{"a" : [ 1 , 2 ] }"#),
        .good(#"{"":null,"a":true,"b":false}"#), .good(#"{"a":{"b":{}},"b":[[],{}]}"#),
        .good("{\"a\":\(deepest)}"), .bad("{\"a\":[\(deepest)]}"), .bad("{\"a\":[\(deepest),1]}"),
        .good("{\"a\":[\(deepest.dropFirst().dropLast()),{}]}"),
        .bad(""), .bad(" "), .bad("["), .bad("[]"), .bad("1"), .bad("\"a\""), .bad("null"), .bad("{"), .bad("}"),
        .bad("{}{}"), .bad("{} x"), .bad("{},"), .bad("{}]"), .bad(#"{"a":1,}"#), .bad(#"{,"a":1}"#), .bad(#"{"a"}"#),
        .bad(#"{"a":}"#), .bad(#"{"a" 1}"#), .bad(#"{"a":1 "b":2}"#), .bad(#"{a:1}"#), .bad(#"{'a':1}"#),
        .bad(#"{1:1}"#), .bad(#"{"a":[1,]}"#), .bad(#"{"a":[,1]}"#), .bad(#"{"a":[1 2]}"#), .bad(#"{"a":[1}"#),
        .bad(#"{"a":{]}"#), .bad(#"{"a":1/**/}"#), .bad("{\"a\":1//\n}"), .bad("{\u{A0}}"), .bad("{\u{B}}"),
        .bad("\u{FEFF}{}"), .bad("{}\u{FEFF}"), .bad("{}\u{0}"), .bad("\u{0}{}"),
        .bad(#"{"a":tru}"#), .bad(#"{"a":truex}"#), .bad(#"{"a":True}"#), .bad(#"{"a":nul"#), .bad(#"{"a":NaN}"#),
        .bad(#"{"a":Infinity}"#), .bad(#"{"a":undefined}"#),
    ]

    static let strings: [Text] = [
        .good(#"{"a":"\"\\\/\b\f\n\r\t"}"#), .good(#"{"a":"\u0000\u0061\uFFFF\uffff"}"#),
        .good(#"{"a":"\ud83d\ude00"}"#),
        .good("{\"a\":\"\u{7F}\u{E9}\u{20AC}\u{1F600}\u{2028}\"}"), .good(#"{"a":"\uE000\uD7FF"}"#),
        .bad(#"{"a":"\x41"}"#), .bad(#"{"a":"\'"}"#), .bad(#"{"a":"\U0041"}"#), .bad(#"{"a":"\u"}"#),
        .bad(#"{"a":"\u12"}"#),
        .bad(#"{"a":"\u12g4"}"#), .bad(#"{"a":"\u+123"}"#), .bad(#"{"a":"\u００４１"}"#), .bad(#"{"a":"\"#),
        .bad(#"{"a":"\"}"#),
        .bad(#"{"a":"b}"#), .bad(#"{"a":"\ud83d"}"#), .bad(#"{"a":"\ude00"}"#), .bad(#"{"a":"\ude00\ud83d"}"#),
        .bad(#"{"a":"\ud83dx"}"#), .bad(#"{"a":"\ud83d\n"}"#), .bad(#"{"a":"\ud83d\u0041"}"#),
        .bad(#"{"a":"\ud83d\ud83d"}"#),
        .bad(#"{"a":"\ud83d\u"}"#), .bad("{\"a\":\"\n\"}"), .bad("{\"a\":\"\t\"}"), .bad("{\"a\":\"\u{0}\"}"),
        .bad("{\"a\":\"\\\n\"}"), .bad("{\"a\":\"\u{1F}\"}"), .bad("{\"a\n\":1}"), .bad(#"{"\ud83d":1}"#),
        .bad(Array(#"{"a":""#.utf8) + [0xff] + Array(#""}"#.utf8)),
        .bad(Array(#"{"a":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8)),
        .bad(Array(#"{"a":""#.utf8) + [0xed, 0xa0, 0x80] + Array(#""}"#.utf8)),
        .bad(Array(#"{"a":""#.utf8) + [0xf4, 0x90, 0x80, 0x80] + Array(#""}"#.utf8)),
        .bad(Array(#"{"a":""#.utf8) + [0xe2, 0x82] + Array(#""}"#.utf8)),
    ]

    static let names: [Text] = [
        .good(#"{"a":1,"A":2,"á":3}"#), .good("{\"\u{E9}\":1,\"e\u{301}\":2}"), .good(#"{"a":{"a":{"a":1}}}"#),
        .good(#"{"x":[{"a":1},{"a":1}]}"#), .bad(#"{"a":1,"a":1}"#), .bad(#"{"a":1,"b":2,"a":3}"#),
        .bad(#"{"a":1,"\u0061":2}"#), .bad(#"{"x":{"y":[{"a":1,"a":1}]}}"#), .bad(#"{"":1,"":2}"#),
        .bad(#"{"\n":1,"\u000a":2}"#), .bad(#"{"\ud83d\ude00":1,"😀":2}"#),
        .bad(#"{"a1":1,"a2":1,"a3":1,"a4":1,"a5":1,"a6":1,"a7":1,"a8":1,"a9":1,"a10":1,"a1":1}"#),
        .bad(#"{"a1":1,"a2":1,"a3":1,"a4":1,"a5":1,"a6":1,"a7":1,"a8":1,"a9":1,"a10":1,"a10":1}"#),
    ]

    static let numbers: [Text] = [
        .good(#"{"a":0,"b":-0,"c":-1,"d":1.5,"e":1e5,"f":1E+5,"g":1e-5,"h":-0.0}"#),
        .good(#"{"a":9223372036854775807,"b":-9223372036854775808}"#),
        .good(#"{"a":9223372036854775808,"b":-9223372036854775809,"c":1e999999999}"#),
        .good("{\"a\":1\(String(repeating: "0", count: 5_000))}"),
        .bad(#"{"a":01}"#), .bad(#"{"a":-01}"#), .bad(#"{"a":00}"#), .bad(#"{"a":+1}"#), .bad(#"{"a":-}"#),
        .bad(#"{"a":.5}"#),
        .bad(#"{"a":1.}"#), .bad(#"{"a":1.e5}"#), .bad(#"{"a":1e}"#), .bad(#"{"a":1e+}"#), .bad(#"{"a":0x10}"#),
        .bad(#"{"a":1_000}"#), .bad(#"{"a":1"#), .bad(#"{"a":--1}"#), .bad(#"{"a":１}"#),
    ]

    @Test(arguments: forms + strings + names + numbers)
    func `a text is read or refused as the rule says, and as the plain reader does`(text: Text) {
        #expect((PlainJSON.read(text.bytes) != nil) == text.isGood)
        #expect(JSONInvariants.violation(for: text.bytes) == nil)
    }

    @Test(arguments: forms + strings + names)
    func `every text that is cut short or changed in one place is read as the plain reader reads it`(text: Text) {
        for end in text.bytes.indices {
            #expect(JSONInvariants.violation(for: Array(text.bytes[..<end])) == nil, "cut at \(end)")
            for byte in [0x00, 0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x3a, 0x80, text.bytes[end] ^ 0x20] {
                var changed = text.bytes
                changed[end] = byte
                #expect(JSONInvariants.violation(for: changed) == nil, "\(byte) at \(end)")
            }
        }
    }

    @Test(arguments: [
        ("iss", true), ("Iss", false), ("ISS", false), ("i\u{17F}s", false), ("is\u{17F}", false), ("\\u0069ss", true),
        ("\\u0049ss", false), ("i\\u017fs", false), ("\u{212A}ind", false), ("iss ", true), ("is", true),
        ("issu\u{E9}", true), ("strict_signing_key_usage", true), ("strict_signing_\u{212A}ey_usage", false),
        ("STRICT_SIGNING_KEY_USAGE", false), ("strict_signing_key_usagee", true),
    ])
    func `a name that differs from a known one by case alone is noted`(name: String, isGood: Bool) throws {
        let bytes = Array("{\"\(name)\":1}".utf8)
        #expect(JSONInvariants.violation(for: bytes) == nil)
        let problems = try JSONInvariants.padded(bytes) { lent in
            var reader = try JSONReader(lent)
            var scope = try reader.beginText(known: [.iss, .kind, .strictSigningKeyUsage])
            while try reader.nextMember(&scope) != nil { try reader.skipValue() }
            return reader.problems
        }
        #expect(problems.map(\.kind) == (isGood ? [] : [.caseVariant]))
    }
}

extension JSONInvariants {
    /// As above, for a body that throws.
    fileprivate static func padded<Result>(_ input: [UInt8], _ body: (PaddedBytes) throws -> Result) throws -> Result {
        let padded = input + [UInt8](repeating: 0, count: JSONReader.padding)
        return try padded.withUnsafeBytes { try body(PaddedBytes($0, count: input.count)) }
    }
}

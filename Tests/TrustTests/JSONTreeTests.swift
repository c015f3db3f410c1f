import Testing

@testable import Trust

/// Small documents as trees, and numbers in them above all.
@Suite struct JSONTreeTests {
    private func value(_ text: String) throws -> JSONTree? {
        guard case .object(let members) = try JSONTree(Array(#"{"a":\#(text)}"#.utf8)) else { return nil }
        return members.first?.value
    }

    @Test func `a number is an integer when it is written as one and fits`() throws {
        for (text, number) in [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)] { #expect(try value(text) == .integer(number)) }
        for text in ["-0", "1.0", "1e3", "1E-3", "9223372036854775808", "-9223372036854775809", "0.1", "-0.0"] {
            #expect(try value(text) == .number(text))
        }
    }

    @Test(arguments: ["01", "+1", "1.", ".5", "1e", "--1", "0x1", "NaN", "Infinity", "1_0", "-", "\u{0661}"])
    func `what JSON does not know as a number is none`(text: String) {
        #expect(throws: JSONTree.Fault.self) { try value(text) }
    }

    @Test func `a member is not there twice, at any depth, however it is written`() {
        for text in [#"{"a":1,"a":1}"#, #"{"a":{"b":1,"\u0062":1}}"#, #"{"a":[{"b":1.5,"b":1.5}]}"#] {
            #expect(throws: JSONTree.Fault.self) { try JSONTree(Array(text.utf8)) }
        }
    }
}

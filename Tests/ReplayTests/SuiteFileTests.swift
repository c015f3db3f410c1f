import Replay
import Testing

@Suite("The file of a suite")
struct SuiteFileTests {
    @Test("what is written is read again as it was")
    func roundTrip() throws {
        let suite = try SuiteMaking.suite(["stream-narrow", "service-public"])
        let again = try ReplaySuite(parsing: suite.json)
        for (one, other) in zip(again.worlds, suite.worlds) where one != other { Issue.record("\(one.id)") }
        for (one, other) in zip(again.uploads, suite.uploads) where one != other { Issue.record("\(one.id)") }
        #expect(again == suite)
        #expect(again.uploads.count > 100 && again.attacks.allSatisfy { $0.standing != nil })
    }

    @Test(
        "what is no suite is refused, with the place",
        arguments: [
            ("", "at byte 0"), ("[]", "`format` is missing"), (#"{"format":"other"}"#, "`format` is not"),
            (#"{"format":"credence-replay","version":2}"#, "`version` is 2"),
            (#"{"format":"credence-replay","version":1,"at":-1}"#, "`at` is no time"),
        ])
    func refused(_ text: String, _ what: String) {
        let fault = #expect(throws: ReplaySuite.Fault.self) { try ReplaySuite(parsing: Array(text.utf8)) }
        #expect(fault?.description.contains(what) == true, "\(fault?.description ?? "")")
    }

    @Test("an attack that is expected to be accepted, or a good import to be refused, is no world")
    func contradiction() throws {
        let text = String(decoding: try SuiteMaking.suite(["stream"]).json, as: UTF8.self)
        for (old, new) in [
            (#""expected":"accept","rules":[]"#, #""expected":"refuse","rules":["B-importer"]"#),
            (#""expected":"refuse","rules":["B-importer"]"#, #""expected":"accept","rules":[]"#),
            (#""expected":"refuse","rules":["B-importer"]"#, #""expected":"accept","rules":["B-importer"]"#),
        ] {
            let changed = text.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != text)
            #expect(throws: ReplaySuite.Fault.self) { try ReplaySuite(parsing: Array(changed.utf8)) }
        }
    }

    @Test("every text that is cut short is refused, and traps nothing")
    func cut() throws {
        let json = try SuiteMaking.suite(["stream-position"]).json.prefix(6000)
        for count in json.indices {
            #expect(throws: ReplaySuite.Fault.self) { try ReplaySuite(parsing: Array(json.prefix(count))) }
        }
    }

    @Test("the configuration lists every account, and no seed")
    func configuration() throws {
        let suite = try SuiteMaking.suite(["stream"])
        let text = String(decoding: suite.serverConfiguration, as: UTF8.self)
        for world in suite.worlds {
            for account in [world.exporter, world.importer] {
                #expect(text.contains("  \(account.key.text): \(account.token)\n"))
            }
        }
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) where word.count == 58 {
            #expect(!word.hasPrefix("S"))
        }
    }

    @Test(
        "JSON is read strictly",
        arguments: [
            (#"{"a":[1,-2,null,true,false,"x"]}"#, true), (#" {"a" : { } } "#, true),
            (#""\u00e9\ud83d\ude00\n""#, true),
            (#"{"a":1,"a":2}"#, false), ("1.5", false), ("01", false), ("-", false), ("1e3", false), ("[1,]", false),
            ("[1 2]", false), ("{\"a\"}", false), ("\"\\ud83d\"", false), ("\"\\x\"", false), ("\"\u{1}\"", false),
            ("[] []", false), ("nul", false), ("99999999999999999999", false), ("9223372036854775808", false),
            (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), false),
        ])
    func json(_ text: String, _ isRead: Bool) {
        #expect(((try? JSONValue(parsing: Array(text.utf8))) != nil) == isRead, "\(text)")
    }

    @Test("escapes are read as what they stand for")
    func escapes() throws {
        let text = #""\u00e9\ud83d\ude00\n\/\\\"""#
        #expect(try JSONValue(parsing: Array(text.utf8)).text == "é😀\n/\\\"")
    }
}

import Testing

@testable import Broker

/// The configuration language, by itself.
@Suite struct ConfigurationReaderTests {
    private func read(
        _ text: String, _ others: [String: String] = [:], environment: [String: String] = [:],
        limits: ConfigurationReader.Limits = .init()
    ) throws(ConfigurationFault) -> [ConfigurationEntry] {
        let files = PlainFiles(texts: others.merging(["dir/a.conf": text]) { $1 })
        return try ConfigurationReader.read("dir/a.conf", environment: environment, limits: limits) {
            (path) throws(ConfigurationFault) in try files.read(path)
        }
    }

    @Test(
        arguments: [
            ("", ""),
            ("a: 1\nb = 2\nc 3", "a=1 b=2 c=3"),
            ("a:1,b=2;c 3 # x\n// y\n", "a=1 b=2 c=3"),
            ("{ a: 1\n b: 2 }\n# end", "a=1 b=2"),
            ("# first\n{ a: 1 }", "a=1"),
            ("\u{FEFF}a: 1", "a=1"),
            ("a: x\r\nb: y\r\n", "a=\"x\" b=\"y\""),
            ("'a b': 1\n\"c\": 2", "a b=1 c=2"),
            ("a: yes\nb: OFF\nc: True\nd: 'true'", "a=true b=false c=true d=\"true\""),
            (
                "a: 64KB\nb: 64k\nc: 2m\nd: 2MiB\ne: 1g\nf: -5\ng: 1gb",
                "a=65536 b=64000 c=2000000 d=2097152 e=1000000000 f=-5 g=1073741824"
            ),
            (
                "a: 1.5\nb: 1.5s\nc: 10s\nd: 0.0.0.0\ne: 127.0.0.1:4222\nf: 2016-05-04T18:53:41Z",
                "a=1.5 b=\"1.5s\" c=\"10s\" d=\"0.0.0.0\" e=\"127.0.0.1:4222\" f=\"2016-05-04T18:53:41Z\""
            ),
            ("a: -\nb: --1\nc: 1.\nd: .5\ne: 1e5", "a=\"-\" b=\"--1\" c=\"1.\" d=\".5\" e=\"1e5\""),
            ("a { b { c: 1 }, d: 2 }\ne: 3", "a={b={c=1} d=2} e=3"),
            ("a\n{ b: 1 }", "a={b=1}"),
            ("a { b:\n 1 }", "a={b=1}"),
            (
                "a: [1, 2,3]\nb: [\n x\n y # no\n // no\n z, ]\nc: []\nd: [[1], {e: 2}]",
                "a=[1 2 3] b=[\"x\" \"y\" \"z\"] c=[] d=[[1] {e=2}]"
            ),
            (
                "a: 'it is \\n # one'\nb: \"\\x41\\t\\\"\\\\\"\nc: x\\x41y",
                "a=\"it is \\n # one\" b=\"A\t\"\\\" c=\"xAy\""
            ),
            ("a: 'two\nlines'", "a=\"two\nlines\""),
            ("a: (\n one\n )two\n)\nb: 1", "a=\"\n one\n )two\n\" b=1"),
            ("a: http://h/x#y\nb: URL(\"http://h/\")", "a=\"http://h/x#y\" b=\"URL(\"http://h/\")\""),
            ("a: $2a$11$x", "a=\"$2a$11$x\""),
            ("include: 5", "include=5"),
        ] as [(String, String)])
    func `a text of the language is read as it says`(text: String, expected: String) throws {
        #expect(try read(text).plain == expected)
    }

    @Test(
        arguments: [
            ("a", 1, "no value"), ("a:", 1, "no value"), ("x: 1\na:\nb: 2", 2, "no value"), ("a\n4", 1, "no value"),
            ("a: 1\n\nb: {", 3, "never closed"), ("a: [1\n", 1, "never closed"), ("a: 'x", 1, "never closed"),
            ("a: \"x\n\n", 1, "never closed"), ("a: (\n x )", 1, "never closed"), ("{ a: 1", 1, "never closed"),
            ("a: 1 }", 1, "closes nothing"), ("{ a: 1 } b: 2", 1, "behind the last"), ("a 1 b 2", 1, "behind a value"),
            ("a { b: 1 } c: 2", 1, "behind a value"), ("a: 1,,b: 2", 1, "in a key"), (": 1", 1, "where a key begins"),
            ("a{b: 1}", 1, "in a key"), ("a: x'y", 1, "without quotes"), ("a: \"\\q\"", 1, "behind a `\\`"),
            ("a: \"\\x4\"", 1, "hexadecimal"), ("a: \"\\xff\"", 1, "no text"), ("a: \"\\x00\"", 1, "no text"),
            ("a: [1 2]", 1, "between the values"), ("a: [,]", 1, "where a value begins"),
            ("a: 9223372036854775808", 1, "too large"), ("a: 9999999999gb", 1, "too large"),
            ("a: 1\nb: 2\na: 3", 3, "there already, at dir/a.conf:1"), ("x {\n a: 1\n a: 1\n}", 3, "there already"),
            ("a: \u{1}", 1, "not expected"), ("a: 'x\u{7f}'", 1, "not expected"), ("\u{0}", 1, "not expected"),
            ("a: $B", 1, "stands for nothing"), ("include 'no.conf'", 1, "no such file"), ("include ''", 1, "no file"),
            ("/* a */", 1, "behind a value"),
        ] as [(String, Int, String)])
    func `a text that is none names its line`(text: String, line: Int, what: String) throws {
        let fault = try #require(throws: ConfigurationFault.self) { try read(text) }
        #expect(fault.place == ConfigurationPlace(file: "dir/a.conf", line: line), "\(fault)")
        #expect(fault.what.contains(what), "\(fault)")
    }

    @Test func `the innermost key is named with what is wrong in its value`() throws {
        let fault = try #require(throws: ConfigurationFault.self) { try read("a {\n b {\n c: 'x\n }\n}") }
        #expect(fault.description == "dir/a.conf:3: `c`: a `'` is never closed")
    }

    @Test func `a file includes others that lie beside it`() throws {
        let others = ["dir/sub/b.conf": "b: 1\ninclude 'c.conf'", "dir/sub/c.conf": "{ c: 2 }", "/abs.conf": "d: 3"]
        let entries = try read("a: 0\ninclude sub/b.conf\ne { include \"/abs.conf\" }", others)
        #expect(entries.plain == "a=0 b=1 c=2 e={d=3}")
        #expect(entries.map(\.place.file) == ["dir/a.conf", "dir/sub/b.conf", "dir/sub/c.conf", "dir/a.conf"])
        let fault = try #require(throws: ConfigurationFault.self) {
            try read("include b.conf", ["dir/b.conf": "\n\nx: ["])
        }
        #expect(fault.place == ConfigurationPlace(file: "dir/b.conf", line: 3))
    }

    @Test func `a key of an included file is not there twice`() throws {
        let fault = try #require(throws: ConfigurationFault.self) {
            try read("a: 0\ninclude b.conf", ["dir/b.conf": "a: 1"])
        }
        #expect(fault.description.hasPrefix("dir/b.conf:1: `a`: the key is there already, at dir/a.conf:1"))
    }

    @Test func `a file that includes itself is a fault`() throws {
        for text in ["include a.conf", "x { include a.conf }"] {
            let fault = try #require(throws: ConfigurationFault.self) { try read(text) }
            #expect(fault.what.contains("include one another"))
        }
    }

    @Test func `a variable is the nearest key before it or else the environment's`() throws {
        let text = "N = 5\nB { x: 1 }\na: $N\nb { N: 6, c: $N, d: $B }\ne: [$N, $HOME_PORT]\nf: $EMPTY_TEXT"
        let entries = try read(text, environment: ["HOME_PORT": "42", "N": "9", "EMPTY_TEXT": "''"])
        #expect(entries.plain == "N=5 B={x=1} a=5 b={N=6 c=6 d={x=1}} e=[5 42] f=\"\"")
        #expect(entries.filter(\.isVariable).map(\.key) == ["N", "B"])
        #expect(entries[2].value.place.line == 3)
    }

    @Test func `the environment's values are values of the language`() throws {
        let environment = ["L": "[1, 'x']", "AGAIN": "$L", "SELF": "$SELF", "BAD": "two words"]
        #expect(try read("a: $L\nb: $AGAIN", environment: environment).plain == "a=[1 \"x\"] b=[1 \"x\"]")
        for name in ["SELF", "BAD", "NONE"] {
            let fault = try #require(throws: ConfigurationFault.self) {
                try read("\na: $\(name)", environment: environment)
            }
            #expect(fault.place == ConfigurationPlace(file: "dir/a.conf", line: 2))
            #expect(fault.key == "a")
        }
    }

    @Test func `an included file sees no variables of the file that includes it`() throws {
        #expect(throws: ConfigurationFault.self) { try read("N: 1\ninclude b.conf", ["dir/b.conf": "a: $N"]) }
        #expect(try read("include b.conf\na: $N", ["dir/b.conf": "N: 1"]).plain == "N=1 a=1")
    }

    @Test func `what a configuration may cost is bounded`() throws {
        let deep = String(repeating: "a: [", count: 100_000)
        #expect(throws: ConfigurationFault.self) { try read(deep) }
        #expect(throws: ConfigurationFault.self) { try read(String(repeating: "a { ", count: 100_000)) }
        // Each line doubles what the last one stands for.
        let doubling = "v0: [1]\n" + (1...60).map { "v\($0): [$v\($0 - 1), $v\($0 - 1)]\n" }.joined()
        let fault = try #require(throws: ConfigurationFault.self) { try read(doubling) }
        #expect(fault.what.contains("values"))
        var limits = ConfigurationReader.Limits()
        limits.bytes = 100
        #expect(throws: ConfigurationFault.self) {
            try read("a: " + String(repeating: "x", count: 100), limits: limits)
        }
    }

    @Test func `many keys of one block are read in time that grows with their number`() throws {
        let text = (0..<50_000).map { "k\($0): \($0)\n" }.joined()
        #expect(try read("a {\n\(text)}").first?.value.size == 50_001)
    }

    @Test(
        arguments: [
            ("1.9s", Duration.milliseconds(1_900)), ("2m", .seconds(120)), ("1h30m", .seconds(5_400)),
            ("300ms", .milliseconds(300)), ("-1s", .seconds(-1)), ("0", .zero), ("100us", .microseconds(100)),
            ("", nil), ("5", nil), ("1x", nil), ("s", nil), ("1.s", .seconds(1)), ("1..2s", nil),
            ("9999999999999h", nil),
        ] as [(String, Duration?)])
    func `a length of time is read as Go writes it`(text: String, expected: Duration?) {
        #expect(ConfigurationWord.duration(text) == expected)
    }
}

import Identity
import Testing

@Suite struct ExchangeFormTests {
    private func read(_ text: String) throws -> ExchangeForm { try ExchangeForm(text.utf8) }

    private func fault(_ bytes: some Collection<UInt8>) -> ExchangeForm.Fault? {
        do throws(ExchangeForm.Fault) {
            _ = try ExchangeForm(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a form that was written reads as what was put in, whatever it is`() throws {
        var random = SystemRandomNumberGenerator()
        let letters: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "+", "%", "&", "=", "é", "😀", "\u{0}", "\n", "*", "~", ">",
        ]
        for _ in 0..<2000 {
            var form = ExchangeForm()
            var expected: [String: String] = [:]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let name = String(String.UnicodeScalarView((0..<3).map { _ in letters.randomElement() ?? "a" }))
                let value = String(String.UnicodeScalarView((0..<5).map { _ in letters.randomElement() ?? "a" }))
                form[name] = value
                expected[name] = value
            }
            let again = try read(form.text)
            #expect(again == form, "\(form.text)")
            #expect(again.names.count == Set(expected.keys.map { Array($0.utf8) }).count)
        }
    }

    @Test func `plus signs and escapes are read, a parameter without a value is none`() throws {
        let form = try read("&a=1+2&b=%41%2b&c=&d&&grant%5Ftype=x%3D=y&")
        #expect(form["a"] == "1 2")
        #expect(form["b"] == "A+")
        #expect(form["c"] == nil)
        #expect(form["grant_type"] == "x==y")
        #expect(form.names == ["a", "b", "grant_type"])
    }

    @Test func `a parameter that stands twice refuses the form, even without a value or spelt otherwise`() {
        for text in ["a=1&a=1", "a=1&a=", "a&a", "a=1&b=2&a=3", "scope=x&sc%6fpe=y"] {
            guard case .repeated? = fault(text.utf8) else {
                Issue.record("`\(text)` was taken")
                continue
            }
        }
    }

    @Test func `what is cut off, not UTF-8 or not escaped refuses the form`() {
        #expect(fault("a=%".utf8) == .escape(offset: 2))
        #expect(fault("a=%4".utf8) == .escape(offset: 2))
        #expect(fault("a=%4&b=1".utf8) == .escape(offset: 2))
        #expect(fault("a=%zz".utf8) == .escape(offset: 2))
        #expect(fault("a=%+1".utf8) == .escape(offset: 2))
        #expect(fault("a=%ff".utf8) == .notUTF8)
        #expect(fault("a=%c0%af".utf8) == .notUTF8)
        #expect(fault("a=%ed%a0%80".utf8) == .notUTF8)
        #expect(fault("a=\u{e9}".utf8) == .character(offset: 2))
        #expect(fault("a=1 2".utf8) == .character(offset: 3))
        #expect(fault("a=1\r\n".utf8) == .character(offset: 3))
        #expect(fault([0x61, 0x3d, 0x00]) == .character(offset: 2))
        #expect(fault("=1".utf8) == .namelessParameter)
    }

    @Test func `a form has bounds, each reached and each not passed`() {
        let most = ExchangeForm.maximumParameters
        #expect(fault((0..<most).map { "p\($0)=1" }.joined(separator: "&").utf8) == nil)
        #expect(fault((0...most).map { "p\($0)=1" }.joined(separator: "&").utf8) == .tooManyParameters)
        #expect(fault((0...most).map { "p\($0)" }.joined(separator: "&").utf8) == .tooManyParameters)
        let longest = String(repeating: "a", count: ExchangeForm.maximumValue)
        #expect(fault("v=\(longest)".utf8) == nil)
        #expect(fault("v=\(longest)a".utf8) == .valueTooLong(name: "v"))
        let name = String(repeating: "n", count: ExchangeForm.maximumName)
        #expect(fault("\(name)=1".utf8) == nil)
        #expect(fault("\(name)n=1".utf8) == .nameTooLong)
        #expect(fault([UInt8](repeating: UInt8(ascii: "&"), count: ExchangeForm.maximumBytes)) == nil)
        #expect(fault([UInt8](repeating: UInt8(ascii: "&"), count: ExchangeForm.maximumBytes + 1)) == .tooLong)
    }

    @Test func `a fault never shows a value, nor a name that steers a terminal`() {
        let secret = "eyJhbGciOi"
        for text in ["a=\(secret)&a=\(secret)", "\(secret)%", "a=\(secret)%zz", "%1b%5b31m=1&%1b%5b31m=2"] {
            let shown = fault(text.utf8)?.description ?? "taken"
            #expect(!shown.contains(secret) && !shown.contains("\u{1b}") && shown != "taken", "\(shown)")
        }
    }
}

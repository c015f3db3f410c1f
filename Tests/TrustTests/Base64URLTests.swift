import Testing

@testable import Trust

/// Base64url beside the plain reader.
@Suite struct Base64URLTests {
    private func decode(_ text: [UInt8], padding: Int = 0) -> [UInt8]? {
        text.withUnsafeBufferPointer { try? Base64URL.decode($0, padding: padding) }
    }

    @Test func `every text of up to two bytes is read as the plain reader reads it`() {
        #expect(decode([]) == [])
        for first in UInt8.min...UInt8.max {
            if decode([first]) != nil { Issue.record("\(first) is read") }
            for second in UInt8.min...UInt8.max
            where decode([first, second]) != PlainBase64URL.decode([first, second]) {
                Issue.record("\([first, second])")
            }
        }
    }

    @Test func `texts of three and four characters are read as the plain reader reads them`() {
        let some = Array("AQgwBZaz09-_=. \n+/".utf8) + [0x00, 0x80, 0xff]
        for first in some {
            for second in some {
                for third in some {
                    let text = [first, second, third]
                    if decode(text) != PlainBase64URL.decode(text) { Issue.record("\(text)") }
                    let longer = text + [some[(Int(first) + Int(third)) % some.count]]
                    if decode(longer) != PlainBase64URL.decode(longer) { Issue.record("\(longer)") }
                }
            }
        }
    }

    @Test func `any bytes are written as the plain writer writes them, and read again`() {
        var mutations = Mutations(seed: 21)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &mutations) }
            let text = Base64URL.encode(bytes)
            #expect(text == PlainBase64URL.encode(bytes))
            #expect(decode(text) == bytes)
            #expect(decode(text, padding: 32) == bytes + [UInt8](repeating: 0, count: 32))
        }
    }

    @Test func `a changed text is read as the plain reader reads it`() {
        var mutations = Mutations(seed: 22)
        for round in 0..<3_000 {
            let bytes = (0..<(round % 50)).map { _ in UInt8.random(in: 0...255, using: &mutations) }
            let text = mutations.changed(Base64URL.encode(bytes))
            if decode(text) != PlainBase64URL.decode(text) { Issue.record("\(String(decoding: text, as: UTF8.self))") }
        }
    }

    @Test(arguments: [
        ("AA A", Base64URL.Fault.whitespace(offset: 2)), ("AA==", .padding(offset: 2)), ("A+AA", .alphabet(offset: 1)),
        ("AAA\n", .whitespace(offset: 3)), ("A", .length), ("AAAAA", .length), ("AB", .trailingBits),
        ("AAB", .trailingBits),
        ("AAAA=", .padding(offset: 4)), ("\u{E9}AA", .alphabet(offset: 0)),
    ])
    func `a fault is named, with its place`(text: String, fault: Base64URL.Fault) {
        let bytes = Array(text.utf8)
        let found = #expect(throws: Base64URL.Fault.self) {
            try bytes.withUnsafeBufferPointer { try Base64URL.decode($0) }
        }
        #expect(found == fault)
    }
}

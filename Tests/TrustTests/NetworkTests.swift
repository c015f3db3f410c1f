import Foundation
import Testing

@testable import Trust

/// Addresses and networks, beside the system's reader of addresses.
@Suite struct NetworkTests {
    /// What inet_pton(3) reads: 16 bytes, those of an IPv4 address behind ::ffff.
    private func system(_ text: String) -> [UInt8]? {
        if text.utf8.contains(0) { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &bytes) == 1 { return bytes }
        var four = [UInt8](repeating: 0, count: 4)
        return inet_pton(AF_INET, text, &four) == 1 ? [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + four : nil
    }

    private func bytes(_ address: IPAddress) -> [UInt8] {
        [address.high, address.low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }

    private func expectAlike(_ text: String) {
        let expected = system(text)
        guard let address = IPAddress(text) else {
            if expected != nil { Issue.record("`\(text)` is an address to the system") }
            return
        }
        if bytes(address) != expected { Issue.record("`\(text)` is read as \(address)") }
        if IPAddress(address.description) != address { Issue.record("`\(text)` changes when it is written") }
        if address.isIPv4 != bytes(address).starts(with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff]) {
            Issue.record("`\(text)` is of the other family")
        }
    }

    private static let texts = [
        "0.0.0.0", "255.255.255.255", "127.0.0.1", "1.2.3.4", "01.2.3.4", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.",
        ".1.2.3", "1..2.3", "1.2.3.4 ", " 1.2.3.4", "1.2.3.a", "0x1.2.3.4", "00.0.0.0", "1.2.3.0004", "", ".", ":",
        "::",
        ":::", "::1", "1::", "1::2", "::1::", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::",
        "g::",
        "::FFFF:1.2.3.4", "::ffff:0102:0304", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
        "::1.2.3.4:5", "1.2.3.4::", "::01.2.3.4", "::1.2.3.256", "fe80::1%eth0", "[::1]", "::1/128", "1:", ":1", "1:2:",
        "0:0:0:0:0:ffff:1.2.3.4", "0:0:0:0:0:0:0:0", "00001::", "::00000", "2001:db8::ff00:42:8329", "::\u{661}",
    ]

    @Test func `addresses are read as the system reads them`() {
        for text in Self.texts { expectAlike(text) }
        var mutations = Mutations(seed: 51)
        let pieces = ["0", "1", "9", "f", "ffff", "255", "256", ".", ":", "::", "00", "1.2.3.4"]
        for _ in 0..<6_000 {
            expectAlike(
                (0..<Int.random(in: 1...12, using: &mutations)).map { _ in pieces.randomElement(using: &mutations) ?? ""
                }.joined())
            let changed = mutations.changed(Array((Self.texts.randomElement(using: &mutations) ?? "").utf8))
            if let text = String(validating: changed, as: UTF8.self) { expectAlike(text) }
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", true), ("10.1.2.3/8", true), ("0.0.0.0/0", true), ("1.2.3.4/32", true), ("::/0", true),
        ("::1/128", true),
        ("::ffff:1.2.3.4/120", true), ("1.2.3.4/33", false), ("::/129", false), ("1.2.3.4", false), ("1.2.3.4/", false),
        ("/8", false), ("1.2.3.4/08", false), ("1.2.3.4/+8", false), ("1.2.3.4/-1", false), ("1.2.3.4/8/8", false),
        ("1.2.3.4/255.0.0.0", false), ("1.2.3.4 /8", false), ("1.2.3.4/ 8", false), ("1.2.3.4/00", false),
        ("1.2.3/8", false),
        ("1.2.3.4/1000", false), ("1.2.3.4/\u{661}", false), ("", false), ("/", false),
    ])
    func `a network is an address and a length`(text: String, isGood: Bool) {
        #expect((Network(text) != nil) == isGood)
        #expect(Network(text)?.description == (isGood ? text : nil))
    }

    @Test func `a network holds the addresses of its family that begin as it does`() throws {
        var mutations = Mutations(seed: 52)
        for round in 0..<4_000 {
            let isFour = Bool.random(using: &mutations)
            var base = (0..<16).map { _ in UInt8.random(in: 0...255, using: &mutations) }
            if isFour { base.replaceSubrange(0..<12, with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff]) }
            var other = base
            // Another bit set, or none, so that some addresses lie inside and some outside.
            for _ in 0..<Int.random(in: 0...2, using: &mutations) {
                let bit = Int.random(in: (isFour ? 96 : 0)..<128, using: &mutations)
                other[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            }
            let length = Int.random(in: 0...(isFour ? 32 : 128), using: &mutations)
            let network = try #require(Network("\(text(base))/\(length)"))
            let bits = isFour ? length + 96 : length
            func bit(_ bytes: [UInt8], _ index: Int) -> Bool { bytes[index / 8] & 0x80 >> UInt8(index % 8) != 0 }
            let expected = (0..<bits).allSatisfy { bit(base, $0) == bit(other, $0) }
            let address = try #require(IPAddress(text(other)))
            if network.contains(address) != expected { Issue.record("round \(round): \(network) \(address)") }
        }
    }

    private func text(_ bytes: [UInt8]) -> String {
        let isFour = bytes.prefix(12).elementsEqual([UInt8](repeating: 0, count: 10) + [0xff, 0xff])
        if isFour { return bytes.suffix(4).map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    @Test func `an IPv4 address is in no IPv6 network, and the other way round`() throws {
        let four = try #require(IPAddress("1.2.3.4"))
        let mapped = try #require(IPAddress("::ffff:1.2.3.4"))
        let six = try #require(IPAddress("2001:db8::1"))
        #expect(four == mapped && four.isIPv4 && !six.isIPv4)
        #expect(Network("::/0")?.contains(four) == false)
        #expect(Network("::/0")?.contains(six) == true)
        #expect(Network("0.0.0.0/0")?.contains(six) == false)
        #expect(Network("0.0.0.0/0")?.contains(mapped) == true)
        #expect(Network("::ffff:0:0/96")?.contains(four) == true)
    }
}

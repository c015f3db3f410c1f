import Foundation
import RealServers
import Testing

@testable import CredenceCLI

@Suite("credence audit of packs", .onOwnThread)
struct AuditPackTests {
    private func audit(_ pack: [UInt8]) throws -> AuditedCommand {
        try AuditedCommand(["--pack", "-", "--operator", Testdata.corpOperator], input: pack)
    }

    @Test("A pack of a folder is audited as the folder is")
    func roundTrip() throws {
        let folder = try AuditedCommand(
            "--store", Testdata.nsc("resolver-dir"), "--operator", Testdata.corpOperator)
        let temporary = TemporaryFolder()
        try temporary.write(try Testdata.pack(), to: "pack")
        let pack = try AuditedCommand("--pack", temporary.path("pack"), "--operator", Testdata.corpOperator)
        #expect(pack.found.map(\.text) == folder.found.map(\.text))
        #expect(pack.texts.contains("medium SHIPPING B-revoked at imports[1].token"))
        // SHIPPING is the first by its key.
        for found in pack.found where found.name == "SHIPPING" {
            #expect(found.line == 1)
            #expect(found.file == temporary.path("pack"))
        }
        #expect(try audit([UInt8](Testdata.pack().replacing("\n", with: "\r\n\r\n").utf8)).texts == pack.texts)
    }

    @Test("Malformed lines are findings with their numbers, and the others are audited")
    func malformed() throws {
        let good = try Testdata.pack()
        let key = good.prefix(56)
        let bad = [
            "no bar", "|", "\(key)|", "\(key.dropLast())A|x.y.z", "U\(key.dropFirst())|x", " \(key)|x.y.z", "\u{0}",
        ]
        let audit = try audit([UInt8]((bad.joined(separator: "\n") + "\n\n" + good).utf8))
        let lines = audit.found.filter { $0.rule == "A-pack-line" }
        #expect(lines.map(\.line) == Array(1...bad.count))
        #expect(lines.allSatisfy { $0.severity == "medium" && $0.account == nil })
        #expect(audit.texts.contains("medium SHIPPING B-revoked at imports[1].token"))
        #expect(audit.found.filter { $0.name == "SHIPPING" }.allSatisfy { $0.line == bad.count + 2 })
    }

    @Test("A line that holds no token under a good key is judged by the rules")
    func rubbish() throws {
        let key = try Testdata.pack().prefix(56)
        #expect(try audit([UInt8]("\(key)|rubbish".utf8)).texts == ["high \(key) T-segments"])
        let large = Array("\(key)|".utf8) + Array(repeating: UInt8(ascii: "x"), count: 1 << 21)
        #expect(try audit(large).texts == ["high \(key) T-size"])
    }

    @Test("No more than a thousand malformed lines are told one by one")
    func manyLines() throws {
        let found = try audit(Array(repeating: [UInt8]("x\n".utf8), count: 5_000).flatMap { $0 }).found
        let lines = found.filter { $0.rule == "A-pack-line" }
        #expect(lines.count == 1_001)
        #expect(lines.contains { $0.line == nil && $0.message.hasPrefix("4000 more lines") })
    }

    @Test("Random and broken packs never crash")
    func random() throws {
        let seed = UInt64.random(in: .min ... .max)
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let good = [UInt8](try Testdata.pack().utf8)
        for _ in 0..<12 {
            var pack = good
            for _ in 0..<next(40) {
                let place = next(pack.count)
                switch next(3) {
                case 0: pack[place] = UInt8(next(256))
                case 1: pack.removeSubrange(place..<min(pack.count, place + next(100)))
                default: pack.insert(contentsOf: [0x0A, 0x7C], at: place)
                }
                if pack.isEmpty { break }
            }
            let audit = try audit(pack)
            #expect(audit.run.status == 1, "seed \(seed): \(audit.run.errors)")
            #expect(!audit.run.output.contains("eyJ"), "seed \(seed): a token is printed")
        }
    }

    @Test("The address of a pack is found from that of its server")
    func addresses() {
        let expected = [
            "http://a": "http://a/jwt/v1/pack", "https://a:8443/": "https://a:8443/jwt/v1/pack",
            "http://a/jwt/v1/": "http://a/jwt/v1/pack", "http://a/jwt/v1": "http://a/jwt/v1/pack",
            "HTTP://a/jwt/v1/accounts/": "http://a/jwt/v1/pack", "http://a/jwt/v1/pack": "http://a/jwt/v1/pack",
            "http://a/sub//": "http://a/sub/jwt/v1/pack", "http://a/sub/jwt/v1/pack": "http://a/sub/jwt/v1/pack",
            "http://a/jwt/v1x": "http://a/jwt/v1x/jwt/v1/pack", "http://[::1]:80/": "http://[::1]:80/jwt/v1/pack",
        ]
        for (text, pack) in expected { #expect(PackAddress(text)?.pack == pack, "\(text)") }
        for text in [
            "", "a", "ftp://a", "http://", "http:///jwt", "http://:1/", "http://u@a", "http://a?x", "http://a#x",
            "http://a b", "http://a\n", "http://\u{e9}",
        ] { #expect(PackAddress(text) == nil, "\(text)") }
        #expect(PackAddress("https://a:1/x/jwt/v1/y")?.server == "https://a:1")
    }
}

import RealServers
import Testing
import Trust

@testable import Broker

/// Whatever the bytes of a configuration are, reading them ends with a configuration or with faults.
@Suite(.onOwnThread) struct ConfigurationHostileTests {
    private func read(_ bytes: [UInt8]) throws(ConfigurationRefusal) -> BrokerConfiguration {
        try BrokerConfiguration.read(
            "a.conf", environment: ["PATH": "$HOME", "HOME": "[x"], verifier: TokenVerifier(),
            at: UnixTime(1_795_212_900) ?? .zero
        ) { (path) throws(ConfigurationFault) in
            guard path == "a.conf" else { throw ConfigurationFault("there is no such file") }
            return bytes
        }
    }

    /// What is wrong with how these bytes were read; nil if nothing is.
    private func violation(_ bytes: [UInt8]) -> String? {
        do throws(ConfigurationRefusal) {
            let configuration = try read(bytes)
            if configuration.settings.trust.operators.isEmpty { return "nobody is trusted" }
        } catch {
            for fault in error.faults {
                if fault.place == nil { return "no place: \(fault)" }
                if fault.description.contains("\n") { return "more than a line: \(fault)" }
                if fault.description.contains(/eyJ[A-Za-z0-9_-]{47}/) || fault.description.utf8.count > 2_000 {
                    return "a token: \(fault)"
                }
            }
        }
        return nil
    }

    /// The good files without most of their tokens' bytes, so that what is changed is mostly the language.
    private static let seeds: [[UInt8]] = PlainFiles.corpus.compactMap { try? PlainFiles().read($0) }

    @Test func `of a token that a slash stands in nothing is said`() {
        let token = "eyJ" + String(repeating: "a", count: 100)
        for text in [token, "\(token)/x", "x/\(token)", "a//\(token)/\(token)", "\(token)//"] {
            for line in [
                "\(text)\n", "\(text): 1\n", "operator: '\(text)'\n", "include '\(text)'\n", "resolver: '\(text)'\n",
            ] {
                #expect(violation(Array(line.utf8)) == nil)
            }
        }
        #expect(ConfigurationText.quoted("jwt/\(token)/OP.jwt") == "`jwt/…/OP.jwt`")
    }

    @Test func `every beginning of a good file is read or refused`() throws {
        #expect(Self.seeds.count == 7)
        for seed in Self.seeds {
            let step = max(1, seed.count / 400)
            for count in stride(from: 0, to: seed.count, by: step) {
                let violation = violation(Array(seed[..<count]))
                #expect(violation == nil, "the first \(count) bytes: \(violation ?? "")")
            }
        }
    }

    @Test func `random bytes and changed files are read or refused`() throws {
        let start = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: start)
        let words = [
            "{", "}", "[", "]", "(", ")\n", "\n", "'", "\"", "\\", "$", "$HOME", ":", "=", ",", ";", "#", "//", " ",
            "include ",
            "operator", "resolver", "type", "full", "mem", "URL(", "1", "-", "9223372036854775807",
            "-9223372036854775808", "gb", "1e999",
            "\u{0}",
            "\u{7f}", "é", "tls", "port", "listen", "authorization", "timeout", "resolver_preload", "eyJ", "a.b.c",
        ]
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            case 1:
                for _ in 0..<Int.random(in: 1..<40, using: &random) {
                    bytes += Array((words.randomElement(using: &random) ?? "").utf8)
                }
            default:
                bytes = Self.seeds.randomElement(using: &random) ?? []
                for _ in 0..<Int.random(in: 1..<6, using: &random) where !bytes.isEmpty {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[at] = .random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: at)
                    default: bytes.insert(contentsOf: Array((words.randomElement(using: &random) ?? "").utf8), at: at)
                    }
                }
            }
            let violation = violation(bytes)
            #expect(violation == nil, "seed \(start): \(violation ?? "")")
            if violation != nil { return }
        }
    }
}

/// Random numbers that come again from their seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

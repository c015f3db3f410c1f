import Foundation
import NKeys
import Testing

@testable import Trust

/// Random imports, exporters and tokens: the rules that fail are those that the oracle names. `CREDENCE_WORLDS` gives the
/// number of worlds (2,000 unless set), `CREDENCE_SEED` the seed; both are printed.
@Suite struct BindingCampaign {
    @Test func `random imports fail by the rules that the oracle names, and by no other`() throws {
        let forge = try BindingForge.shared.get()
        let environment = ProcessInfo.processInfo.environment
        let worlds = environment["CREDENCE_WORLDS"].flatMap(Int.init) ?? 2_000
        let seed = environment["CREDENCE_SEED"].flatMap(UInt64.init) ?? .random(in: 1...1_000_000_000)
        var generator = SeededGenerator(seed: seed)
        var (accepted, differences) = (0, 0)
        var codes: Set<String> = []
        for number in 0..<worlds {
            let facts = BindingFacts.random(BindingFacts.Keys(forge), using: &generator)
            let expected = BindingOracle.codes(facts)
            let found = try facts.codes(forge)
            if expected.isEmpty { accepted += 1 }
            codes.formUnion(expected)
            if found != expected {
                differences += 1
                if differences <= 3 {
                    Issue.record(
                        """
                        world \(number) of seed \(seed): expected \(expected.sorted()), found \(found.sorted()), in \
                        \(facts.summary)
                        """)
                }
            }
        }
        print(
            "binding campaign: seed \(seed), \(worlds) worlds, \(accepted) bound, \(codes.count) codes, "
                + "\(differences) differences")
        #expect(differences == 0)
        #expect(worlds < 2_000 || codes.count >= 18, "too few rules failed: \(codes.sorted())")
        #expect(worlds < 2_000 || accepted > worlds / 20, "hardly any import was bound")
    }
}

extension BindingFacts {
    var summary: String {
        "\(standing), strict \(demandsSigningKeys), compatible \(isCompatible), \(kind) \(subject), URL \(isURL), "
            + "token \(token.map { "\($0)" } ?? "none"), exports \(exports)"
    }

    /// A binding that is right, with up to three facts put at random.
    static func random(_ keys: Keys, using generator: inout SeededGenerator) -> BindingFacts {
        var facts = BindingFacts(keys: keys)
        let importer = keys.importer.publicKey.text
        let subjects = ["a.b", "a.*", "*.b", "a.>", ">", "*.*", "a", "a.b.a", "*", "a.\(importer)", "a.*.b"]
        func subject() -> String { subjects.randomElement(using: &generator) ?? "a.b" }
        func kind() -> PlainImport.Kind { generator.happens(50) ? .stream : .service }
        let (common, start) = (kind(), subject())
        (facts.kind, facts.subject) = (common, start)
        facts.exports = [ExportFacts(subject: start, kind: common)]
        facts.token = TokenFacts(subject: start, kind: common)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            switch Int.random(in: 0..<22, using: &generator) {
            case 0: facts.standing = Standing.allCases.randomElement(using: &generator) ?? .unknown
            case 1: facts.demandsSigningKeys = generator.happens(50)
            case 2: facts.subject = subject()
            case 3: facts.kind = kind()
            case 4: facts.exports[0].subject = subject()
            case 5: facts.exports[0].kind = kind()
            case 6, 7: facts.exports[0].demandsToken.toggle()
            case 8: facts.exports[0].position = Int.random(in: 1...3, using: &generator)
            case 9: facts.exports[0].revokedImporter = Int64.random(in: -101 ... -99, using: &generator)
            case 10: facts.exports[0].revokedAll = Int64.random(in: -101 ... -99, using: &generator)
            case 11: facts.exports[0].revokedStranger = Int64.random(in: -101 ... -99, using: &generator)
            case 12: facts.token = nil
            case 13: facts.isURL = true
            case 14: facts.isCompatible.toggle()
            case 15: facts.token?.subject = subject()
            case 16: facts.token?.isForImporter = false
            case 17, 18:
                facts.token?.signer = Signer.allCases.randomElement(using: &generator) ?? .stranger
                facts.token?.namesExporter = [nil, true, true, false].randomElement(using: &generator) ?? nil
            case 19: facts.token?.audienceIsImporter = generator.happens(50)
            case 20: facts.token?.kind = kind()
            default:
                facts.token?.issuedAt = [-101, 60, 61].randomElement(using: &generator) ?? 0
                facts.token?.expires = [nil, -1, 0, 1].randomElement(using: &generator) ?? nil
                facts.token?.notBefore = [nil, -1, 0, 1].randomElement(using: &generator) ?? nil
                facts.token?.isSignedWell = generator.happens(70)
            }
        }
        // More exports, where none contains another of its kind, which would refuse the exporter.
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            var more = facts.exports[0]
            (more.subject, more.kind) = (subject(), generator.happens(80) ? facts.kind : kind())
            if generator.happens(50) { more.demandsToken.toggle() }
            let isClear = facts.exports.allSatisfy { other in
                other.kind != more.kind
                    || !BindingOracle.contains(other.subject, more.subject)
                        && !BindingOracle.contains(more.subject, other.subject)
            }
            if isClear { facts.exports.append(more) }
        }
        // A position lies inside the export's subject, on a wildcard.
        for index in facts.exports.indices {
            let words = facts.exports[index].subject.split(separator: ".")
            let position = facts.exports[index].position
            if position > words.count || position > 0 && words[position - 1] != "*" {
                facts.exports[index].position = 0
            }
        }
        return facts
    }
}

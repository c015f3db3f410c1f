import Foundation
import Testing

/// What the fuzzer asks of any bytes, asked of those that it begins with and of their neighbours.
@Suite struct ForeignInvariantTests {
    @Test(arguments: ["claims", "header", "rfc_keys", "rfc_examples"])
    func `no change of a document breaks an invariant`(name: String) throws {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let document = Array(try Data(contentsOf: root.appendingPathComponent("Testdata/jose/\(name).json")))
        #expect(ForeignInvariants.violation(for: document) == nil)
        let seed = UInt64.random(in: .min ... .max)
        var random = AnnouncedRandom(seed: seed)
        for _ in 0..<300 {
            var changed = document
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: changed.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: changed[position] = UInt8.random(in: .min ... .max, using: &random)
                case 1: changed.remove(at: position)
                default:
                    changed.insert(contentsOf: document.suffix(Int.random(in: 1...20, using: &random)), at: position)
                }
            }
            let violation = ForeignInvariants.violation(for: changed)
            #expect(violation == nil, "seed \(seed): \(String(decoding: changed, as: UTF8.self))")
        }
    }
}

import NKeys
import Testing

/// The fuzzer's invariants over mutated test data: fewer inputs than a campaign, and the same ones every time.
@Suite struct MutationTests {
    @Test func `texts near to those of the vectors are judged as the plain reader judges them`() throws {
        let texts = try Corpus.keyTexts()
        #expect(texts.count > 100)
        var mutations = Mutations(seed: 1)
        for round in 0..<20_000 {
            let input = mutations.changed(texts[round % texts.count])
            let violation = input.withUnsafeBufferPointer { KeyTextInvariants.violation(for: $0) }
            if let violation { Issue.record("round \(round): \(violation)") }
        }
    }

    @Test func `every 32 bytes make the text that the plain writer makes, and changes of it are judged alike`() {
        var mutations = Mutations(seed: 2)
        for round in 0..<500 {
            let input = (0..<Int.random(in: 33...37, using: &mutations)).map { _ in
                UInt8.random(in: 0...255, using: &mutations)
            }
            let violation = input.withUnsafeBufferPointer { KeyTextInvariants.violation(for: $0) }
            if let violation { Issue.record("round \(round): \(violation)") }
        }
    }

    @Test func `files near to those of nsc keep the laws of creds`() throws {
        let files =
            try Corpus.files(in: "nsc/keys/creds", suffix: ".creds") + Corpus.files(in: "nsc/tokens", suffix: "")
        #expect(files.count > 20)
        var mutations = Mutations(seed: 3)
        for round in 0..<3_000 {
            // A short token in place of the real one, so that changes hit what matters here.
            let lines = files[round % files.count].bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let short = lines.map { $0.count > 100 ? Array("eyJh.eyJq.c2ln".utf8) : Array($0) }
            let input = mutations.changed(Array(short.joined(separator: [0x0A])))
            let violation = input.withUnsafeBufferPointer { CredentialsInvariants.violation(for: $0) }
            if let violation { Issue.record("round \(round) of \(files[round % files.count].path): \(violation)") }
        }
    }
}

import Testing
import Trust

@testable import Identity

/// What is taken: the twins of every attack.
@Suite struct AcceptedTokenTests {
    @Test func `a good token of each kind of key says who it is for whom`() async throws {
        let world = try await ForeignWorld.shared
        for key in world.keys {
            let verdict = await world.verifier.verify(try world.mint.token(key), at: ForeignWorld.now)
            let proof = try #require(verdict.proof, "\(key.kid): \(verdict.faults)")
            #expect(proof.issuer == "https://login.example.com" && proof.subject == "alice")
            #expect(proof.audiences == ["credence"] && proof.identifier == "one")
            #expect(proof.issuedAt == ForeignWorld.now && proof.expires == ForeignWorld.now.advanced(by: 300))
            #expect(proof.claims.value(at: ["groups"]) == .texts(["orders", "stock"]))
            #expect(verdict.warnings.isEmpty)
        }
    }

    @Test func `a token of each further algorithm is taken where its key set says so`() async throws {
        var keys: [MintKey] = []
        for algorithm in [ForeignAlgorithm.rs384, .rs512, .ps256, .ps384, .ps512] {
            keys.append(try await .rsa(algorithm, kid: algorithm.rawValue))
        }
        for algorithm in [ForeignAlgorithm.es384, .es512] {
            keys.append(try await .curve(algorithm, kid: algorithm.rawValue))
        }
        var issuer = try await ForeignWorld.shared.issuer
        issuer.algorithms = Set(ForeignAlgorithm.allCases.filter { !$0.isSymmetric })
        issuer.keys = .set(keySet(keys))
        let verifier = ForeignTokenVerifier([issuer])
        for key in keys {
            let verdict = await verifier.verify(try TokenMint().token(key), at: ForeignWorld.now)
            #expect(verdict.proof != nil, "\(key.kid): \(verdict.faults)")
        }
    }

    @Test func `HMAC is taken with the secret of that one issuer`() async throws {
        let secret = Array("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".utf8)
        var issuer = try await ForeignWorld.shared.issuer
        issuer.algorithms = [.hs256, .hs384, .hs512]
        issuer.keys = .secret(secret)
        let verifier = ForeignTokenVerifier([issuer])
        for algorithm in [ForeignAlgorithm.hs256, .hs384, .hs512] {
            let token = try TokenMint().token(try await .secret(secret, algorithm))
            let verdict = await verifier.verify(token, at: ForeignWorld.now)
            #expect(verdict.proof != nil, "\(algorithm): \(verdict.faults)")
        }
        let other = try TokenMint().token(try await .secret(Array(secret.reversed())))
        #expect(await verifier.verify(other, at: ForeignWorld.now).faults == ["F-signature signature"])
    }
}

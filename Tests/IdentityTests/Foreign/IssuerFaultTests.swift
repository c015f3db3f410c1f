import Testing
import Trust

@testable import Identity

/// What cannot be configured about an issuer.
@Suite struct IssuerFaultTests {
    private func places(_ change: (inout ForeignIssuer) -> Void) async throws -> [String] {
        var issuer = try await ForeignWorld.shared.issuer
        change(&issuer)
        return issuer.faults.map(\.place)
    }

    @Test func `an issuer whose tokens could not be judged safely is refused with all its tokens`() async throws {
        #expect(try await places { _ in } == [])
        #expect(try await places { $0.audiences = [] } == ["audiences"])
        #expect(try await places { $0.audiences = ["a", "*"] } == ["audiences"])
        #expect(try await places { $0.audiences = ["a b"] } == ["audiences"])
        #expect(try await places { $0.algorithms = [] } == ["algorithms"])
        #expect(try await places { $0.issuer = "" } == ["issuer"])
        #expect(try await places { $0.issuer = "https://a\nb" } == ["issuer"])
        #expect(try await places { $0.algorithms.insert(.hs256) } == ["algorithms"])
        #expect(try await places { $0.algorithms = [.hs256] } == ["algorithms"])
        #expect(try await places { $0.keys = .set(Array("{}".utf8)) } == ["keys"])
        for (place, value) in [("leeway", -1), ("leeway", 301)] as [(String, Int64)] {
            #expect(try await places { $0.leeway = value } == [place])
        }
        #expect(try await places { $0.maximumAge = 0 } == ["maximum_age"])
        #expect(try await places { $0.keepsKeys = -1 } == ["keep_keys"])
        #expect(try await places { $0.freshKeys = 0 } == ["fresh_keys"])
        #expect(try await places { $0.refetchInterval = .max } == ["refetch_interval"])
    }

    @Test func `a secret is as long as its hash, and stands by itself`() async throws {
        func secret(_ count: Int, _ algorithms: Set<ForeignAlgorithm>) async throws -> [String] {
            try await places {
                $0.keys = .secret([UInt8](repeating: 7, count: count))
                $0.algorithms = algorithms
            }
        }
        #expect(try await secret(32, [.hs256]) == [])
        #expect(try await secret(31, [.hs256]) == ["keys"])
        #expect(try await secret(47, [.hs256, .hs384]) == ["keys"])
        #expect(try await secret(48, [.hs384]) == [])
        #expect(try await secret(63, [.hs512]) == ["keys"])
        #expect(try await secret(64, [.hs256, .rs256]) == ["algorithms"])
    }

    @Test(arguments: [
        "http://keys.example.com/jwks", "ftp://keys.example.com", "keys.example.com", "https://", "https:///jwks",
        "https://user@keys.example.com/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://127.1/", "http://0x7f.0.0.1/", "http://[::2]/", "https://a:0/", "https://a:70000/", "https://a:+1/",
        "https://a b/", "https://a/\n", "https://a/#x", "HTTP://127.0.0.1/", "http://128.0.0.1/", "file:///etc/passwd",
        "https://a]:1/", "https://[::1/", "https://:443/",
    ])
    func `keys are fetched over TLS or from this machine`(address: String) async throws {
        #expect(try await places { $0.keys = .url(address) } == ["keys"])
        #expect(
            try await places {
                $0.keys = .discovery
                $0.issuer = address
            }.contains("issuer"))
    }

    @Test(arguments: [
        "https://keys.example.com/jwks", "https://keys.example.com:8443/a/b?p=1", "http://127.0.0.1:1/x",
        "http://127.9.9.9/", "http://localhost:8080", "http://[::1]:80/jwks", "https://[2001:db8::1]/",
    ])
    func `these are addresses of keys`(address: String) async throws {
        #expect(try await places { $0.keys = .url(address) } == [])
    }

    @Test func `tokens of an issuer with a fault, or that is configured twice, are refused`() async throws {
        let world = try await ForeignWorld.shared
        let token = try world.mint.token(world.curve)
        var faulty = world.issuer
        faulty.leeway = -1
        for issuers in [[faulty], [world.issuer, world.issuer]] {
            #expect(await ForeignTokenVerifier(issuers).verify(token, at: ForeignWorld.now).faults == ["F-issuer iss"])
        }
        #expect(await ForeignTokenVerifier([]).verify(token, at: ForeignWorld.now).faults == ["F-issuer iss"])
    }
}

import Foundation
import RealServers
import Testing
import Trust

@testable import Identity

/// A real OpenID provider over HTTP, as it should be and as it should not.
@Suite(.onOwnThread) struct ProviderTests {
    private static func now() -> UnixTime { .zero.advanced(by: Int64(Date().timeIntervalSince1970)) }

    private func issuer(_ provider: OpenIDProvider, _ keys: ForeignIssuer.Keys? = nil) -> ForeignIssuer {
        var issuer = ForeignIssuer(
            issuer: provider.issuer, audiences: ["credence"], algorithms: [.rs256, .es256, .edDSA],
            keys: keys ?? .url(provider.issuer + "/jwks"))
        issuer.refetchInterval = 1
        return issuer
    }

    /// A verifier whose clock the test moves: nothing that is slow here is too slow.
    private func verifier(
        _ issuer: ForeignIssuer, _ clock: KeyCacheTests.HandClock = KeyCacheTests.HandClock()
    ) -> ForeignTokenVerifier {
        ForeignTokenVerifier([issuer], clock: clock.clock) { Self.fetcher($0.authorities) }
    }

    private static func fetcher(_ authorities: String? = nil) -> HTTPDocumentFetcher {
        HTTPDocumentFetcher(authorities: authorities, timeLimit: .seconds(60))
    }

    private func faults(_ verifier: ForeignTokenVerifier, _ token: String) async -> [String] {
        await verifier.verify(token, at: Self.now()).faults
    }

    @Test(arguments: ["", "/tenant"])
    func `tokens of another implementation are taken, by discovery as well`(path: String) async throws {
        let provider = try await OpenIDProvider.started(path: path)
        for keys in [ForeignIssuer.Keys.discovery, .url(provider.issuer + "/jwks")] {
            let verifier = self.verifier(issuer(provider, keys))
            for algorithm in ["RS256", "ES256", "EdDSA"] {
                #expect(await faults(verifier, try provider.mint(algorithm)) == [], "\(algorithm)")
            }
            #expect(await faults(verifier, try provider.mint("PS256")) == ["F-alg header.alg"])
            #expect(await faults(verifier, try provider.mint(claims: ["aud": "other"])) == ["F-audience aud"])
            #expect(await faults(verifier, try provider.mint(header: ["typ": "JWT"])) == ["F-type header.typ"])
            #expect(await faults(verifier, try provider.mint(claims: ["exp": 1])) == ["F-expired exp"])
        }
        #expect(try provider.requests(to: path + "/jwks") == 2)
        #expect(try provider.requests(to: path + "/.well-known/openid-configuration") == 1)
    }

    @Test func `keys roll over without a restart, and an old one ends with its set`() async throws {
        let provider = try await OpenIDProvider.started()
        let clock = KeyCacheTests.HandClock()
        let verifier = self.verifier(issuer(provider, .discovery), clock)
        let old = try provider.mint()
        #expect(await faults(verifier, old) == [])
        try provider.rotate(keepingOld: true)
        clock.advance(1)
        let new = try provider.mint()
        #expect(await faults(verifier, new) == [])
        #expect(await faults(verifier, old) == [])
        try provider.rotate(keepingOld: false)
        #expect(await faults(verifier, new) == [])
        clock.advance(300)
        #expect(await faults(verifier, new) == ["F-key header.kid"])
        #expect(await faults(verifier, old) == ["F-key header.kid"])
        clock.advance(1)
        #expect(await faults(verifier, try provider.mint()) == [])
    }

    @Test func `a token's own address of keys is never asked`() async throws {
        let provider = try await OpenIDProvider.started()
        let verifier = self.verifier(issuer(provider))
        #expect(await faults(verifier, try provider.mint()) == [])
        let attacker = try await OpenIDProvider.started()
        for name in ["jku", "x5u"] {
            let address = attacker.issuer + "/jwks"
            let forged = try attacker.mint(claims: ["iss": provider.issuer], header: [name: address])
            let verdict = await verifier.verify(forged, at: Self.now())
            #expect(verdict.faults == ["F-signature signature"])
            #expect(verdict.warnings.map(\.code) == ["F-embedded-key"])
        }
        #expect(try attacker.requests(to: "/jwks") == 0)
    }

    @Test(arguments: [
        "huge", "announced", "slow", "silent", "redirect", "type", "error", "garbage", "twice",
    ])
    func `a hostile key set is cut off in size and time, and nothing is taken`(mode: String) async throws {
        let provider = try await OpenIDProvider.started()
        try provider.behave("jwks", mode)
        // Slowness is measured against a shorter limit; the others get all the time they want.
        let limit = mode == "slow" || mode == "silent" ? Duration.milliseconds(300) : .seconds(60)
        let fetcher = HTTPDocumentFetcher(timeLimit: limit)
        let address = try #require(KeyAddress(provider.issuer + "/jwks"))
        let expected: DocumentFault? =
            switch mode {
            case "huge", "announced": .size(limit: 262_144)
            case "slow", "silent": .slow
            case "redirect": .redirect(302)
            case "type": .contentType
            case "error": .status(500)
            default: nil
            }
        if let expected {
            await #expect(throws: expected) { try await fetcher.document(at: address) }
        } else {
            let document = try await fetcher.document(at: address)
            #expect(throws: KeyDocument.Fault.form) { try KeyDocument(document) }
        }
        #expect(try provider.requests(to: "/elsewhere") == 0)
        if expected != .slow {
            let verifier = self.verifier(issuer(provider))
            #expect(await faults(verifier, try provider.mint()) == ["F-keys "])
        }
    }

    @Test(arguments: ["issuer", "clear", "huge", "redirect", "type", "error", "garbage"])
    func `a hostile discovery document gives no keys`(mode: String) async throws {
        let provider = try await OpenIDProvider.started()
        try provider.behave("discovery", mode)
        let verifier = self.verifier(issuer(provider, .discovery))
        #expect(await faults(verifier, try provider.mint()) == ["F-keys "])
        #expect(try provider.requests(to: "/jwks") == 0)
    }

    @Test func `a content type with parameters, in any case, is one of JSON`() async throws {
        let provider = try await OpenIDProvider.started()
        try provider.behave("jwks", "parameters")
        // As an embedder makes it, with the system's clock and five seconds for the keys, which beside a thousand other
        // tests are short.
        var found = ["F-keys "]
        for _ in 0..<60 where found == ["F-keys "] {
            found = await faults(ForeignTokenVerifier([issuer(provider)]), try provider.mint())
        }
        #expect(found == [])
        var metadata: IssuerMetadata?
        for _ in 0..<60 where metadata == nil { metadata = try? await IssuerMetadata.fetched(from: provider.issuer) }
        #expect(metadata?.issuer == provider.issuer)
        #expect(
            HTTPDocumentFetcher.isJSON(["application/json"]) && HTTPDocumentFetcher.isJSON([" application/json\t;a=b"]))
        for types in [
            [], [""], ["text/json"], ["application/jsonx"], ["application/json", "application/json"], ["json"],
        ] {
            #expect(!HTTPDocumentFetcher.isJSON(types), "\(types)")
        }
    }

    @Test func `an endpoint that is not there is told of, and its keys are used on`() async throws {
        // On a port that nobody else comes to have.
        let provider = try await withoutBlocking { try OpenIDProvider(port: try freePorts(1)[0]) }
        let clock = KeyCacheTests.HandClock()
        let verifier = self.verifier(issuer(provider), clock)
        let token = try provider.mint()
        #expect(await faults(verifier, token) == [])
        provider.stop()
        clock.advance(1000)
        #expect(await faults(verifier, token) == [])
        let address = try #require(KeyAddress(provider.issuer + "/jwks"))
        await #expect(throws: DocumentFault.connection("the connection was refused")) {
            try await Self.fetcher().document(at: address)
        }
        clock.advance(86_400)
        #expect(await faults(verifier, token) == ["F-keys "])
    }

    @Test func `over TLS the certificate has to be trusted`() async throws {
        let folder = try ScratchFolder()
        let (chain, key) = (folder.path("cert.pem"), folder.path("key.pem"))
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
            chain, "-days", "2", "-subj", "/CN=provider", "-addext", "subjectAltName=IP:127.0.0.1",
        ]
        try await withoutBlocking { try runProgram("openssl", arguments) }
        let provider = try await OpenIDProvider.started(certificate: (chain, key))
        var trusting = issuer(provider, .discovery)
        trusting.authorities = chain
        #expect(await faults(verifier(trusting), try provider.mint()) == [])
        let stranger = verifier(issuer(provider, .discovery))
        #expect(await faults(stranger, try provider.mint()) == ["F-keys "])
        #expect(try provider.requests(to: "/jwks") == 1)
        let metadata = try await IssuerMetadata.fetched(from: provider.issuer, with: Self.fetcher(chain))
        #expect(metadata.tokenEndpoint == provider.issuer + "/token")
        #expect(metadata.deviceAuthorizationEndpoint == provider.issuer + "/device_authorization")
        await #expect(throws: DocumentFault.connection("its certificate is not one that is trusted")) {
            try await IssuerMetadata.fetched(from: provider.issuer, with: Self.fetcher())
        }
        trusting.authorities = folder.path("gone.pem")
        #expect(await faults(verifier(trusting), try provider.mint()) == ["F-keys "])
    }
}

import NKeys
import Subjects
import Testing
import Trust

@testable import AccountServer

/// Deletions, self-signed accounts, activations, and the operator's own token.
@Suite struct ManagedAccountTests {
    // MARK: Deletions

    @Test func `a deleted account stays deleted until a newer token comes`() async throws {
        let world = try ServiceWorld()
        let account = try KeyPair.generate(.account)
        let token = try world.token(account)
        var service = try await world.service()
        #expect(await service.upload(token, of: account).codes == ["accepted"])
        let deletion = try world.deletion(of: [account])
        #expect(await service.delete(account, by: deletion).codes == ["accepted"])
        #expect(service.text(of: account) == nil)
        for _ in 0..<2 {
            #expect(await service.upload(token, of: account).codes == ["U-stale"])
            service = try await world.service()
        }
        world.now = world.now.advanced(by: 10)
        let newer = try world.token(account, age: 0)
        #expect(await service.upload(newer, of: account).codes == ["accepted"])
        #expect(await service.delete(account, by: deletion).codes == ["U-stale"], "an old deletion is brought again")
        #expect(service.text(of: account) == newer)
    }

    @Test func `only the operator deletes, what its token lists, and never the system account`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (account, other) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        #expect(await service.upload(try world.token(account), of: account).codes == ["accepted"])
        let stranger = try world.deletion(of: [account], by: try KeyPair.generate(.operator))
        #expect(await service.delete(account, by: stranger).codes == ["U-signer"])
        #expect(await service.delete(account, by: try world.deletion(of: [other])).codes == ["U-path"])
        let system = try world.deletion(of: [world.systemAccount])
        #expect(await service.delete(world.systemAccount, by: system).codes == ["U-denied"])
        #expect(service.text(of: account) != nil)
        #expect(await world.journal.outcomes.dropFirst() == ["refused U-signer", "refused U-path", "refused U-denied"])
    }

    @Test func `a deletion names the imports that it breaks`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        _ = await service.upload(try world.token(exporter, exports: [world.export("help")]), of: exporter)
        let importing = try world.token(importer, imports: [world.import("help", from: exporter)])
        #expect(await service.upload(importing, of: importer).codes == ["accepted"])
        let answer = await service.delete(exporter, by: try world.deletion(of: [exporter]))
        #expect(answer.dependents == [DependentImport(account: importer.publicKey, index: 0, change: .stops)])
    }

    // MARK: Accounts that sign themselves

    private func selfSigned(_ world: ServiceWorld, _ account: KeyPair, age: Int64) throws -> String {
        try world.token(account, age: age, by: account)
    }

    @Test func `an account that signs itself is refused unless the server was told otherwise`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        let codes = await service.upload(try selfSigned(world, account, age: 10), of: account).codes
        #expect(codes == ["T-issuer", "C-account-signer", "U-signer"])
    }

    @Test func `an approved account is signed by the operator with the operator's limits`() async throws {
        let world = try ServiceWorld()
        let (approved, stranger) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        var settings = world.settings()
        var limits = AccountLimits.unlimited
        limits.connections = 7
        let key = approved.publicKey
        settings.selfSigning = SelfSigning(signer: TokenSigner(world.signingPair), limits: limits) {
            $0 == key ? .approved : .pending(["it has to be approved"])
        }
        let service = try await world.service(settings)
        #expect(await service.upload(try selfSigned(world, stranger, age: 10), of: stranger).codes == ["pending"])
        #expect(service.text(of: stranger) == nil)
        let own = try selfSigned(world, approved, age: 10)
        let answer = await service.upload(own, of: approved)
        let stored = try #require(service.text(of: approved))
        #expect(answer.resigned == stored)
        let chain = ChainVerifier(anchors: TrustAnchors([world.operatorToken]), verifier: TokenVerifier())
        let account = try #require(chain.account(stored, for: approved.publicKey, at: world.now).proof)
        #expect(account.claims.limits == limits)
        #expect(account.claims.common.issuer == world.signingPair.publicKey)
        // An old version of its own, brought by whoever kept it, does not come back.
        #expect(await service.upload(own, of: approved).codes == ["U-stale"])
        #expect(await service.upload(try selfSigned(world, approved, age: 20), of: approved).codes == ["U-stale"])
        world.now = world.now.advanced(by: 100)
        #expect(await service.upload(try selfSigned(world, approved, age: 0), of: approved).codes == ["accepted"])
        #expect(await world.journal.outcomes.first == "pending U-signer")
        // In another's name it is judged as it is.
        let codes = await service.upload(try selfSigned(world, approved, age: 0), of: stranger).codes
        #expect(codes.contains("U-path"))
    }

    // MARK: Activations

    @Test func `an activation is stored under its hash when the exporter's key signed it`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        func activation(by signer: KeyPair) throws -> VerifiedToken<ActivationClaims> {
            let claims = ActivationClaims(
                common: CommonClaims(issuer: signer.publicKey, subject: importer.publicKey),
                subject: try SubjectPattern("help.*"), kind: .service)
            return try TokenSigner(signer).sign(claims, at: world.now.advanced(by: -5))
        }
        let good = try activation(by: exporter)
        let caller = Caller(address: "test")
        let early = await service.uploadActivation(Array(good.text.utf8), by: caller)
        #expect(early.answer.codes == ["B-exporter-unknown"])
        #expect(await service.upload(try world.token(exporter), of: exporter).codes == ["accepted"])
        let (answer, hash) = await service.uploadActivation(Array(good.text.utf8), by: caller)
        #expect(answer.codes == ["accepted"])
        #expect(service.activation(for: try #require(hash)) == good.text)
        #expect(hash == ActivationHash.hash(of: good.claims))
        let foreign = await service.uploadActivation(Array(try activation(by: importer).text.utf8), by: caller)
        #expect(foreign.answer.codes == ["B-exporter-unknown"])
        let restarted = try await world.service()
        #expect(restarted.activation(for: try #require(hash)) == good.text)
    }

    // MARK: The operator

    @Test func `a new token of the operator counts when the server takes such, and its old keys sign no more`()
        async throws
    {
        let world = try ServiceWorld()
        let account = try KeyPair.generate(.account)
        let new = try ServiceWorld.operatorToken(
            world.operatorPair, signingKeys: [], system: world.systemAccount.publicKey, at: world.now)
        let caller = Caller(address: "test")
        let closed = try await world.service()
        #expect(await closed.uploadOperator(Array(new.text.utf8), by: caller).codes == ["U-denied"])
        var settings = world.settings()
        settings.operatorUploads = .accepted
        let service = try await world.service(settings)
        let foreign = try KeyPair.generate(.operator)
        let stranger = try ServiceWorld.operatorToken(
            foreign, signingKeys: [], system: world.systemAccount.publicKey, at: world.now)
        #expect(await service.uploadOperator(Array(stranger.text.utf8), by: caller).codes == ["C-operator"])
        #expect(await service.uploadOperator(Array(new.text.utf8), by: caller).codes == ["accepted"])
        #expect(service.operatorToken == new.text)
        let codes = await service.upload(try world.token(account), of: account).codes
        #expect(codes == ["C-account-signer", "U-signer"])
        let old = await service.uploadOperator(Array(world.operatorToken.text.utf8), by: caller)
        #expect(old.codes == ["U-stale"])
        let restarted = try await world.service(settings)
        #expect(restarted.operatorToken == new.text)
    }
}

extension AccountService {
    fileprivate func delete(_ account: KeyPair, by token: String) async -> UploadAnswer {
        await delete(account.publicKey.text, by: Array(token.utf8), caller: Caller(address: "test"))
    }
}

import NKeys
import Subjects
import Testing
import Trust

@testable import AccountServer

/// What a service does when its clock steps, and when a batch fails or is cut off.
@Suite struct ServiceClockTests {
    private static let day: Int64 = 86_400

    @Test func `a clock that steps back and forth loses nothing, and what is stale stays stale`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (account, late) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let (older, token) = (try world.token(account, age: 2_000), try world.token(account))
        let newer = try world.token(account, age: 10)
        #expect(await service.upload(token, of: account).codes == ["accepted"])
        // Never before the operator's token was issued: under such a clock no service starts.
        for step in [-40_000, 200_000, -250_000, 90_000] as [Int64] {
            world.now = world.now.advanced(by: step)
            #expect(service.text(of: account) == token, "\(step)")
            // Either it is of the future by this clock, or by `iat` alone it is older than what is stored.
            let isBehind = world.now < ServiceWorld.start
            let codes = await service.upload(older, of: account).codes
            #expect(codes.contains(isBehind ? "T-issued-at" : "U-stale"), "\(step): \(codes)")
            #expect(service.text(of: account) == token, "\(step)")
            // A start under the wrong clock keeps it as well.
            let restarted = try await world.service()
            #expect(restarted.text(of: account) == token, "\(step)")
        }
        // A day behind: what was issued meanwhile is of the future, and is taken when the clock is right again.
        world.now = ServiceWorld.start.advanced(by: -Self.day)
        #expect(await service.upload(newer, of: account).codes.contains("T-issued-at"))
        #expect(service.text(of: account) == token)
        world.now = ServiceWorld.start
        #expect(await service.upload(newer, of: account).codes == ["accepted"])
        // What was deleted under a clock that is ahead stays deleted under one that is right.
        #expect(await service.upload(try world.token(late), of: late).codes == ["accepted"])
        world.now = ServiceWorld.start.advanced(by: Self.day)
        let deletion = try world.deletion(of: [late])
        let caller = Caller(address: "test")
        #expect(
            await service.delete(late.publicKey.text, by: Array(deletion.utf8), caller: caller).codes == ["accepted"])
        world.now = ServiceWorld.start
        #expect(await service.upload(try world.token(late, age: 5), of: late).codes.contains("U-stale"))
        #expect(service.text(of: late) == nil)
    }

    @Test func `an import whose activation has expired by the service's clock is refused`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let subject = try SubjectPattern("help")
        var export = Export(subject: subject, kind: .service)
        export.tokenRequired = true
        let exporting = try world.token(exporter, exports: [export])
        #expect(await service.upload(exporting, of: exporter).codes == ["accepted"])
        let expires = ServiceWorld.start.advanced(by: 100)
        let activation = try TokenSigner(exporter).sign(
            ActivationClaims(
                common: CommonClaims(issuer: exporter.publicKey, subject: importer.publicKey, expires: expires),
                subject: subject, kind: .service), at: ServiceWorld.start.advanced(by: -5))
        var wanted = try world.import("help", from: exporter)
        wanted.token = activation.text
        let token = try world.token(importer, age: 3, imports: [wanted])
        world.now = expires.advanced(by: 1)
        #expect(await service.upload(token, of: importer).codes.contains("U-binding"))
        #expect(service.text(of: importer) == nil)
        world.now = expires.advanced(by: -1)
        #expect(await service.upload(token, of: importer).codes == ["accepted"])
        // It is handed out when the activation has expired since; the same as new is refused.
        world.now = expires.advanced(by: 1)
        #expect(service.text(of: importer) == token)
        let newer = try world.token(importer, age: 2, imports: [wanted])
        #expect(await service.upload(newer, of: importer).codes.contains("U-binding"))
    }

    @Test func `the same token twice in a batch that cannot be stored is acknowledged to nobody`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (account, other) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let (token, first) = (try world.token(account), try world.token(other))
        await world.journal.hold()
        world.store.fail(StoreFault("the disk is full"))
        async let before = service.upload(first, of: other)
        await world.journal.appending()
        let answers = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<3 { group.addTask { await service.upload(token, of: account).codes } }
            while await service.waitingCount < 3 { await Task.yield() }
            await world.journal.letThrough()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await before.codes == ["failed"])
        #expect(answers == [["failed"], ["failed"], ["failed"]])
        #expect(service.text(of: account) == nil)
        #expect(await world.journal.outcomes.filter { $0 == "accepted" }.count == 4)
        #expect(await world.journal.outcomes.filter { $0 == "withdrawn" }.count == 4)
        world.store.fail(nil)
        #expect(await service.upload(token, of: account).codes == ["accepted"])
        #expect(service.text(of: account) == token)
    }

    @Test func `an account that a crash kept from the store is made good though its activation came behind it`()
        async throws
    {
        let world = try ServiceWorld()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let token = try world.token(exporter)
        let activation = try TokenSigner(exporter).sign(
            ActivationClaims(
                common: CommonClaims(issuer: exporter.publicKey, subject: importer.publicKey),
                subject: try SubjectPattern("help"), kind: .service), at: world.now.advanced(by: -5))
        _ = try await world.journal.append(
            [token, activation.text].map {
                JournalDraft(
                    time: world.now, caller: "test", account: exporter.publicKey.text, outcome: .accepted, rules: [],
                    token: $0)
            })
        let service = try await world.service()
        #expect(service.text(of: exporter) == token)
    }
}

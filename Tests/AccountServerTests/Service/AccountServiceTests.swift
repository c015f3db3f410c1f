import NKeys
import Testing
import Trust

@testable import AccountServer

/// What an account service answers, keeps and writes down.
@Suite struct AccountServiceTests {
    @Test func `what is accepted is served, stored and written down, and what is refused changes nothing`() async throws
    {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (account, other) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let token = try world.token(account)
        #expect(await service.upload(token, of: account).codes == ["accepted"])
        #expect(service.text(of: account) == token)
        #expect(await service.upload(token, of: other).codes == ["U-path"])
        #expect(service.text(of: other) == nil)
        let older = try world.token(account, age: 2_000)
        #expect(await service.upload(older, of: account).codes == ["U-stale"])
        let stranger = try world.token(account, age: 10, by: try KeyPair.generate(.operator))
        #expect(await service.upload(stranger, of: account).codes == ["C-account-signer", "U-signer"])
        #expect(service.text(of: account) == token)
        #expect(
            await world.journal.outcomes == [
                "accepted", "refused U-path", "refused U-stale", "refused C-account-signer U-signer",
            ])
        #expect(await world.journal.entries.map(\.token) == [token, token, older, stranger])
        let stored = try await world.store.load()
        #expect(stored.map(\.value) == [.token(token)])
    }

    @Test func `the same token again is accepted, and nothing is stored twice`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        let token = try world.token(account)
        for _ in 0..<2 { #expect(await service.upload(token, of: account).codes == ["accepted"]) }
        #expect(world.store.commits == 1)
        #expect(await world.journal.outcomes == ["accepted", "accepted"])
    }

    @Test func `an export that was withdrawn is seen by the next upload`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let importing = try world.token(importer, imports: [world.import("help", from: exporter)])
        #expect(await service.upload(importing, of: importer).codes == ["B-exporter-unknown", "U-binding"])
        let exporting = try world.token(exporter, exports: [world.export("help")])
        #expect(await service.upload(exporting, of: exporter).codes == ["accepted"])
        #expect(await service.upload(importing, of: importer).codes == ["accepted"])
        let closed = await service.upload(try world.token(exporter, age: 900), of: exporter)
        #expect(closed.dependents == [DependentImport(account: importer.publicKey, index: 0, change: .stops)])
        let again = try world.token(importer, age: 800, imports: [world.import("help", from: exporter)])
        #expect(await service.upload(again, of: importer).codes == ["B-export-missing", "U-binding"])
        #expect(service.text(of: importer) == importing)
    }

    @Test func `a dry run says what an upload would, and leaves no trace`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let exporting = try world.token(exporter, exports: [world.export("help")])
        let importing = try world.token(importer, imports: [world.import("help", from: exporter)])
        #expect(await service.upload(exporting, of: exporter, .dryRun).codes == ["accepted"])
        #expect(await service.upload(importing, of: importer, .dryRun).codes == ["B-exporter-unknown", "U-binding"])
        #expect(await world.journal.entries.isEmpty)
        #expect(try await world.store.load().isEmpty)
        #expect(service.text(of: exporter) == nil)
        #expect(await service.upload(importing, of: importer).codes == ["B-exporter-unknown", "U-binding"])
    }

    @Test func `what waits is judged in order and made durable at once`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let exporter = try KeyPair.generate(.account)
        let importers = try (0..<63).map { _ in try KeyPair.generate(.account) }
        let exporting = try world.token(exporter, exports: [world.export("help")])
        let tokens = try importers.map { try world.token($0, imports: [world.import("help", from: exporter)]) }
        await world.journal.hold()
        async let first = service.upload(exporting, of: exporter)
        await world.journal.appending()
        let answers = await withTaskGroup(of: [String].self) { group in
            for (importer, token) in zip(importers, tokens) {
                group.addTask { await service.upload(token, of: importer).codes }
            }
            // All of them wait for the first to be written down.
            while await service.waitingCount < importers.count { await Task.yield() }
            await world.journal.letThrough()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await first.codes == ["accepted"])
        #expect(answers.allSatisfy { $0 == ["accepted"] })
        #expect(await world.journal.appends == 2)
        #expect(world.store.commits == 2)
    }

    @Test func `of two tokens of one second brought at once one is stored`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        let tokens = try [world.token(account), world.token(account, exports: [world.export("a")])]
        let answers = await withTaskGroup(of: [String].self) { group in
            for token in tokens { group.addTask { await service.upload(token, of: account).codes } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers) == [["accepted"], ["U-stale"]])
        #expect(try await world.store.load().count == 1)
    }

    // MARK: Faults

    @Test func `nothing counts that could not be written into the journal`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let exporting = try world.token(exporter, exports: [world.export("help")])
        let importing = try world.token(importer, imports: [world.import("help", from: exporter)])
        await world.journal.fail(JournalFault("the disk is full"))
        #expect(await service.upload(exporting, of: exporter).codes == ["failed"])
        #expect(await service.hindrance() == "the journal cannot be written")
        #expect(service.text(of: exporter) == nil)
        #expect(world.store.commits == 0)
        await world.journal.fail(nil)
        #expect(await service.upload(importing, of: importer).codes == ["B-exporter-unknown", "U-binding"])
        #expect(await service.upload(exporting, of: exporter).codes == ["accepted"])
        #expect(await service.hindrance() == nil)
    }

    @Test func `what the store did not take is withdrawn`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (exporter, importer) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let exporting = try world.token(exporter, exports: [world.export("help")])
        let importing = try world.token(importer, imports: [world.import("help", from: exporter)])
        world.store.fail(StoreFault("the disk is full"))
        #expect(await service.upload(exporting, of: exporter).codes == ["failed"])
        #expect(await world.journal.outcomes == ["accepted", "withdrawn"])
        world.store.fail(nil)
        #expect(await service.upload(importing, of: importer).codes == ["B-exporter-unknown", "U-binding"])
        #expect(await service.upload(exporting, of: exporter).codes == ["accepted"])
        #expect(service.text(of: exporter) == exporting)
    }

    @Test func `a commit of which nobody knows what became is looked up before anything else`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        let token = try world.token(account)
        world.store.fail(StoreFault("no answer", isOutcomeUnknown: true))
        #expect(await service.upload(token, of: account).codes == ["failed"])
        #expect(await service.hindrance() != nil)
        world.store.fail(nil)
        let older = try world.token(account, age: 2_000)
        #expect(await service.upload(older, of: account).codes == ["U-stale"])
        #expect(service.text(of: account) == token)
    }

    @Test func `what another server stored first stands`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        let theirs = try world.token(account, age: 500)
        let made = try await world.store.base.commit([
            StoreChange(key: .account(account.publicKey), value: .token(theirs), expected: nil)
        ])
        #expect(made.count == 1)
        #expect(await service.upload(try world.token(account), of: account).codes == ["U-stale"])
        #expect(service.text(of: account) == theirs)
        #expect(await world.journal.outcomes == ["accepted", "withdrawn"])
        let newer = try world.token(account, age: 400)
        #expect(await service.upload(newer, of: account).codes == ["accepted"])
        #expect(service.text(of: account) == newer)
    }

    @Test func `what another server stores is served as it comes, and an old echo of our own changes nothing`()
        async throws
    {
        let world = try ServiceWorld()
        let service = try await world.service()
        let (ours, theirs) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        _ = await service.upload(try world.token(ours), of: ours)
        let echo = try #require(try await world.store.load().first)
        let newer = try world.token(ours, age: 500)
        _ = await service.upload(newer, of: ours)
        world.store.others.continuation.yield(echo)
        let token = try world.token(theirs)
        world.store.others.continuation.yield(
            StoredItem(
                key: .account(theirs.publicKey), value: .token(token), revision: StoreRevision(1_000_000)))
        // What comes later has been seen, so the echo has been too.
        while service.text(of: theirs) == nil { await Task.yield() }
        #expect(service.text(of: theirs) == token)
        #expect(service.text(of: ours) == newer)
    }

    // MARK: Starting

    @Test func `what the journal accepted last is stored at the start, and what was withdrawn is not`() async throws {
        let world = try ServiceWorld()
        let (lost, withdrawn) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let drafts = try [(lost, JournalEntry.Outcome.accepted), (withdrawn, .accepted), (withdrawn, .withdrawn)].map {
            JournalDraft(
                time: world.now, caller: "test", account: $0.0.publicKey.text, outcome: $0.1,
                token: try world.token($0.0))
        }
        _ = try await world.journal.append(drafts)
        let service = try await world.service()
        #expect(service.text(of: lost) == drafts[0].token)
        #expect(service.text(of: withdrawn) == nil)
        #expect(try await world.store.load().map(\.key) == [.account(lost.publicKey)])
    }

    @Test func `a stored token that was changed is not served, with or without its seal`() async throws {
        let bytes = [UInt8](repeating: 7, count: SealingKey.size)
        let key = SealingKey(bytes.span.bytes)
        let sealing = try #require(key)
        for isSealed in [false, true] {
            let world = try ServiceWorld()
            let accounts = try (0..<3).map { _ in try KeyPair.generate(.account) }
            let before = try await world.service(sealingKey: sealing)
            for account in accounts {
                #expect(await before.upload(try world.token(account), of: account).codes == ["accepted"])
            }
            // Whoever can write into the store puts a token there that no operator signed, under the seal of the old one.
            let item = try #require(try await world.store.load().first { $0.key == .account(accounts[0].publicKey) })
            guard case .token(let good) = item.value else { return }
            let forged = good.dropLast(4) + (good.hasSuffix("AAAA") ? "BBBB" : "AAAA")
            let outcome = try await world.store.base.commit([
                StoreChange(
                    key: item.key, value: .token(String(forged)), expected: item.revision,
                    seal: isSealed ? item.seal : [])
            ])
            #expect(outcome.count == 1)
            let service = try await world.service(sealingKey: sealing)
            #expect(service.text(of: accounts[0]) == nil)
            #expect(service.text(of: accounts[1]) != nil)
            #expect(service.text(of: accounts[2]) != nil)
        }
    }
}

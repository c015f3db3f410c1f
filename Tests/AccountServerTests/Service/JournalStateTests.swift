import NKeys
import Subjects
import Testing
import Trust

@testable import AccountServer

/// What is restored from a journal is what the service had stored.
@Suite struct JournalStateTests {
    private func values(_ items: [StoredItem]) -> [StoreKey: StoreValue] {
        items.reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    private func restored(_ journal: ListJournal) async throws -> [StoreKey: StoreValue] {
        var state = JournalState(verifier: TokenVerifier())
        for entry in await journal.entries { state.take(entry) }
        return try state.changes().reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    @Test func `replacements, deletions, withdrawals and activations come out as they are stored`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let accounts = try (0..<5).map { _ in try KeyPair.generate(.account) }
        for account in accounts {
            for age in [900, 800] as [Int64] {
                #expect(await service.upload(try world.token(account, age: age), of: account).codes == ["accepted"])
            }
        }
        let caller = Caller(address: "test")
        let deletion = Array(try world.deletion(of: [accounts[0], accounts[1]]).utf8)
        #expect(await service.delete(accounts[0].publicKey.text, by: deletion, caller: caller).codes == ["accepted"])
        // Deleted, and back with a newer token.
        world.now = world.now.advanced(by: 10)
        #expect(await service.upload(try world.token(accounts[1], age: 1), of: accounts[1]).codes == ["accepted"])
        let activation = try TokenSigner(accounts[2]).sign(
            ActivationClaims(
                common: CommonClaims(issuer: accounts[2].publicKey, subject: accounts[3].publicKey),
                subject: try SubjectPattern("help.*"), kind: .service), at: world.now.advanced(by: -5))
        #expect(await service.uploadActivation(Array(activation.text.utf8), by: caller).answer.codes == ["accepted"])
        // Refused, and withdrawn: neither counts.
        _ = await service.upload(try world.token(accounts[3], age: 5_000), of: accounts[3])
        world.store.fail(StoreFault("the disk is full"))
        #expect(await service.upload(try world.token(accounts[4], age: 1), of: accounts[4]).codes == ["failed"])
        let again = Array(try world.deletion(of: [accounts[2]]).utf8)
        #expect(await service.delete(accounts[2].publicKey.text, by: again, caller: caller).codes == ["failed"])
        world.store.fail(nil)
        let stored = values(try await world.store.load())
        #expect(stored.count == 6)
        #expect(try await restored(world.journal) == stored)
    }

    @Test func `an entry whose token is none of the account's, or is forged, is a fault`() async throws {
        let world = try ServiceWorld()
        let (account, other) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let token = try world.token(account)
        let parts = token.split(separator: ".")
        let foreign = try world.token(account, age: 1).split(separator: ".")[2]
        for (key, text) in [(other, token), (account, "\(parts[0]).\(parts[1]).\(foreign)"), (account, "")] {
            let journal = ListJournal()
            _ = try await journal.append([
                JournalDraft(
                    time: world.now, caller: "test", account: key.publicKey.text, outcome: .accepted, rules: [],
                    token: text)
            ])
            await #expect(throws: JournalState.Fault.self) { try await restored(journal) }
        }
    }
}

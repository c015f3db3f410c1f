import NKeys
import Testing
import Trust

@testable import AccountServer

/// Issued tokens among the uploads of a journal.
@Suite struct IssueRecordTests {
    private func draft(_ account: KeyPair, at now: UnixTime) -> JournalDraft {
        JournalDraft(
            time: now, caller: "10.0.0.7", account: account.publicKey.text, outcome: .issued, codes: [],
            token: "eyJ0.eyJi.")
    }

    @Test func `an entry is in the journal when the call returns, and a journal that fails says so`() async throws {
        let world = try ServiceWorld()
        let service = try await world.service()
        let account = try KeyPair.generate(.account)
        try await service.record(draft(account, at: world.now))
        let entries = try await world.journal.last(10)
        #expect(entries.map(\.outcome) == [.issued] && entries.map(\.token) == ["eyJ0.eyJi."])
        await world.journal.fail(JournalFault("full"))
        await #expect(throws: JournalFault.self) { try await service.record(draft(account, at: world.now)) }
    }

    @Test func `what was issued changes no account at the next start, however much of it there is`() async throws {
        let world = try ServiceWorld()
        let account = try KeyPair.generate(.account)
        let first = try await world.service()
        let token = try world.token(account)
        #expect(await first.upload(token, of: account).codes == ["accepted"])
        for _ in 0..<20 { try await first.record(draft(account, at: world.now)) }
        let again = try await world.service()
        #expect(again.text(of: account) == token)
        var state = JournalState(verifier: TokenVerifier())
        for entry in try await world.journal.last(100) { state.take(entry) }
        #expect(try state.changes().map(\.key) == [.account(account.publicKey)])
    }
}

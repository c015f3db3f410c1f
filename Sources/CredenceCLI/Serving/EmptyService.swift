import AccountServer
import NKeys
import Trust

/// A service that keeps nothing: what a configuration is checked with.
struct EmptyService: AccountServing {
    let operatorToken = ""

    func account(for key: PublicKey) -> KeptAccount? { nil }
    func accounts(atMost limit: Int) -> [KeptAccount] { [] }
    func activation(for hash: String) -> String? { nil }
    func upload(_ upload: Upload) async -> UploadAnswer { .failed }
    func uploadActivation(_ token: [UInt8], by caller: Caller) async -> (answer: UploadAnswer, hash: String?) {
        (.failed, nil)
    }
    func uploadOperator(_ token: [UInt8], by caller: Caller) async -> UploadAnswer { .failed }
    func delete(_ path: String, by token: [UInt8], caller: Caller) async -> UploadAnswer { .failed }
    func turnedAway(_ caller: Caller, path: String, by rule: Rule) async {}
    func record(_ draft: JournalDraft) async throws(JournalFault) { throw JournalFault("nothing is kept here") }
    func announce(_ account: KeptAccount) async throws(DistributionFault) {}
    func hindrance() async -> String? { "nothing is kept here" }
}

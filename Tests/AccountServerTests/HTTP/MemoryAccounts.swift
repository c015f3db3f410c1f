import AccountServer
import NKeys
import Synchronization
import Trust

/// Accounts in memory, behind the seam of the routes: it keeps whatever is not scripted to be refused, and writes down
/// who asked for what.
final class MemoryAccounts: AccountServing {
    struct Turned: Equatable {
        let caller: Caller
        let path: String
        let rule: Rule
    }

    struct State {
        var accounts: [PublicKey: KeptAccount] = [:]
        var operatorToken = TestTokens.token(#"{"jti":"OPERATOR","name":"op"}"#)
        var activations: [String: String] = [:]
        /// What uploads are answered, once each; then they are accepted.
        var answers: [UploadAnswer] = []
        var uploads: [Upload] = []
        var deletions: [String] = []
        var turned: [Turned] = []
        var announced: [PublicKey] = []
        var announceFault: DistributionFault?
        var recorded: [JournalDraft] = []
        var journalFault: JournalFault?
        var hindrance: String?
        /// How far an upload waits before it is answered.
        var gate: Gate?
    }

    let state = Mutex(State())

    /// Keeps a token without judging it.
    @discardableResult
    func keep(_ key: PublicKey, token: String, identifier: String = "JTI", expires: UnixTime? = nil) -> KeptAccount {
        let account = KeptAccount(key: key, token: Array(token.utf8), identifier: identifier, expires: expires)
        state.withLock { $0.accounts[key] = account }
        return account
    }

    func answer(_ answers: UploadAnswer...) { state.withLock { $0.answers += answers } }

    var uploads: [Upload] { state.withLock { $0.uploads } }
    var turned: [Turned] { state.withLock { $0.turned } }

    // MARK: The seam

    func account(for key: PublicKey) -> KeptAccount? { state.withLock { $0.accounts[key] } }

    func accounts(atMost limit: Int) -> [KeptAccount] {
        state.withLock { Array($0.accounts.values.sorted { $0.key < $1.key }.prefix(limit)) }
    }

    var operatorToken: String { state.withLock { $0.operatorToken } }

    func activation(for hash: String) -> String? { state.withLock { $0.activations[hash] } }

    func upload(_ upload: Upload) async -> UploadAnswer {
        let gate = state.withLock { state in
            state.uploads.append(upload)
            return state.gate
        }
        await gate?.pass()
        return state.withLock { state in
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            guard upload.purpose == .store, let key = try? PublicKey(upload.path, role: .account) else {
                return .accepted(.init())
            }
            state.accounts[key] = KeptAccount(key: key, token: upload.token, identifier: "NEW", expires: nil)
            return .accepted(.init())
        }
    }

    func uploadActivation(_ token: [UInt8], by caller: Caller) async -> (answer: UploadAnswer, hash: String?) {
        let hash = SHA256.base32(token)
        return state.withLock { state in
            if !state.answers.isEmpty { return (state.answers.removeFirst(), nil) }
            state.activations[hash] = String(decoding: token, as: UTF8.self)
            return (.accepted(.init()), hash)
        }
    }

    func uploadOperator(_ token: [UInt8], by caller: Caller) async -> UploadAnswer {
        state.withLock { state in
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            state.operatorToken = String(decoding: token, as: UTF8.self)
            return .accepted(.init())
        }
    }

    func delete(_ path: String, by token: [UInt8], caller: Caller) async -> UploadAnswer {
        state.withLock { state in
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            state.deletions.append(path)
            if let key = try? PublicKey(path, role: .account) { state.accounts[key] = nil }
            return .accepted(.init())
        }
    }

    func turnedAway(_ caller: Caller, path: String, by rule: Rule) async {
        state.withLock { $0.turned.append(Turned(caller: caller, path: path, rule: rule)) }
    }

    func record(_ draft: JournalDraft) async throws(JournalFault) {
        let fault = state.withLock { state in
            if state.journalFault == nil { state.recorded.append(draft) }
            return state.journalFault
        }
        if let fault { throw fault }
    }

    func announce(_ account: KeptAccount) async throws(DistributionFault) {
        let fault = state.withLock { state in
            state.announced.append(account.key)
            return state.announceFault
        }
        if let fault { throw fault }
    }

    func hindrance() async -> String? { state.withLock { $0.hindrance } }
}

/// Holds whoever passes until it is opened, and tells when somebody stands before it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let (isOpen, watchers) = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                defer { state.watchers = [] }
                return (state.isOpen, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if isOpen { continuation.resume() }
        }
    }

    /// Returns when somebody waits.
    func reached() async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if !state.waiting.isEmpty { return true }
                state.watchers.append(continuation)
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Texts that have the form of tokens. What they are worth is not for the routes to judge.
enum TestTokens {
    static func token(_ claims: String) -> String {
        let parts = [#"{"typ":"JWT","alg":"ed25519-nkey"}"#, claims].map {
            String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self)
        }
        return (parts + ["c2lnbmF0dXJl"]).joined(separator: ".")
    }

    static func key(_ role: KeyRole = .account) throws -> PublicKey { try KeyPair.generate(role).publicKey }
}

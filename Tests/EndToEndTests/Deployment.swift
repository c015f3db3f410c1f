import FolderStores
import Foundation
import NKeys
import SystemTimeZones
import Trust

/// An operator `OP` with its accounts and users, made by the command line in a folder of its own.
struct Deployment {
    let folder: TemporaryFolder
    private let store: FolderStore
    private let keystore: Keystore

    /// Makes the operator with its system account.
    init(_ options: String...) throws {
        folder = try TemporaryFolder()
        try Program.credenceSucceeds(["add", "operator", "--name", "OP", "--sys", "-H", folder.path] + options)
        store = try FolderStore(at: folder.path, operator: "OP")
        keystore = Keystore(at: folder.path)
    }

    func addAccount(_ name: String) throws {
        try Program.credenceSucceeds(["add", "account", "--name", name, "-H", folder.path])
    }

    /// Adds a user; where its creds are.
    @discardableResult
    func addUser(_ name: String, to account: String, _ options: String...) throws -> String {
        try Program.credenceSucceeds(
            ["add", "user", "--name", name, "--account", account, "-H", folder.path] + options)
        return creds(of: name, in: account)
    }

    func creds(of user: String, in account: String) -> String {
        "\(keystore.path)/creds/OP/\(account)/\(user).creds"
    }

    /// Writes the configuration of a server; where it is.
    func configuration() throws -> String {
        let path = folder.path("server.conf")
        try Program.credenceSucceeds(
            ["generate", "config", "--mem-resolver", "--config-file", path, "-H", folder.path])
        return path
    }

    // MARK: For those who do not ask the command line

    func operatorToken() throws -> String { String(decoding: try store.operatorToken(), as: UTF8.self) }

    func accountToken(_ name: String) throws -> String {
        String(decoding: try store.accountToken(named: name), as: UTF8.self)
    }

    func userToken(_ name: String, of account: String) throws -> String {
        String(decoding: try store.userToken(named: name, ofAccount: account), as: UTF8.self)
    }

    /// The keys of whom a token is about.
    func keys(ofSubjectOf token: String) throws -> KeyPair {
        guard let subject = try TokenText(token).payload["sub"] as? String,
            let pair = try keystore.keyPair(for: PublicKey(subject))
        else { throw Fault("the keystore lacks a seed") }
        return pair
    }

    /// Puts another token in an account's place.
    func replaceAccount(_ name: String, with token: String) throws {
        let writer = try StoreWriter(store, whenLocked: .wait)
        try writer.writeAccountToken(Array(token.utf8), named: name, .replace)
    }

    /// The library's view of the deployment at a time.
    func chain(at now: UnixTime) throws -> (chain: ChainVerifier, accounts: MemoryAccountResolver) {
        let verifier = TokenVerifier(zones: SystemZones())
        let verdict = verifier.verify(try operatorToken(), as: OperatorClaims.self, at: now)
        guard let anchor = verdict.proof else { throw Fault("the operator is refused: \(verdict.failures)") }
        let listing = try store.accounts()
        var accounts = MemoryAccountResolver()
        for index in 0..<listing.count {
            let token = try accountToken(listing.name(at: index))
            let claims = verifier.verify(token, as: AccountClaims.self, at: now)
            guard let subject = claims.proof?.subject else { throw Fault("an account is refused: \(claims.failures)") }
            accounts[subject] = .token(token)
        }
        return (ChainVerifier(anchors: TrustAnchors([anchor]), verifier: verifier), accounts)
    }
}

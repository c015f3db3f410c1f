import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// A user as a store has it.
struct StoredUser {
    let name: String
    let key: PublicKey
    let issuedAt: UnixTime?

    /// Nil when the token names no user.
    init?(_ name: String, _ token: [UInt8]) {
        let verifier = TokenVerifier(policy: .compatible, zones: SystemZones())
        let report = token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: WallClock.now()) }
        guard let common = (report.claims as? UserClaims)?.common else { return nil }
        self.name = name
        key = common.subject
        issuedAt = common.issuedAt
    }

    /// The users of an account that can be read.
    static func all(of account: String, in store: FolderStore) throws(CommandFailure) -> [StoredUser] {
        try read { () throws(StoreFault) in try store.userNames(ofAccount: account) }.compactMap { name in
            (try? store.userToken(named: name, ofAccount: account)).flatMap { StoredUser(name, $0) }
        }
    }
}

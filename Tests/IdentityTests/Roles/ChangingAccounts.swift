import Identity
import NKeys
import Synchronization
import Trust

/// Accounts of a world in which one account's token can be replaced.
final class ChangingAccounts: IssuingAccounts {
    let world: IssuingWorld
    let token: Mutex<VerifiedToken<AccountClaims>>

    init(_ world: IssuingWorld) {
        self.world = world
        token = Mutex(world.accountToken)
    }

    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? { token.withLock { $0 } }
    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { world.operatorToken }
}

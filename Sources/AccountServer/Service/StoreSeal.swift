import NKeys
import Trust

/// The mark beside a stored token that says that this server accepted it: made with a key that only the server has, so
/// that the signature of what it loads again need not be checked again. What bears no mark, or a wrong one, is checked.
struct StoreSeal: Sendable {
    let key: SealingKey

    func seal(_ token: [UInt8], of account: PublicKey) -> [UInt8] { key.mark(on: Self.message(token, account)) }

    func isSeal(_ seal: [UInt8], on token: [UInt8], of account: PublicKey) -> Bool {
        !seal.isEmpty && key.isMark(seal, on: Self.message(token, account))
    }

    /// The role keeps what is sealed here apart from anything else that the key may come to seal.
    private static func message(_ token: [UInt8], _ account: PublicKey) -> [UInt8] {
        Array("account ".utf8) + account.rawBytes + token
    }
}

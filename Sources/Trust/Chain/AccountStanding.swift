import NKeys

/// What the judgement of a user needs of its account, whether or not the account itself is accepted: a user of a
/// refused account is told its own faults too.
final class AccountStanding: Sendable {
    let claims: AccountClaims
    /// Whether the operator demands signing keys.
    let strictSigningKeys: Bool
    /// Where each signing key stands, when there are so many that looking through the list is slow.
    private let indices: [PublicKey: Int]?

    init(_ claims: AccountClaims, strictSigningKeys: Bool) {
        self.claims = claims
        self.strictSigningKeys = strictSigningKeys
        guard claims.signingKeys.count > 16 else {
            indices = nil
            return
        }
        let pairs = claims.signingKeys.enumerated().map { ($0.element.key, $0.offset) }
        indices = Dictionary(pairs) { first, _ in first }
    }

    var key: PublicKey { claims.common.subject }

    /// The index of a signing key; nil when the account lists none such.
    func signingKeyIndex(_ key: PublicKey) -> Int? {
        if let indices { return indices[key] }
        return claims.signingKeys.firstIndex { $0.key == key }
    }
}

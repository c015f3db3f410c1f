import NKeys
import Trust

/// A change of the signing keys that an owner lists.
enum SigningKeyChange {
    /// Puts a key before the one whose place it is to take; that of a role gets the same role and template.
    case add(PublicKey, beside: PublicKey)
    /// Takes a key away.
    case remove(PublicKey)

    func apply(to claims: inout OperatorClaims) {
        switch self {
        case .add(let new, let old):
            claims.signingKeys.insert(new, at: claims.signingKeys.firstIndex(of: old) ?? 0)
        case .remove(let key): claims.signingKeys.removeAll { $0 == key }
        }
    }

    func apply(to claims: inout AccountClaims) {
        switch self {
        case .add(let new, let old):
            let index = claims.signingKeys.firstIndex { $0.key == old } ?? 0
            guard case .scoped(var scope)? = claims.signingKey(old) else {
                return claims.signingKeys.insert(.plain(new), at: index)
            }
            scope.key = new
            claims.signingKeys.insert(.scoped(scope), at: index)
        case .remove(let key): claims.signingKeys.removeAll { $0.key == key }
        }
    }
}

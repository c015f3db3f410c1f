import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Whose signing key is rotated: the operator, or an account of the store.
enum RotatedOwner {
    case `operator`(VerifiedToken<OperatorClaims>)
    case account(name: String, VerifiedToken<AccountClaims>)

    /// The owner of a key that is, or was, one of its signing keys: whom the record names, or who lists it.
    init(of key: PublicKey, recorded rotation: Rotation?, in workspace: Workspace) throws(CommandFailure) {
        guard key.role == .account else {
            self = .operator(try workspace.operatorToken())
            return
        }
        let listing = try read { () throws(StoreFault) in try workspace.store.accounts() }
        let verifier = TokenVerifier(zones: SystemZones())
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            guard let text = try? workspace.store.accountToken(named: name),
                let token = text.withUnsafeBufferPointer({
                    verifier.verify(utf8: $0, as: AccountClaims.self, at: workspace.now)
                }).proof
            else { continue }
            let isOwner = token.subject == key || token.claims.signingKey(key) != nil
            if rotation?.owner == token.subject || (rotation == nil && isOwner) {
                self = .account(name: name, token)
                return
            }
        }
        throw CommandFailure(
            .noInput, "no account of the store has the signing key `\(key.text)`",
            hint: "`credence list keys` shows what keys there are")
    }

    /// The owner's identity key.
    var key: PublicKey {
        switch self {
        case .operator(let token): token.subject
        case .account(_, let token): token.subject
        }
    }

    /// The owner's signing keys.
    var signingKeys: [PublicKey] {
        switch self {
        case .operator(let token): token.claims.signingKeys
        case .account(_, let token): token.claims.signingKeys.map(\.key)
        }
    }

    /// What it is called in a line of text.
    var description: String {
        switch self {
        case .operator(let token): "operator \(Files.quoted(token.claims.common.name))"
        case .account(let name, _): "account \(Files.quoted(name))"
        }
    }

    /// The key that is to go: the only one, or the one that is named, by itself or by the role of an account's key.
    ///
    /// - Parameter coming: the new keys of rotations that are under way, which nothing but their own text means.
    func signingKey(_ text: String?, coming: Set<PublicKey>) throws(CommandFailure) -> PublicKey {
        guard let text else {
            let keys = signingKeys.filter { !coming.contains($0) }
            if keys.count == 1 { return keys[0] }
            throw CommandFailure(
                .usage, "\(description) has \(keys.isEmpty ? "no" : "several") signing keys",
                hint: keys.isEmpty
                    ? "identity keys are not rotated: they are what everything else names"
                    : "name one with --key; `credence list keys` shows them")
        }
        let role: KeyRole
        var scopes: [UserScope] = []
        switch self {
        case .operator: role = .operator
        case .account(_, let token):
            role = .account
            scopes = token.claims.signingKeys.compactMap(\.scope).filter { !coming.contains($0.key) }
        }
        try KeyArgument.refuseSeed(text, flag: "--key")
        if let scope = scopes.first(where: { !text.isEmpty && $0.role == text }) { return scope.key }
        let key = try KeyArgument.publicKey(text, role: role, flag: "--key")
        guard key != self.key else {
            throw CommandFailure(
                .no, "`\(key.text)` is the identity key of \(description), which is never rotated",
                hint:
                    "it is the name by which servers, imports and signing keys know the owner; keep it away from where "
                    + "tokens are signed, and rotate signing keys")
        }
        return key
    }
}

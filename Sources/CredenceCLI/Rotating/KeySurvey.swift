import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Looks through a store, its keystore and configurations for what hangs on a signing key.
struct KeySurvey {
    let workspace: Workspace
    let owner: RotatedOwner
    /// The key.
    let key: PublicKey
    /// Configurations of services that may sign with the key.
    var configurations: [String] = []

    /// What is found, and what cannot be seen from here.
    struct Findings {
        var dependents: [KeyDependent] = []
        var unseen: [String] = []

        var hanging: [KeyDependent] { dependents.filter(\.isHanging) }
        var ended: [KeyDependent] { dependents.filter { !$0.isHanging } }
    }

    private var verifier: TokenVerifier { TokenVerifier(policy: .compatible, zones: SystemZones()) }

    /// Reads every token that the key may have signed. Linear in the store.
    func findings() throws(CommandFailure) -> Findings {
        var findings = Findings()
        switch owner {
        case .operator: try look(atAccountsInto: &findings)
        case .account(let name, let token):
            try look(atUsersOf: name, token.claims, into: &findings)
            try look(atCredsOf: name, token.claims, into: &findings)
            try look(atImportsFrom: token.claims, into: &findings)
        }
        for file in configurations { try look(atConfiguration: file, into: &findings) }
        findings.unseen += unseen
        return findings
    }

    /// What a token says, accepted or not; nil when it says nothing readable of that type.
    func claims<Claims: TokenClaims>(of token: [UInt8], as: Claims.Type = Claims.self) -> Claims? {
        token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: workspace.now) }.claims as? Claims
    }

    /// The accounts of the store and what they say; what cannot be read or is no account's is passed over.
    func forEachAccount(
        _ body: (_ name: String, AccountClaims) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let listing = try read { () throws(StoreFault) in try workspace.store.accounts() }
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            guard let token = try? workspace.store.accountToken(named: name),
                let claims = claims(of: token, as: AccountClaims.self)
            else { continue }
            try body(name, claims)
        }
    }

    // MARK: An operator's key

    private func look(atAccountsInto findings: inout Findings) throws(CommandFailure) {
        try forEachAccount { (name, claims) throws(CommandFailure) in
            guard claims.common.issuer == key else { return }
            findings.dependents.append(
                KeyDependent(
                    kind: .account, name: name, place: "accounts/\(name)/\(name).jwt", subject: claims.common.subject,
                    state: state(of: claims.common, revoked: nil)))
        }
    }

    // MARK: An account's key

    private func look(
        atUsersOf account: String, _ owner: AccountClaims, into findings: inout Findings
    ) throws(CommandFailure) {
        let callout = Set(owner.authorization?.users ?? [])
        var seen: Set<PublicKey> = []
        for name in try read({ () throws(StoreFault) in try workspace.store.userNames(ofAccount: account) }) {
            guard let token = try? workspace.store.userToken(named: name, ofAccount: account),
                let claims = claims(of: token, as: UserClaims.self)
            else { continue }
            seen.insert(claims.common.subject)
            guard claims.common.issuer == key else { continue }
            var dependent = KeyDependent(
                kind: .user, name: name, account: account, place: "accounts/\(account)/users/\(name).jwt",
                subject: claims.common.subject, state: state(of: claims.common, revoked: owner.revocations))
            if callout.contains(claims.common.subject) {
                dependent.remark = "the callout service connects as this user (`authorization.auth_users`)"
            }
            findings.dependents.append(dependent)
        }
        for user in owner.authorization?.users ?? [] where !seen.contains(user) {
            findings.unseen.append(
                "the token of `\(user.text)`, as whom the callout service connects (`authorization.auth_users`)")
        }
    }

    private func look(
        atCredsOf account: String, _ owner: AccountClaims, into findings: inout Findings
    ) throws(CommandFailure) {
        let (keystore, name) = (workspace.keystore, workspace.operatorName)
        for user in try read({ () throws(StoreFault) in try keystore.credsNames(account: account, operator: name) }) {
            guard let creds = try? keystore.creds(user: user, account: account, operator: name),
                let file = Keystore.credsFile(user: user, account: account, operator: name),
                let claims = claims(of: creds.token, as: UserClaims.self), claims.common.issuer == key
            else { continue }
            findings.dependents.append(
                KeyDependent(
                    kind: .creds, name: user, account: account, place: file, subject: claims.common.subject,
                    state: state(of: claims.common, revoked: owner.revocations)))
        }
    }

    private func look(
        atImportsFrom owner: AccountClaims, into findings: inout Findings
    ) throws(CommandFailure) {
        try forEachAccount { (name, importer) throws(CommandFailure) in
            for (index, item) in importer.imports.enumerated() where item.account == owner.common.subject {
                guard let token = item.token,
                    let activation = claims(of: Array(token.utf8), as: ActivationClaims.self),
                    activation.common.issuer == key
                else { continue }
                let exports = owner.exports.filter {
                    $0.kind == activation.kind && $0.subject.contains(activation.subject)
                }
                let revocations = exports.map(\.revocations).first {
                    $0.time(covering: importer.common.subject, issuedAt: activation.common.issuedAt) != nil
                }
                findings.dependents.append(
                    KeyDependent(
                        kind: .activation, name: item.exporterSubject.text, account: name,
                        place: "accounts/\(name)/\(name).jwt imports[\(index)].token",
                        subject: importer.common.subject, state: state(of: activation.common, revoked: revocations)))
            }
        }
    }

    private func state(of common: CommonClaims, revoked: Revocations?) -> KeyDependent.State {
        if let expires = common.expires, expires <= workspace.now { return .ended("it expired at \(expires)") }
        if let time = revoked?.time(covering: common.subject, issuedAt: common.issuedAt) {
            return .ended("it is revoked, up to \(time)")
        }
        return .hanging
    }
}

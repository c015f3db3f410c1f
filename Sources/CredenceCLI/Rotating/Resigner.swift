import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Signs with the new key of a rotation what the old one signed: the same claims, later. What is revoked or expired is
/// left as it is: a new token of it would count again.
struct Resigner {
    let workspace: Workspace
    /// What signs importers' accounts.
    let signing: Signing
    let rotation: Rotation
    /// The new key.
    let pair: KeyPair

    /// What was signed, and what was not, with the reason, by its place.
    struct Result {
        var done: [String] = []
        var left: [String: String] = [:]
    }

    private var signer: TokenSigner { TokenSigner(pair, zones: SystemZones()) }

    /// Signs everything again that the owner's old key signed and that is within reach.
    ///
    /// - Throws: when a file cannot be read or written. What a rule refuses to sign is among what is left.
    func signAgain(_ owner: RotatedOwner, with writer: StoreWriter) throws -> Result {
        var result = Result()
        let findings = try KeySurvey(workspace: workspace, owner: owner, key: rotation.old).findings()
        switch owner {
        case .operator: try signAccounts(findings.hanging, writer, &result)
        case .account(let name, _):
            try signUsers(findings.hanging, of: name, writer, &result)
            try writeCreds(findings.hanging, of: name, &result)
            try signActivations(findings.hanging, of: name, writer, &result)
        }
        return result
    }

    private func signAccounts(
        _ dependents: [KeyDependent], _ writer: StoreWriter, _ result: inout Result
    ) throws {
        let `operator` = try workspace.operatorToken()
        for dependent in dependents where dependent.kind == .account {
            let what = "account \(Files.quoted(dependent.name))"
            let token = try attempt(dependent, &result) {
                let old = try workspace.accountToken(dependent.name)
                return try signedWhenPossible(what) { (now) throws(SigningError) in
                    try signer.sign(old.claims, under: `operator`, replacing: old.claims.common.issuedAt, at: now)
                }
            }
            guard let token else { continue }
            try read { () throws(StoreFault) in
                try writer.writeAccountToken(Array(token.text.utf8), named: dependent.name, .replace)
            }
            result.done.append("signed \(what) again")
        }
    }

    // MARK: What an account signed

    private func signUsers(
        _ dependents: [KeyDependent], of account: String, _ writer: StoreWriter, _ result: inout Result
    ) throws {
        let users = dependents.filter { $0.kind == .user }
        guard !users.isEmpty else { return }
        let `operator` = try workspace.operatorToken()
        let owner = try workspace.accountToken(account)
        let trusted = try workspace.trustedAccount(account, under: `operator`)
        for dependent in users {
            let what = "user \(Files.quoted(dependent.name))"
            let token = try attempt(dependent, &result) {
                let text = try read { () throws(StoreFault) in
                    try workspace.store.userToken(named: dependent.name, ofAccount: account)
                }
                let old: VerifiedToken<UserClaims> = try workspace.verified(text, what)
                let new = try signedWhenPossible(what) { (now) throws(SigningError) in
                    try signer.sign(
                        old.claims, for: owner, under: `operator`, replacing: old.claims.common.issuedAt, at: now)
                }
                try workspace.judge(new, of: trusted, under: `operator`)
                return new
            }
            guard let token else { continue }
            try read { () throws(StoreFault) in
                try writer.writeUserToken(Array(token.text.utf8), named: dependent.name, ofAccount: account, .replace)
            }
            result.done.append("signed \(what) of account \(Files.quoted(account)) again")
        }
    }

    /// Puts the tokens of the store into creds that hold one of the old key. The seed stays: the user's key is the same.
    private func writeCreds(_ dependents: [KeyDependent], of account: String, _ result: inout Result) throws {
        let (keystore, name) = (workspace.keystore, workspace.operatorName)
        let survey = KeySurvey(workspace: workspace, owner: .operator(try workspace.operatorToken()), key: rotation.old)
        for dependent in dependents where dependent.kind == .creds {
            let creds = try read { () throws(StoreFault) in
                try keystore.creds(user: dependent.name, account: account, operator: name)
            }
            guard let creds else { continue }
            guard let token = try? workspace.store.userToken(named: dependent.name, ofAccount: account),
                let claims = survey.claims(of: token, as: UserClaims.self),
                claims.common.subject == dependent.subject
            else {
                result.left[dependent.place] = "the store has no user of this key: delete the file, or revoke the user"
                continue
            }
            guard claims.common.issuer != rotation.old else {
                result.left[dependent.place] = "its user is not signed again"
                continue
            }
            let file = try read { () throws(StoreFault) in
                try keystore.writeCreds(
                    token: token, seed: creds.seed, user: dependent.name, account: account, operator: name, .replace)
            }
            result.done.append("wrote creds \(Printable.line("\(keystore.path)/\(file)"))")
        }
    }

    /// Signs activations again, and the accounts of the store that hold them.
    private func signActivations(
        _ dependents: [KeyDependent], of account: String, _ writer: StoreWriter, _ result: inout Result
    ) throws {
        let activations = dependents.filter { $0.kind == .activation }
        guard !activations.isEmpty else { return }
        let `operator` = try workspace.operatorToken()
        let owner = try workspace.accountToken(account)
        for importer in Set(activations.compactMap(\.account)).sorted() {
            let places = activations.filter { $0.account == importer }
            let editor = AccountEditor(workspace: workspace, signing: signing, name: importer)
            do {
                _ = try editor.edit(with: writer) { draft in
                    for index in draft.claims.imports.indices {
                        let place = "accounts/\(importer)/\(importer).jwt imports[\(index)].token"
                        guard let dependent = places.first(where: { $0.place == place }),
                            let token = draft.claims.imports[index].token
                        else { continue }
                        let new = try attempt(dependent, &result) { try signed(token, by: owner, `operator`) }
                        guard let new else { continue }
                        draft.claims.imports[index].token = new
                        result.done.append(
                            "signed the activation of `\(dependent.name)` in account \(Files.quoted(importer)) again")
                    }
                    guard draft.claims != draft.before else { throw Unchanged() }
                    return ""
                }
            } catch is Unchanged {
                continue
            } catch {
                guard let why = Self.refusal(error) else { throw error }
                for dependent in places { result.left[dependent.place] = why }
            }
        }
    }

    private struct Unchanged: Error {}

    private func signed(
        _ activation: String, by owner: VerifiedToken<AccountClaims>, _ operator: VerifiedToken<OperatorClaims>
    ) throws -> String {
        let old: VerifiedToken<ActivationClaims> = try workspace.verified(Array(activation.utf8), "the activation")
        return try signedWhenPossible("the activation of `\(old.claims.subject.text)`") { (now) throws(SigningError) in
            try signer.sign(
                old.claims, exportedBy: owner, under: `operator`, replacing: old.claims.common.issuedAt, at: now)
        }.text
    }

    // MARK: What is left

    /// Does something that rules may refuse; then it is left, with the reason.
    private func attempt<R>(_ dependent: KeyDependent, _ result: inout Result, _ body: () throws -> R) throws -> R? {
        do {
            return try body()
        } catch {
            guard let why = Self.refusal(error) else { throw error }
            result.left[dependent.place] = why
            return nil
        }
    }

    /// What a rule, or a missing seed, has against it; nil for what is no such thing.
    private static func refusal(_ error: any Error) -> String? {
        let failure = (error as? CommandFailure) ?? (error as? RefusedToken)?.failure
        guard let failure, failure.status != .inputOutput, failure.status != .internalError else { return nil }
        return failure.what
    }
}

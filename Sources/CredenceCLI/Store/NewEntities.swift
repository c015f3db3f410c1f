import FolderStores
import NKeys
import Trust

/// Adds accounts and users to a store: signs, keeps the seeds, writes tokens and creds, and says what it did.
struct NewEntities {
    let workspace: Workspace
    let signing: Signing

    /// A key for something new: a pair that was made, or a public key whose seed is elsewhere.
    enum Key {
        case pair(KeyPair)
        case publicKey(PublicKey)

        /// The key that `--public-key` gives, or a new one of the role where it gives none.
        init(given text: String?, role: KeyRole) throws(CommandFailure) {
            if let text {
                self = .publicKey(try KeyArgument.publicKey(text, role: role, flag: "--public-key"))
            } else {
                self = .pair(try Keys.generate(role))
            }
        }

        var publicKey: PublicKey {
            switch self {
            case .pair(let pair): pair.publicKey
            case .publicKey(let key): key
            }
        }

        var pair: KeyPair? {
            if case .pair(let pair) = self { pair } else { nil }
        }
    }

    /// Adds an account. The seeds of `signingKeys` are kept too.
    func add(
        _ claims: AccountClaims, name: String, key: Key, signingKeys: [KeyPair]
    ) throws -> VerifiedToken<AccountClaims> {
        try workspace.changing { writer in
            // Read under the lock: what is signed fits what is there.
            let `operator` = try workspace.operatorToken()
            let signer = try signing.signer(for: `operator`)
            let token = try signed("account \(Files.quoted(name))") { () throws(SigningError) in
                try signer.sign(claims, under: `operator`, at: workspace.now)
            }
            try refuseExisting("accounts/\(name)") { () throws(StoreFault) in
                _ = try writer.store.accountToken(named: name)
            }
            try keep([key.pair].compactMap { $0 } + signingKeys)
            try writer.writeAccountToken(Array(token.text.utf8), named: name, .create)
            try StandardOutput.write("added account \(name) \(token.subject.text)\n")
            for pair in signingKeys { try StandardOutput.write("added signing key \(pair.publicKey.text)\n") }
            return token
        }
    }

    /// Adds a user of an account, with creds where its seed is here.
    func add(_ claims: UserClaims, name: String, key: Key, account: String) throws {
        try workspace.changing { writer in
            let `operator` = try workspace.operatorToken()
            let owner = try workspace.accountToken(account)
            let trusted = try workspace.trustedAccount(account, under: `operator`)
            let signer = try signing.signer(for: owner, under: `operator`)
            let token = try signed("user \(Files.quoted(name))") { () throws(SigningError) in
                try signer.sign(claims, for: owner, under: `operator`, at: workspace.now)
            }
            try workspace.judge(token, of: trusted, under: `operator`)
            try refuseExisting("accounts/\(account)/users/\(name).jwt") { () throws(StoreFault) in
                _ = try writer.store.userToken(named: name, ofAccount: account)
            }
            try keep([key.pair].compactMap { $0 })
            let text = Array(token.text.utf8)
            try writer.writeUserToken(text, named: name, ofAccount: account, .create)
            try StandardOutput.write("added user \(name) \(token.subject.text) to account \(account)\n")
            guard let pair = key.pair else { return }
            let creds = try workspace.keystore.writeCreds(
                token: text, seed: pair.seed, user: name, account: account, operator: workspace.operatorName,
                .createOrReplace)
            try StandardOutput.write("wrote creds \(Printable.line("\(workspace.keystore.path)/\(creds)"))\n")
        }
    }

    /// Adds the system account SYS under its key, with the user sys.
    func addSystemAccount(_ pair: KeyPair) throws {
        let name = "SYS"
        var claims = AccountClaims.system(subject: pair.publicKey, name: name)
        let signingKey = try workspace.operatorToken().claims.strictSigningKeys ? try Keys.generate(.account) : nil
        if let signingKey { claims.signingKeys = [.plain(signingKey.publicKey)] }
        _ = try add(claims, name: name, key: .pair(pair), signingKeys: [signingKey].compactMap { $0 })
        let user = try Keys.generate(.user)
        try add(UserClaims(subject: user.publicKey, name: "sys"), name: "sys", key: .pair(user), account: name)
    }

    private func keep(_ pairs: [KeyPair]) throws(CommandFailure) {
        for pair in pairs { try read { () throws(StoreFault) in try workspace.keystore.add(pair) } }
    }

    /// Before seeds are kept: what is there stays, and nothing is left behind.
    private func refuseExisting(_ path: String, _ look: () throws(StoreFault) -> Void) throws(CommandFailure) {
        do {
            try look()
        } catch {
            return
        }
        throw CommandFailure(StoreFault(path: path, kind: .exists))
    }
}

/// Signs, and says what stands against it.
func signed<R>(_ what: String, _ body: () throws(SigningError) -> R) throws(CommandFailure) -> R {
    do {
        return try body()
    } catch {
        throw CommandFailure(error, what: what)
    }
}

import NKeys
import Trust

/// Writes the tokens of operators, accounts and users: those that are good in every world.
struct TokenWriting {
    let company: Company
    let times: WorldDraft.Times

    func operatorToken() throws(KeyUseError) -> String {
        let pair = company.operator
        return try token(of: pair.publicKey.text, "replay operator", by: pair, expires: nil) {
            $0.member("type", "operator")
            $0.member("system_account", company.system.publicKey.text)
        }
    }

    func strictOperatorToken() throws(KeyUseError) -> String {
        let pair = company.strictOperator
        return try token(of: pair.publicKey.text, "replay strict operator", by: pair, expires: nil) {
            $0.member("type", "operator")
            $0.member("signing_keys", [company.strictOperatorSigner.publicKey.text])
            $0.member("strict_signing_key_usage", true)
        }
    }

    /// An account that neither exports nor imports.
    func accountToken(_ pair: KeyPair, _ name: String) throws(KeyUseError) -> String {
        try account(pair, name, isStrict: false, issued: times.accountsIssued) { _ in }
    }

    func exporterToken(
        _ draft: WorldDraft, _ cast: Cast, issued: Int64, _ name: String
    ) throws(KeyUseError) -> String {
        try account(cast.exporter, name, isStrict: draft.isStrict, issued: issued) { json in
            json.list("exports") { list in
                list.object {
                    $0.member("name", "export")
                    $0.member("subject", draft.exportSubject)
                    $0.member("type", draft.exportKind.rawValue)
                    if draft.tokenRequired { $0.member("token_req", true) }
                    if draft.position > 0 { $0.member("account_token_position", draft.position) }
                    if !draft.revocations.isEmpty {
                        $0.object("revocations") { json in
                            for revocation in draft.revocations { json.member(revocation.subject, revocation.time) }
                        }
                    }
                }
            }
            json.list("signing_keys") { list in
                list.string(cast.exporterSigner.publicKey.text)
                list.object {
                    $0.member("kind", "user_scope")
                    $0.member("key", cast.exporterScoped.publicKey.text)
                    $0.member("role", "one")
                    $0.object("template") { $0.unlimited() }
                }
            }
        }
    }

    func importerToken(
        _ draft: WorldDraft, _ cast: Cast, activation: String?, _ name: String
    ) throws(KeyUseError) -> String {
        try account(cast.importer, name, isStrict: draft.isStrict, issued: draft.accountsIssued) { json in
            json.list("imports") { list in
                list.object {
                    $0.member("name", "import")
                    $0.member("subject", draft.importSubject)
                    $0.member("account", draft.exporterNamed.text)
                    if let activation { $0.member("token", activation) }
                    $0.member("type", draft.importKind.rawValue)
                }
            }
            json.member("signing_keys", [cast.importerSigner.publicKey.text])
        }
    }

    /// The one user as a member of an account, by the account's signing key.
    func userToken(of account: PublicKey, by signer: KeyPair, _ name: String) throws(KeyUseError) -> String {
        try token(of: company.user.publicKey.text, name, by: signer, expires: times.until) {
            $0.member("issuer_account", account.text)
            $0.unlimited()
            $0.member("type", "user")
        }
    }

    private func account(
        _ pair: KeyPair, _ name: String, isStrict: Bool, issued: Int64, _ content: (inout JSONWriter) -> Void
    ) throws(KeyUseError) -> String {
        let signer = isStrict ? company.strictOperatorSigner : company.operator
        return try token(of: pair.publicKey.text, name, by: signer, issued: issued, expires: times.until) { json in
            content(&json)
            json.object("limits") {
                $0.unlimited()
                for name in ["imports", "exports", "conn", "leaf"] { $0.member(name, -1) }
                $0.member("wildcards", true)
            }
            json.member("type", "account")
        }
    }

    private func token(
        of subject: String, _ name: String, by signer: KeyPair, issued: Int64? = nil, expires: Int64?,
        _ content: (inout JSONWriter) -> Void
    ) throws(KeyUseError) -> String {
        var json = JSONWriter(escapes: .tokens)
        json.object {
            if let expires { $0.member("exp", expires) }
            $0.member("jti", name)
            $0.member("iat", issued ?? times.accountsIssued)
            $0.member("iss", signer.publicKey.text)
            $0.member("name", name)
            $0.member("sub", subject)
            $0.object("nats") {
                content(&$0)
                $0.member("version", 2)
            }
        }
        return try TokenForgery.token(json.bytes, by: signer)
    }
}

extension JSONWriter {
    /// The limits of users, and of the users of accounts, all open.
    fileprivate mutating func unlimited() {
        for name in ["subs", "data", "payload"] { member(name, -1) }
    }
}

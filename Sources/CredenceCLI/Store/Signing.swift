import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// Finds the key to sign with: the one that is named, or the best one that is here.
struct Signing {
    let keystore: Keystore
    /// `-K`: the role `operator` or `account`, the role of a scoped signing key, a public key, or a file with a seed.
    let choice: String?
    /// Keys that are on their way out: they sign where nothing else can.
    var retiring: Set<PublicKey> = []

    init(keystore: Keystore, choice: String?) {
        (self.keystore, self.choice) = (keystore, choice)
    }

    /// The keys of a workspace. What is signed now is not to be signed again: keys that are on their way out go last.
    init(_ workspace: Workspace, choice: String?) throws(CommandFailure) {
        self.init(keystore: workspace.keystore, choice: choice)
        retiring = try RotationRecord(of: workspace.store).retiring
    }

    private func stayingFirst<Key>(_ keys: [Key], _ key: (Key) -> PublicKey) -> [Key] {
        keys.filter { !retiring.contains(key($0)) } + keys.filter { retiring.contains(key($0)) }
    }

    /// A signer of the operator's own token: its identity key.
    func identity(of token: VerifiedToken<OperatorClaims>) throws(CommandFailure) -> TokenSigner {
        guard let choice, choice != "operator" else { return signer(try stored(token.subject)) }
        let pair = try named(choice, role: .operator)
        guard pair.publicKey == token.subject else {
            throw CommandFailure(
                .badInput, "-K: the operator's identity key `\(token.subject.text)` is needed, and this is another",
                hint: "an operator's token is signed by its identity key alone")
        }
        return signer(pair)
    }

    /// A signer of accounts. Without a choice a signing key goes before the identity key, which is better kept away.
    func signer(for token: VerifiedToken<OperatorClaims>) throws(CommandFailure) -> TokenSigner {
        let claims = token.claims
        if let choice {
            if choice == "operator" { return signer(try stored(token.subject)) }
            return signer(try named(choice, role: .operator))
        }
        for key in stayingFirst(claims.signingKeys, \.self) {
            if let pair = try read({ () throws(StoreFault) in try keystore.keyPair(for: key) }) { return signer(pair) }
        }
        if claims.strictSigningKeys {
            throw missing("a signing key of the operator, which demands one", "the seed of a signing key")
        }
        return signer(try stored(token.subject))
    }

    /// A signer of users. Without a choice a signing key without a role goes before the identity key.
    func signer(
        for account: VerifiedToken<AccountClaims>, under operator: VerifiedToken<OperatorClaims>
    ) throws(CommandFailure) -> TokenSigner {
        let claims = account.claims
        if let choice {
            if choice == "account" { return signer(try stored(account.subject)) }
            let scope = stayingFirst(claims.signingKeys, \.key).first {
                $0.scope.map { $0.role == choice && !choice.isEmpty } ?? false
            }
            if let scope { return signer(try stored(scope.key)) }
            return signer(try named(choice, role: .account))
        }
        for key in stayingFirst(claims.signingKeys, \.key) where key.scope == nil {
            if let pair = try read({ () throws(StoreFault) in try keystore.keyPair(for: key.key) }) {
                return signer(pair)
            }
        }
        if `operator`.claims.strictSigningKeys {
            let has = claims.signingKeys.contains { $0.scope == nil }
            throw CommandFailure(
                .no,
                "the operator demands signing keys, and "
                    + (has ? "the seed of none of the account's is in the keystore" : "the account has none"),
                hint: has
                    ? "add the seed to the keystore, or name a file that holds it with -K"
                    : "make the account with `credence add account --generate-signing-key`, or add a signing key to it")
        }
        return signer(try stored(account.subject))
    }

    private func signer(_ pair: KeyPair) -> TokenSigner { TokenSigner(pair, zones: SystemZones()) }

    private func named(_ choice: String, role: KeyRole) throws(CommandFailure) -> KeyPair {
        try KeyArgument.refuseSeed(choice, flag: "-K")
        if let key = try? PublicKey(choice) {
            guard key.role == role else { throw wrongRole("-K", expected: role, found: key.role) }
            return try stored(key)
        }
        return try KeyArgument.pair(inFile: choice, role: role, flag: "-K")
    }

    private func stored(_ key: PublicKey) throws(CommandFailure) -> KeyPair {
        if let pair = try read({ () throws(StoreFault) in try keystore.keyPair(for: key) }) { return pair }
        throw missing("the seed of `\(key.text)`", "it")
    }

    private func missing(_ what: String, _ it: String) -> CommandFailure {
        CommandFailure(
            .noInput, "\(what) is not in the keystore \(Files.quoted(keystore.path))",
            hint: "name another keystore with --keystore, or a file that holds \(it) with -K")
    }

    private func wrongRole(_ flag: String, expected: KeyRole, found: KeyRole) -> CommandFailure {
        CommandFailure(
            .badInput, "\(flag): the key of the role `\(expected.name)` is needed, and this is one of `\(found.name)`")
    }
}

extension CommandFailure {
    /// Why a token was not signed: every rule that it breaks.
    init(_ error: SigningError, what: String) {
        switch error {
        case .refused(let refusal): self.init(refusal, what: "\(what) is not signed")
        default: self.init(.no, "\(what) is not signed: \(error)")
        }
    }

    /// Why something is refused: every rule that stands against it.
    init(_ refusal: Refusal, what: String) {
        let findings = refusal.failures.map { Printable.finding($0) }.joined(separator: "; ")
        self.init(.no, "\(what): \(findings)", hint: Self.hint(for: refusal))
    }

    private static func hint(for refusal: Refusal) -> String {
        switch refusal.failures.first?.rule {
        case .userSigner: "sign with a signing key of the account: -K and its public key, its role, or a file"
        case .accountSigner: "sign with a signing key of the operator: -K and its public key or a file"
        case .userScope: "the role gives the permissions: leave them out, or sign with another key"
        case .userBearer: "the account refuses bearers: leave --bearer out"
        case .templateValue: "a role puts names and tags into subjects: choose one without dots, blanks and wildcards"
        case .template: "the role's template needs a tag that this user lacks: give it with --tag"
        case .tokenContent, .localSubject, .accountLimits:
            "`credence describe account` shows what there is, with the numbers that places have"
        case .activationMissing:
            "the export is private: its owner makes a token with `credence generate activation`; give it with --token"
        case .activationInvalid: "--token takes a file with an activation, or `-`; nothing is fetched from elsewhere"
        case .activationImporter: "the token is another account's: ask the exporter for one for this account"
        case .activationExporter: "sign with the exporter's own key or a signing key of it"
        case .activationScopedSigner: "a role signs users alone: sign with -K and a signing key without a role"
        case .activationSubject: "import exactly the subject that the token names"
        case .activationExportSubject, .exportMissing:
            "`credence describe account` shows what is exported; --service says that a service is meant"
        case .activationKind: "say --service for a service, and leave it out for a stream"
        case .activationRevoked: "`credence revocations delete-activation` takes the revocation back"
        case .accountPosition: "the importer's own key stands at that place of the subject"
        default: "`credence validate` shows everything that is wrong"
        }
    }
}

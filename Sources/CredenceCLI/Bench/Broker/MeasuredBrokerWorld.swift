import NKeys
import Subjects
import Trust

/// An operator with two accounts to measure brokers with: users with twelve permission rules, and a private service that
/// one account exports and the other imports.
struct MeasuredBrokerWorld {
    /// How the subjects of works begin.
    static let prefix = "load"
    /// Where the service is asked for in the importing account.
    static let requestSubject = "load.request.echo"
    /// Where it is exported.
    static let serviceSubject = "service.echo"

    /// The configuration of a server that knows the accounts.
    let configuration: ServerConfig
    /// The user that publishes, subscribes and asks.
    let user: SecretBytes
    /// The user that answers.
    let responder: SecretBytes

    /// Makes keys and tokens.
    init(at now: UnixTime) throws {
        let keys = try Keys.generate(.operator)
        let (system, app, service) = (
            try Keys.generate(.account), try Keys.generate(.account), try Keys.generate(.account)
        )
        var claims = OperatorClaims(subject: keys.publicKey, name: "MEASURED")
        claims.systemAccount = system.publicKey
        let signer = TokenSigner(keys)
        let operatorToken = try signer.sign(claims, at: now)

        let systemToken = try signer.sign(
            AccountClaims.system(subject: system.publicKey), under: operatorToken, at: now)
        var exporter = AccountClaims(subject: service.publicKey, name: "SERVICE")
        var export = Export.service(try SubjectPattern(Self.serviceSubject))
        export.tokenRequired = true
        exporter.exports = [export]
        let exporterToken = try signer.sign(exporter, under: operatorToken, at: now)

        let activation = ActivationClaims(importer: app.publicKey, subject: export.subject, kind: .service)
        var item = Import(subject: export.subject, account: service.publicKey, kind: .service, name: "echo")
        item.localSubject = Self.requestSubject
        item.token = try TokenSigner(service).sign(
            activation, exportedBy: exporterToken, under: operatorToken, at: now
        ).text
        var importer = AccountClaims(subject: app.publicKey, name: "APP")
        importer.imports = [item]
        let importerToken = try signer.sign(importer, under: operatorToken, at: now)

        user = try Self.creds("app", app, importerToken, operatorToken, at: now)
        responder = try Self.creds("service", service, exporterToken, operatorToken, at: now)
        var configuration = ServerConfig(operator: operatorToken)
        let chain = ChainVerifier(anchors: TrustAnchors([operatorToken]), verifier: TokenVerifier())
        for token in [systemToken, importerToken, exporterToken] {
            switch chain.account(token.text, for: token.subject, at: now) {
            case .accepted(let account, _): configuration.accounts.append(account)
            case .refused(let refusal): throw CommandFailure(refusal, what: "an account")
            }
        }
        self.configuration = configuration
    }

    private static func creds(
        _ name: String, _ account: KeyPair, _ token: VerifiedToken<AccountClaims>,
        _ operatorToken: VerifiedToken<OperatorClaims>, at now: UnixTime
    ) throws -> SecretBytes {
        let keys = try Keys.generate(.user)
        var claims = UserClaims(subject: keys.publicKey, name: name)
        claims.permissions = try rules()
        let user = try TokenSigner(account).sign(claims, for: token, under: operatorToken, at: now)
        return try CredentialsFile.render(token: Array(user.text.utf8), seed: keys.seed)
    }

    /// Twelve rules: what the works need, and a few that they never meet.
    private static func rules() throws -> PermissionClaims {
        func entries(_ texts: [String], in place: PermissionEntry.Place) throws -> [PermissionEntry] {
            try texts.map { try PermissionEntry($0, in: place) }
        }
        var claims = PermissionClaims()
        claims.publishAllow = try entries(
            ["load.publish.*", "load.pair.*", "load.fan.*", "load.request.>", "_R_.>"], in: .publish)
        claims.publishDeny = try entries(["load.*.secret", "load.publish.private.>"], in: .publish)
        claims.subscribeAllow = try entries(["load.>", "service.*", "_INBOX.>"], in: .subscribe)
        claims.subscribeDeny = try entries(["load.*.secret", "service.private"], in: .subscribe)
        return claims
    }
}

import Foundation
import NKeys
import RealServers
import Subjects
import Trust

/// An operator with an account `CAL` that asks a service who its clients are, and an account `APP` that they come to; a server
/// over them, an OpenID provider, and what the service is told.
final class CalloutWorld {
    enum Sealing { case sealed, unsealed }

    /// What serves clients.
    enum Server {
        case real(RealServer)
        case broker(BrokerProcess)

        var url: String {
            get throws {
                switch self {
                case .real(let server): server.url
                case .broker(let broker): try broker.url
                }
            }
        }

        var log: String {
            switch self {
            case .real(let server): server.logText
            case .broker(let broker): broker.log.text
            }
        }
    }

    let folder: TemporaryFolder
    let provider: OpenIDProvider
    let server: Server
    let account: KeyPair
    let app: KeyPair
    let plain: KeyPair
    let scoped: KeyPair
    private let sentinelKeys: KeyPair

    /// - Parameters:
    ///   - onBroker: our broker in place of the real server.
    ///   - patience: how many seconds the server gives a client, and whoever judges it. Few where the test is of a server
    ///     that gives up; a machine that does much besides may need many.
    init(_ sealing: Sealing = .sealed, onBroker: Bool = false, patience: Int = 60) throws {
        let now = UnixTime(Int64(Date().timeIntervalSince1970)) ?? .zero
        let folder = try TemporaryFolder()
        self.folder = folder
        provider = try OpenIDProvider()
        let (operatorKeys, system) = (try KeyPair.generate(.operator), try KeyPair.generate(.account))
        let (account, app) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        (self.account, self.app) = (account, app)
        (plain, scoped) = (try KeyPair.generate(.account), try KeyPair.generate(.account))
        let (service, glass, curve) = (
            try KeyPair.generate(.user), try KeyPair.generate(.user), try KeyPair.generate(.curve)
        )
        sentinelKeys = try KeyPair.generate(.user)

        var claims = OperatorClaims(subject: operatorKeys.publicKey, name: "OP")
        claims.systemAccount = system.publicKey
        let `operator` = try TokenSigner(operatorKeys).sign(claims, at: now)
        var asking = AccountClaims(subject: account.publicKey, name: "CAL")
        var authorization = ExternalAuthorization()
        authorization.users = [service.publicKey, glass.publicKey]
        authorization.accounts = [app.publicKey]
        if sealing == .sealed { authorization.sealingKey = curve.publicKey }
        asking.authorization = authorization
        var target = AccountClaims(subject: app.publicKey, name: "APP")
        var scope = UserScope(key: scoped.publicKey)
        scope.permissions.publishAllow = ["team.{{tag(team)}}.>", "$SYS.REQ.USER.INFO"]
        scope.permissions.subscribeAllow = ["team.{{tag(team)}}.>", "_INBOX.>"]
        target.signingKeys = [.plain(plain.publicKey), .scoped(scope)]
        var preload = ""
        try FileManager.default.createDirectory(atPath: folder.path("jwt"), withIntermediateDirectories: true)
        for claims in [AccountClaims.system(subject: system.publicKey), asking, target] {
            let token = try TokenSigner(operatorKeys).sign(claims, under: `operator`, at: now)
            preload += "  \(token.subject): \(token.text)\n"
            try folder.write(token.text, to: "jwt/\(token.subject).jwt")
        }
        try folder.write(`operator`.text, to: "operator.jwt")
        try folder.write(
            """
            operator: \(`operator`.text)
            system_account: \(system.publicKey)
            resolver: MEMORY
            resolver_preload: {
            \(preload)}
            authorization { timeout: \(patience) }
            """, to: "server.conf")
        func creds(_ keys: KeyPair, _ name: String, _ change: (inout UserClaims) throws -> Void = { _ in }) throws {
            var user = UserClaims(subject: keys.publicKey, name: name)
            try change(&user)
            let token = try TokenSigner(account).sign(user, at: now)
            try CredentialsFile.render(token: Array(token.text.utf8), seed: keys.seed).withUnsafeBytes { bytes in
                try Data(bytes).write(to: URL(fileURLWithPath: folder.path("\(name).creds")))
            }
            try folder.write(token.text, to: "\(name).jwt")
        }
        try creds(service, "service")
        try creds(glass, "glass")
        try creds(sentinelKeys, "sentinel") { user in
            user.limits.bearer = true
            user.permissions.publishDeny = [try PermissionEntry(">", in: .publish)]
            user.permissions.subscribeDeny = [try PermissionEntry(">", in: .subscribe)]
        }
        for (name, keys) in [("account", account), ("plain", plain), ("scoped", scoped), ("curve", curve)] {
            try Self.writeSeed(keys, to: folder.path("\(name).nk"))
        }
        server =
            onBroker
            ? .broker(try BrokerProcess(configuration: folder.path("server.conf")))
            : .real(try RealServer(configuration: folder.path("server.conf")))
        (self.sealing, self.patience) = (sealing, patience)
    }

    private let sealing: Sealing
    private let patience: Int

    static func writeSeed(_ keys: KeyPair, to path: String) throws {
        let text = keys.seed.withUnsafeText { String(decoding: $0, as: UTF8.self) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Writes the configuration of the service; where it is.
    ///
    /// - Parameters:
    ///   - issuer: members of the issuer beside the usual ones.
    ///   - callout: members of `callout` beside the usual ones.
    @discardableResult
    func configure(issuer: [String: Any] = [:], callout: [String: Any] = [:]) throws -> String {
        var service: [String: Any] = [
            "account": account.publicKey.text, "server": try server.url, "creds": "service.creds",
            "operator": "operator.jwt", "accounts": "jwt", "time_limit": patience * 900,
        ]
        if sealing == .sealed { service["xkey"] = "curve.nk" }
        let usual: [String: Any] = [
            "issuer": provider.issuer, "audiences": ["credence"], "algorithms": ["ES256", "RS256", "EdDSA"],
            "keys": ["url": "\(provider.issuer)/jwks"],
        ]
        let configuration: [String: Any] = [
            "names": ["cluster"],
            "issuers": [usual.merging(issuer) { $1 }],
            "signing_keys": ["account.nk", "plain.nk", "scoped.nk"],
            "roles": [
                [
                    "name": "team", "issuer": provider.issuer, "claims": ["groups": ["teams"]],
                    "account": app.publicKey.text, "signing_key": scoped.publicKey.text, "tags": ["team:{{team}}"],
                ],
                [
                    "name": "reader", "issuer": provider.issuer, "claims": ["groups": ["readers"]],
                    "account": app.publicKey.text, "signing_key": plain.publicKey.text,
                    "permissions": ["pub": ["deny": [">"]], "sub": ["allow": ["orders.>"]]],
                ],
            ],
            "callout": service.merging(callout) { $1 },
        ]
        try JSONSerialization.data(withJSONObject: configuration).write(
            to: URL(fileURLWithPath: folder.path("identity.json")))
        return folder.path("identity.json")
    }

    /// A token of the provider for a member of a team.
    func teamToken(_ claims: [String: Any] = [:], by algorithm: String = "ES256") throws -> String {
        try provider.mint(
            algorithm, claims: ["groups": ["teams"], "team": "blue", "sub": "alice"].merging(claims) { $1 })
    }

    /// Logs in with the sentinel and a token.
    func login(_ token: String?, as member: String = "auth_token") throws -> CalloutClient {
        var options: [String: Any] = ["jwt": try folder.text("sentinel.jwt")]
        options[member] = token
        return try CalloutClient(url: server.url, options)
    }

    /// Logs in with a user's own creds, beside which the service is not asked.
    func breakGlass() throws -> CalloutClient {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("glass.creds")))
        let file = try bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in try CredentialsFile(parsing: bytes) }
        return try CalloutClient(url: server.url, as: file)
    }
}

import NKeys
import Subjects
import Trust

@testable import Broker

/// A broker's core, without a network and with a clock that the test moves; its accounts are changed by signing their
/// claims anew.
final class MachineWorld {
    let host = ManualHost()
    let core: BrokerCore
    let operatorKeys: KeyPair
    let systemKeys: KeyPair
    let settings: BrokerSettings
    private let services = SystemServices()
    private(set) var claims: [PublicKey: AccountClaims] = [:]

    init(
        _ settings: (inout BrokerSettings) -> Void = { _ in }, operator edit: (inout OperatorClaims) -> Void = { _ in }
    ) throws {
        operatorKeys = try KeyPair.generate(.operator)
        systemKeys = try KeyPair.generate(.account)
        var claims = OperatorClaims(subject: operatorKeys.publicKey, name: "OP")
        claims.systemAccount = systemKeys.publicKey
        edit(&claims)
        let token = try TokenSigner(operatorKeys).sign(claims, at: host.now)
        var own = BrokerSettings(trust: BrokerTrust(operators: [token]))
        settings(&own)
        self.settings = own
        core = BrokerCore(own, identity: try BrokerIdentity(), host: host)
        host.guest = core
        services.install(in: core)
        core.observer = SystemEvents(services)
        core.callout = AuthorizationService()
        try set(AccountClaims.system(subject: systemKeys.publicKey))
        core.start()
        host.run()
    }

    // MARK: Accounts

    /// Signs an account's claims, and lets the broker know.
    func set(_ claims: AccountClaims) throws {
        self.claims[claims.common.subject] = claims
        let token = try TokenSigner(operatorKeys).sign(claims, at: host.now).text
        give(token, for: claims.common.subject)
    }

    func give(_ token: String, for account: PublicKey) {
        host.tokens[account] = token
        core.changed(.token(token, of: account))
        host.run()
    }

    /// A new account under a new key.
    func account(_ name: String, _ edit: (inout AccountClaims) throws -> Void = { _ in }) throws -> KeyPair {
        let keys = try KeyPair.generate(.account)
        var claims = AccountClaims(subject: keys.publicKey, name: name)
        try edit(&claims)
        try set(claims)
        return keys
    }

    /// Changes an account's claims, and lets the broker know.
    func edit(_ account: KeyPair, _ change: (inout AccountClaims) throws -> Void) throws {
        guard var claims = claims[account.publicKey] else { return }
        try change(&claims)
        try set(claims)
    }

    func delete(_ account: KeyPair) {
        host.tokens[account.publicKey] = nil
        claims[account.publicKey] = nil
        core.changed(.deleted(account.publicKey))
        host.run()
    }

    /// The token by which `exporter` lets `importer` import something.
    func activation(
        _ subject: String, _ kind: ExportKind, from exporter: KeyPair, for importer: KeyPair, expires: UnixTime? = nil
    ) throws -> String {
        var claims = ActivationClaims(
            importer: importer.publicKey, subject: try SubjectPattern(subject), kind: kind)
        claims.common.expires = expires
        return try TokenSigner(exporter).sign(claims, at: host.now).text
    }

    // MARK: Users

    /// A user and its keys.
    struct User {
        let keys: KeyPair
        let token: String
    }

    func user(
        of account: KeyPair, signedBy signer: KeyPair? = nil, _ edit: (inout UserClaims) throws -> Void = { _ in }
    ) throws -> User {
        let keys = try KeyPair.generate(.user)
        var claims = UserClaims(
            common: CommonClaims(issuer: account.publicKey, subject: keys.publicKey, name: "user"))
        if signer != nil { claims.issuerAccount = account.publicKey }
        try edit(&claims)
        return User(keys: keys, token: try TokenSigner(signer ?? account).sign(claims, at: host.now).text)
    }

    /// A connection on which nothing has been said.
    func open(from address: String = "127.0.0.1") -> MachineClient { MachineClient(in: self, from: address) }

    /// A new user of an account, connected.
    func client(
        of account: KeyPair, options: String = "", _ edit: (inout UserClaims) throws -> Void = { _ in }
    ) throws -> MachineClient {
        let client = open()
        try client.connect(as: try user(of: account, edit), options: options)
        return client
    }
}

extension PermissionClaims {
    /// Permissions of these lists; nil for none.
    init(
        publish: [String]? = nil, denyPublish: [String] = [], subscribe: [String]? = nil, denySubscribe: [String] = []
    ) throws {
        self.init()
        publishAllow = try publish?.map { try PermissionEntry($0, in: .publish) }
        publishDeny = denyPublish.isEmpty ? nil : try denyPublish.map { try PermissionEntry($0, in: .publish) }
        subscribeAllow = try subscribe?.map { try PermissionEntry($0, in: .subscribe) }
        subscribeDeny = denySubscribe.isEmpty ? nil : try denySubscribe.map { try PermissionEntry($0, in: .subscribe) }
    }
}

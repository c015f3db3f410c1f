import Broker
import Glibc
import Logging
import NATSClient
import NKeys
import Subjects
import Synchronization
import Trust

/// An operator with accounts, and a broker that serves them: made afresh, signed by the library itself.
final class BrokerWorld: Sendable {
    let operatorKeys: KeyPair
    let systemKeys: KeyPair
    let accounts = PreloadedAccounts()
    let operatorToken: VerifiedToken<OperatorClaims>
    private let tokens = Mutex<[PublicKey: String]>([:])

    /// - Parameter edit: changes the operator's claims before they are signed.
    init(_ edit: (inout OperatorClaims) -> Void = { _ in }) throws {
        operatorKeys = try KeyPair.generate(.operator)
        systemKeys = try KeyPair.generate(.account)
        var claims = OperatorClaims(subject: operatorKeys.publicKey, name: "OP")
        claims.systemAccount = systemKeys.publicKey
        edit(&claims)
        operatorToken = try TokenSigner(operatorKeys).sign(claims, at: Self.now)
        try set(AccountClaims.system(subject: systemKeys.publicKey))
    }

    struct Fault: Error { let text: String }

    static var now: UnixTime { UnixTime(Int64(time(nil))) ?? .zero }

    /// Signs an account's claims and gives them to the broker.
    @discardableResult
    func set(_ claims: AccountClaims) throws -> String {
        let token = try TokenSigner(operatorKeys).sign(claims, at: Self.now).text
        accounts.set(token, for: claims.common.subject)
        tokens.withLock { $0[claims.common.subject] = token }
        return token
    }

    /// The token of an account, as it was set last.
    func token(of account: PublicKey) -> String? { tokens.withLock { $0[account] } }

    /// A new account under a new key.
    func account(_ name: String, _ edit: (inout AccountClaims) throws -> Void = { _ in }) throws -> KeyPair {
        let keys = try KeyPair.generate(.account)
        var claims = AccountClaims(subject: keys.publicKey, name: name)
        try edit(&claims)
        try set(claims)
        return keys
    }

    /// Creds of a new user.
    func user(
        of account: KeyPair, signedBy signer: KeyPair? = nil, _ edit: (inout UserClaims) throws -> Void = { _ in }
    ) throws -> CredentialsFile {
        let keys = try KeyPair.generate(.user)
        var claims = UserClaims(
            common: CommonClaims(
                issuer: account.publicKey, subject: keys.publicKey, name: "user"))
        if signer != nil { claims.issuerAccount = account.publicKey }
        try edit(&claims)
        let token = try TokenSigner(signer ?? account).sign(claims, at: Self.now).text
        return try CredentialsFile(parsing: try CredentialsFile.render(token: Array(token.utf8), seed: keys.seed))
    }

    /// A broker on a port of loopback that the system chooses, started.
    func broker(_ edit: (inout BrokerSettings) -> Void = { _ in }) async throws -> MessageBroker {
        var settings = BrokerSettings(trust: BrokerTrust(operators: [operatorToken]))
        settings.host = "127.0.0.1"
        settings.port = 0
        // Beside a thousand other tests a client is slow. What the limits do is a matter of the tests that set them.
        (settings.times.authentication, settings.times.handshake) = (.seconds(600), .seconds(600))
        edit(&settings)
        let broker = try MessageBroker(
            settings, authority: accounts, logger: Logger(label: "broker") { _ in SwiftLogNoOpLogHandler() })
        try await broker.start()
        return broker
    }

    /// A client of a broker.
    func connect(_ creds: CredentialsFile, to broker: MessageBroker) async throws -> NATSConnection {
        guard let port = broker.port else { throw Fault(text: "the broker does not listen") }
        var settings = ConnectionSettings(
            servers: [try ServerAddress("nats://127.0.0.1:\(port)")], credentials: .fixed(creds))
        settings.connectTimeout = .seconds(600)
        return try await NATSConnection.connect(settings)
    }
}

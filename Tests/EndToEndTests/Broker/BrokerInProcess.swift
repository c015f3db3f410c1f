import Broker
import Foundation
import Logging
import NKeys
import Synchronization
import SystemTimeZones
import Trust

/// The product's broker within this process. Interim.
final class BrokerInProcess: Sendable {
    let port: Int
    private let broker: MessageBroker

    init(configuration path: String) throws {
        let now = UnixTime(Int64(Date().timeIntervalSince1970))!
        let read = try BrokerConfiguration.read(
            path, environment: [:], verifier: TokenVerifier(zones: SystemZones()), at: now,
            files: { path throws(ConfigurationFault) in
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw ConfigurationFault("no such file", at: ConfigurationPlace(file: path, line: 1))
                }
                return Array(data)
            })
        var settings = read.settings
        settings.host = "127.0.0.1"
        settings.port = 0
        let accounts = InterimAccounts(Dictionary(read.preload.map { ($0.key, $0.token) }, uniquingKeysWith: { $1 }))
        let broker = try MessageBroker(
            settings, authority: accounts, logger: Logger(label: "broker") { _ in SwiftLogNoOpLogHandler() })
        self.broker = broker
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<String?>(nil)
        Task {
            do { try await broker.start() } catch { result.withLock { $0 = "\(error)" } }
            done.signal()
        }
        done.wait()
        if let fault = result.withLock({ $0 }) { throw Fault(fault) }
        guard let port = broker.port else { throw Fault("no port") }
        self.port = port
    }

    deinit {
        let broker = broker
        let done = DispatchSemaphore(value: 0)
        Task {
            await broker.stop()
            done.signal()
        }
        _ = done.wait(timeout: .now() + 10)
    }
}

final class InterimAccounts: AccountAuthority {
    let kept: PreloadedAccounts
    init(_ tokens: [PublicKey: String]) { kept = PreloadedAccounts(tokens) }
    var services: Set<ClaimsService> { [.updateOfAccount, .update] }
    func token(of account: PublicKey) async throws(AccountResolverError) -> String? {
        try await kept.token(of: account)
    }
    func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer {
        guard let account else { return .failed("interim") }
        kept.set(String(decoding: token, as: UTF8.self), for: account)
        return .accepted(message: "jwt updated", accounts: [account])
    }
    func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer { .failed("interim") }
    func accounts() async -> [PublicKey] { await kept.accounts() }
    func changes() -> AsyncStream<AccountChange> { kept.changes() }
}

import Broker
import Logging
import NKeys
import Trust

/// Serves the accounts of one operator on loopback.
func serve(
    operatorToken: String, accounts: [PublicKey: String], at now: UnixTime
) async throws -> MessageBroker? {
    let verdict = TokenVerifier().verify(operatorToken, as: OperatorClaims.self, at: now)
    guard let trusted = verdict.proof else { return nil }
    var settings = BrokerSettings(trust: BrokerTrust(operators: [trusted]))
    (settings.host, settings.port) = ("127.0.0.1", 0)
    let broker = try MessageBroker(
        settings, authority: PreloadedAccounts(accounts), logger: Logger(label: "broker"))
    try await broker.start()
    return broker
}

import Broker
import NATSClient
import Testing
import Trust

/// The broker as a verifier with names of its own.
@Suite struct AudienceTests {
    private static let cases: [(String?, Policy.AudienceDemand, Bool)] = [
        ("orders", .required, true), ("billing", .required, false), (nil, .required, false),
        ("orders", .optional, true), ("billing", .optional, false), (nil, .optional, true),
    ]

    @Test(arguments: cases)
    func `a user is let in whose audience is this broker`(
        audience: String?, demand: Policy.AudienceDemand, isLetIn: Bool
    ) async throws {
        let world = try BrokerWorld()
        let account = try world.account("APP")
        let broker = try await world.broker { settings in
            settings.trust.verifier.policy.audiences = ["orders", "other"]
            settings.trust.verifier.policy.audienceDemand = demand
        }
        let creds = try world.user(of: account) { $0.common.audience = audience }
        if isLetIn {
            try await world.connect(creds, to: broker).close()
        } else {
            await #expect(throws: NATSFault.refused(.authorization)) { try await world.connect(creds, to: broker) }
        }
        await broker.stop()
    }
}

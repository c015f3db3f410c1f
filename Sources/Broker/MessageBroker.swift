import Logging
import NKeys
import Trust

/// A broker: real clients of the field connect with their creds, every publish and subscription is decided by compiled
/// permissions, and messages cross accounts only through imports in force.
public final class MessageBroker: Sendable {
    /// Why a broker does not start, or a reload changes nothing.
    public struct StartFault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case: what is wrong and where.
        public let description: String
        /// What to do about it, where there is something to say.
        public let hint: String?

        /// A fault.
        public init(_ description: String, hint: String? = nil) { (self.description, self.hint) = (description, hint) }
    }

    /// A broker that has not started.
    public init(_ settings: BrokerSettings, authority: any AccountAuthority, logger: Logger) throws(StartFault) {
        (self.settings, self.authority, self.logger) = (settings, authority, logger)
    }

    private let settings: BrokerSettings
    private let authority: any AccountAuthority
    private let logger: Logger

    /// Opens the ports, and serves until `stop` or the end of a lame duck.
    ///
    /// - Throws: `StartFault`: a port in use, certificates that cannot be read, a system account that does not resolve.
    public func start() async throws(StartFault) {}

    /// The port that clients reach; nil before the start.
    public var port: Int? { nil }

    /// The port of monitoring; nil before the start, and where there is none.
    public var monitoringPort: Int? { nil }

    /// Takes new settings without a restart: operators, accounts, certificates, limits, times. Who is connected and no
    /// longer fits is sent away. The ports stay.
    public func reload(_ settings: BrokerSettings) async throws(StartFault) {}

    /// Stops listening, tells every client to go elsewhere, waits the grace period, and ends the rest one by one.
    public func drain() async {}

    /// Ends every connection, when what was to be sent is sent.
    public func stop() async {}
}

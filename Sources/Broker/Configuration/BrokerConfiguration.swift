import NKeys
import Trust

/// What a broker is told by a configuration file: the operator-mode part of a `nats-server` configuration.
///
///     let configuration = try BrokerConfiguration.read(
///         "server.conf", environment: [:], verifier: TokenVerifier(), at: now, files: readFile)
///     for warning in configuration.warnings { print(warning) }
///     let broker = try MessageBroker(configuration.settings, authority: authority, logger: logger)
///
/// Docs/Broker.md lists the keys. Nothing that is not known passes in silence, no configuration lets anybody in without
/// a user token, and the operators' tokens are judged by every T rule, their expiry included.
public struct BrokerConfiguration: Sendable {
    /// How the broker serves.
    public var settings: BrokerSettings
    /// Where accounts come from.
    public var resolver: ResolverConfiguration
    /// `resolver_preload`: tokens that the resolver starts with, in the order of the file.
    public var preload: [PreloadedAccount]
    /// What is written to the log, and where.
    public var logging: LoggingConfiguration
    /// `pid_file`.
    public var processFile: String?
    /// What the file says that has no effect, or not the one that might be expected.
    public var warnings: [ConfigurationFault]

    /// A token that a resolver starts with.
    public struct PreloadedAccount: Hashable, Sendable {
        /// The account.
        public let key: PublicKey
        /// Its token, which names this account.
        public let token: String
        /// Where it stands.
        public let place: ConfigurationPlace
    }

    /// What is written to the log, and where.
    public struct LoggingConfiguration: Hashable, Sendable {
        /// How much is written.
        public enum Detail: Hashable, Sendable {
            case standard
            /// `debug`.
            case debug
            /// `trace`.
            case trace
        }

        /// `debug`, `trace`.
        public var detail = Detail.standard
        /// `log_file`; nil for standard error.
        public var file: String?
    }

    /// Reads a configuration file and the operators' tokens that it names.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - environment: what variables may stand for.
    ///   - verifier: judges the operators' and preloaded tokens; it is what the settings hold then.
    ///   - now: the moment of judgement.
    ///   - files: reads a file: this one, those that it includes, the operators'.
    /// - Throws: everything that is wrong, or what keeps the file from being read at all.
    public static func read(
        _ path: String, environment: [String: String], verifier: TokenVerifier, at now: UnixTime,
        files: ConfigurationFiles
    ) throws(ConfigurationRefusal) -> BrokerConfiguration {
        let entries: [ConfigurationEntry]
        do throws(ConfigurationFault) {
            entries = try ConfigurationReader.read(path, environment: environment, files: files)
        } catch {
            throw ConfigurationRefusal(error)
        }
        let findings = ConfigurationFindings()
        var top = ConfigurationSection(entries, findings)
        var trust = TrustReading(verifier: verifier, now: now, file: path)
        let settings = withoutActuallyEscaping(files) { files in
            BrokerSettings(trust: trust.read(&top, files: files))
        }
        var configuration = BrokerConfiguration(
            settings: settings, resolver: .memory, preload: [], logging: LoggingConfiguration(), warnings: [])
        ServingReading.read(&top, into: &configuration)
        ResolverReading.read(&top, trust, into: &configuration)
        top.finish(ConfigurationRemarks.top)
        if let first = findings.faults.first {
            throw ConfigurationRefusal(first, Array(findings.faults.dropFirst()))
        }
        configuration.warnings = findings.warnings
        return configuration
    }
}

import AccountServer
import Glibc
import Identity
import Logging
import Metrics
import NATSClient
import NKeys
import SystemTimeZones
import Trust
import UnixSignals

/// Puts an authorization service together and runs it until it is told to end.
struct CalloutRun {
    let path: String
    var logLevel: Logger.Level?
    var logFormat = AccountServerConfiguration.LogFormat.text

    /// Everything that one reading of the configuration made.
    private struct Parts {
        let callout: CalloutConfiguration
        let judge: CalloutJudge
        let accounts: StoredAccounts?
    }

    /// Reads everything that is configured, without connecting.
    func check() async throws(CommandFailure) {
        let parts = try self.parts(Logger(label: "credence.callout") { _ in SwiftLogNoOpLogHandler() })
        await parts.accounts?.close()
        _ = try Self.connection(parts.callout)
    }

    /// Runs until SIGTERM or SIGINT: then no more questions are heard, and those that were are answered. SIGHUP has the
    /// configuration, its keys and its folder of accounts read again; what is wrong then changes nothing.
    func run() async throws {
        let (level, format) = (logLevel ?? .info, logFormat)
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
        MetricsSystem.bootstrap(PrometheusRegistry())
        let logger = Logger(label: "credence.callout")
        let parts = try self.parts(logger)
        let settings = try Self.connection(parts.callout)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let connection: NATSConnection
        do throws(NATSFault) {
            connection = try await NATSConnection.connect(settings, logger: Logger(label: "credence.nats"))
        } catch {
            throw CommandFailure(.inputOutput, "the servers cannot be reached: \(error)")
        }
        let service = CalloutService(
            parts.judge, concurrency: parts.callout.concurrency, clock: { WallClock.now() }, logger: logger)
        let listening = Task { await listen(to: signals, service, parts, logger) }
        do throws(NATSFault) {
            try await service.run(on: connection, queue: parts.callout.queue) {
                logger.notice("ready", metadata: ["account": "\(parts.callout.account)"])
            }
        } catch {
            listening.cancel()
            throw CommandFailure(.inputOutput, "the service ended: \(error)")
        }
        await connection.drain()
        listening.cancel()
        await (listening.value ?? parts.accounts)?.close()
        logger.notice("ended")
    }

    /// Does what signals say until it is to end; the accounts that are in use then.
    private func listen(
        to signals: UnixSignalsSequence, _ service: CalloutService, _ first: Parts, _ logger: Logger
    ) async -> StoredAccounts? {
        var current = first
        for await signal in signals {
            guard signal == .sighup else {
                logger.notice("draining")
                service.stop()
                return current.accounts
            }
            do throws(CommandFailure) {
                let new = try parts(logger, inPlaceOf: current)
                try Self.refuseAnotherConnection(new.callout, in: current.callout)
                service.replace(new.judge, concurrency: new.callout.concurrency)
                // Judgements that are under way end by themselves, and refuse what they can no longer ask.
                await current.accounts?.close()
                current = new
                logger.notice("the configuration was read again")
            } catch {
                logger.error("the configuration is not taken over", metadata: ["fault": "\(error.what)"])
            }
        }
        return current.accounts
    }

    private static func refuseAnotherConnection(
        _ new: CalloutConfiguration, in old: CalloutConfiguration
    ) throws(CommandFailure) {
        guard new.servers == old.servers, new.login == old.login, new.authorities == old.authorities,
            new.queue == old.queue
        else { throw CommandFailure(.usage, "servers, creds or the queue are others, which needs a restart") }
    }

    // MARK: Parts

    private func parts(_ logger: Logger, inPlaceOf previous: Parts? = nil) throws(CommandFailure) -> Parts {
        let file = try IdentityFile(path)
        let configuration = file.configuration
        guard let callout = configuration.callout else {
            throw CommandFailure(.badInput, "\(Files.quoted(path)) has no `callout`", hint: "see Docs/Identity.md")
        }
        guard let signer = file.signers.first(where: { $0.key == callout.signingKey }) else {
            throw CommandFailure(
                .badInput, "callout.signing_key: the seed of `\(callout.signingKey)` is none of `signing_keys`",
                hint: "answers are signed by the account's key, or by one of its signing keys without a role")
        }
        let accounts: StoredAccounts?
        if let operatorFile = callout.operatorFile, let place = callout.accounts {
            accounts = try StoredAccounts(
                operatorFile: operatorFile, accounts: place, authorities: callout.authorities, logger: logger)
        } else {
            accounts = nil
        }
        let known = Set(file.signers.map(\.key))
        for role in configuration.roles.roles where !known.contains(role.signingKey) {
            logger.warning(
                "a role's signing key is not among `signing_keys`, so that it refuses everybody",
                metadata: ["role": "\(role.name)"])
        }
        var settings = CalloutSettings(
            account: callout.account, signer: signer,
            verifier: ForeignTokenVerifier(
                configuration.issuers, inPlaceOf: previous?.judge.settings.verifier, logger: logger),
            roles: configuration.roles, issuer: UserIssuer(file.signers, accounts: accounts ?? NoAccounts()),
            accounts: accounts)
        settings.sealing = try callout.sealingKey.map { (file) throws(CommandFailure) in
            try IdentityFile.pair(file, role: .curve, member: "callout.xkey")
        }
        settings.unsealed = callout.unsealed
        settings.knownServers = callout.knownServers
        settings.audience = callout.audience
        settings.maximumLifetime = configuration.maximumLifetime
        settings.userTokenNames = callout.userTokens == .checked ? callout.names : nil
        settings.reasons = callout.reasons
        settings.timeLimit = .milliseconds(callout.timeLimit)
        return Parts(callout: callout, judge: CalloutJudge(settings), accounts: accounts)
    }

    private static func connection(_ callout: CalloutConfiguration) throws(CommandFailure) -> ConnectionSettings {
        do throws(NATSFault) {
            let creds: String? = if case .creds(let path) = callout.login { path } else { nil }
            var settings = try ServerCluster.settings(
                servers: callout.servers, as: creds, authorities: callout.authorities, named: "credence callout")
            switch callout.login {
            case .creds: break
            case .seed(let path):
                settings.credentials = .key(try pair(path))
            case .password(let user, let path):
                settings.credentials = .password(user: user) { () throws(NATSFault) in try password(in: path) }
            }
            return settings
        } catch {
            throw CommandFailure(.badInput, "`callout`: \(error)")
        }
    }

    private static func pair(_ path: String) throws(NATSFault) -> KeyPair {
        do throws(CommandFailure) { return try IdentityFile.pair(path, role: .user, member: "callout.nkey") } catch {
            throw .credentials(error.what)
        }
    }

    private static func password(in path: String) throws(NATSFault) -> String {
        let secret: SecretBytes
        do throws(CommandFailure) { secret = try Files.readSecret(path, limit: 4096) } catch {
            throw .credentials("the file of the password cannot be read")
        }
        let text = secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return String(text.prefix { $0 != "\n" && $0 != "\r\n" })
    }
}

/// No operator's accounts: users go where a server's own configuration has accounts.
struct NoAccounts: IssuingAccounts {
    func account(_ key: PublicKey, at now: UnixTime) async -> VerifiedToken<AccountClaims>? { nil }
    func `operator`(at now: UnixTime) async -> VerifiedToken<OperatorClaims>? { nil }
}

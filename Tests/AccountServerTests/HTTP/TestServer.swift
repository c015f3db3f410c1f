import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import AccountServer

/// A real server on a port of the system's choice, for as long as `body` runs.
struct TestServer: Sendable {
    let accounts: MemoryAccounts
    let server: AccountHTTPServer
    let registry: PrometheusRegistry
    let log: LogLines
    let group: ServiceGroup
    let port: Int

    static func run(
        _ settings: HTTPSettings = .testing, accounts: MemoryAccounts = MemoryAccounts(),
        issuing: (any TokenIssuing)? = nil, credentials: String? = nil,
        clock: ServerClock = .system, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let registry = PrometheusRegistry()
        let log = LogLines()
        let server = try AccountHTTPServer(
            service: accounts, issuing: issuing, settings: settings, credentials: credentials, metrics: registry,
            clock: clock,
            logger: log.logger)
        var quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        let group = ServiceGroup(services: [server], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await server.port)
            let running = TestServer(
                accounts: accounts, server: server, registry: registry, log: log, group: group, port: port)
            do {
                try await body(running)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Sends one request on a connection of its own, and reads the answer.
    func ask(
        _ method: String, _ target: String, _ fields: [String] = [], body: String? = nil
    ) async throws -> RawAnswer {
        let port = port
        return try await blocking {
            let client = try RawClient(port: port)
            try client.send(RawClient.request(method, target, fields + ["Connection: close"], body: body))
            return try client.answer(to: method)
        }
    }

    /// The value of a series of the metrics.
    func metric(_ series: String) -> Double? {
        registry.text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}

extension HTTPSettings {
    /// A port of the system's choice, and nobody waits long for who hangs.
    static var testing: HTTPSettings {
        var settings = HTTPSettings()
        // Who may list is a matter of `AccessTests`.
        settings.access.audiences[.list] = .everyone
        settings.port = 0
        settings.shutdownTimeout = 20
        settings.reloadInterval = nil
        // Beside a thousand other tests a client is slow. What the limits do is a matter of the tests that set them.
        (settings.headerTimeout, settings.bodyTimeout) = (600, 600)
        (settings.idleTimeout, settings.writeTimeout) = (600, 600)
        return settings
    }

    static func testing(_ change: (inout HTTPSettings) -> Void) -> HTTPSettings {
        var settings = testing
        change(&settings)
        return settings
    }
}

/// Calls what blocks on a thread of its own: the tasks of the server share few.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
}

/// What was logged, as text.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(text)") }
        }
    }
}

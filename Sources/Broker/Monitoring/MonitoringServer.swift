import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Monitoring over HTTP/1.1: GET and HEAD of `MonitoringPages`, in the clear, for operators and their tools. It asks nobody
/// who they are: let it listen where only those come who may see every connection's address and subjects.
///
/// One request a connection, answered and closed. Whoever does not send it, or does not take the answer, in time is cut
/// off; connections beyond the limit are closed as they come.
public final class MonitoringServer: Sendable {
    /// What callers may take up.
    public struct Limits: Hashable, Sendable {
        /// Connections at once.
        public var connections = 64
        /// How long a request may take to come.
        public var request = Duration.seconds(10)
        /// How long its answer may take to be made and taken.
        public var answer = Duration.seconds(30)

        /// The standard limits.
        public init() {}
    }

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        /// How many have come, those that are gone included.
        var admitted = 0
        var isClosed = false
    }

    private let pages: MonitoringPages
    private let group: any EventLoopGroup
    private let limits: Limits
    private let logger: Logger
    private let state = Mutex(State())

    /// A server of these pages that does not listen yet.
    ///
    /// - Parameter group: the threads that carry it, which the caller ends.
    public init(_ pages: MonitoringPages, group: any EventLoopGroup, limits: Limits = Limits(), logger: Logger) {
        (self.pages, self.group, self.limits, self.logger) = (pages, group, limits, logger)
    }

    /// The port; nil before the start and after the end.
    public var port: Int? { state.withLock { $0.listener?.localAddress?.port } }

    /// Connections now.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Connections since the start.
    var admittedCount: Int { state.withLock(\.admitted) }

    /// Listens at an address of this machine; once. Port 0 is one that the system chooses.
    ///
    /// - Throws: when nobody can listen there.
    public func start(on host: String, port: Int) async throws(MessageBroker.StartFault) {
        let listener: any Channel
        do {
            listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelInitializer { [self] channel in accept(channel) }
                .bind(host: host, port: port).get()
        } catch {
            let reason = (error as? IOError).map { Self.text(of: $0) } ?? "\(error)"
            throw MessageBroker.StartFault(
                "monitoring cannot listen at `\(host):\(port)`: \(reason)",
                hint: "choose another `http` port, or end the program that has this one")
        }
        let isLate = state.withLock { state in
            if !state.isClosed { state.listener = listener }
            return state.isClosed
        }
        if isLate { try? await listener.close() }
    }

    /// Stops listening and cuts off who is connected. For good.
    public func close() async {
        let (listener, connections) = state.withLock { state in
            defer { (state.listener, state.isClosed) = (nil, true) }
            return (state.listener, Array(state.connections.values))
        }
        for channel in [listener].compactMap({ $0 }) + connections { try? await channel.close() }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let key = ObjectIdentifier(channel)
        let isAdmitted = state.withLock { state in
            guard !state.isClosed, state.connections.count < limits.connections else { return false }
            state.connections[key] = channel
            state.admitted &+= 1
            return true
        }
        guard isAdmitted else {
            logger.debug("a connection to monitoring beyond \(limits.connections) is closed")
            return channel.close()
        }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.connections.removeValue(forKey: key) }
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
            try channel.pipeline.syncOperations.addHandler(MonitoringHandler(pages, limits))
        }
    }

    private static func text(of error: IOError) -> String {
        switch error.errnoCode {
        case EADDRINUSE: "the port is in use"
        case EACCES: "this user may not"
        case EADDRNOTAVAIL: "the address is none of this machine"
        default: "error \(error.errnoCode) of the system"
        }
    }
}

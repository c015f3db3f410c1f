import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// One connection: hummingbird's channel of HTTP/1.1 with the project's own watch and guard in its pipeline.
struct ConnectionChannel: ServerChildChannel {
    /// An open connection.
    struct Value: ServerChildChannelValue {
        let served: ServedConnection
        let peer: ConnectionPeer
        var channel: any Channel { served.http.channel }
    }

    /// Answers the requests of one connection.
    struct Requests: HTTPChannelHandler {
        typealias Value = HTTP1Channel.Value
        let base: HTTP1Channel
        let responder: HTTPChannelHandler.Responder

        func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
            base.setup(channel: channel, logger: logger)
        }

        func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
    }

    let settings: HTTPSettings
    let protection: ConnectionPeer.Protection
    let handler: RequestHandler
    let ledger: ConnectionLedger
    private let base: HTTP1Channel

    init(
        _ settings: HTTPSettings, protection: ConnectionPeer.Protection, handler: RequestHandler,
        ledger: ConnectionLedger
    ) {
        (self.settings, self.protection) = (settings, protection)
        (self.handler, self.ledger) = (handler, ledger)
        // The responder stands per connection, in `handle`. Times are kept by the watch.
        base = HTTP1Channel(
            responder: { _, _, _ in },
            configuration: .init(
                idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: max(settings.fieldBytes, settings.targetBytes + 1),
                    maxHeaderListSize: settings.headerBytes + settings.targetBytes,
                    maxHeaderFieldCount: settings.headerCount)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let peer = ConnectionPeer(address: CallerAddress(channel.remoteAddress), protection: protection)
        let isEntered = ledger.enter(peer.address, channel)
        if isEntered {
            let ledger = ledger
            channel.closeFuture.whenComplete { _ in ledger.leave(peer.address, channel) }
        }
        let (settings, metrics, identifiers, base) = (settings, handler.metrics, handler.identifiers, base)
        return channel.eventLoop.makeCompletedFuture {
            let watch = ConnectionWatch(settings, peer: peer, isRefused: !isEntered, metrics: metrics)
            try channel.pipeline.syncOperations.addHandler(watch)
            return NIOLoopBound(watch, eventLoop: channel.eventLoop)
        }.flatMap { watch in
            base.setup(channel: channel, logger: logger).flatMapThrowing { http in
                let served = ServedConnection(http)
                let operations = channel.pipeline.syncOperations
                let parser = try operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try operations.addHandler(
                    RequestGuard(settings, watch: watch.value, metrics: metrics, identifiers: identifiers),
                    position: .after(parser.handler))
                return Value(served: served, peer: peer)
            }
        }
    }

    func handle(value: Value, logger: Logger) async {
        let (handler, peer) = (handler, value.peer)
        let requests = Requests(base: base) { request, writer, _ in
            try await handler.answer(request, from: peer, with: writer)
        }
        await requests.handle(value: value.served.begin(), logger: logger)
    }
}

/// A connection from its first moment on, whether or not anyone comes to serve it.
///
/// One that is accepted while the server ends is handed to nobody any more, and a channel of SwiftNIO that is let go
/// without being closed ends the process. So whoever lets this go has it closed.
final class ServedConnection: Sendable {
    let http: HTTP1Channel.Value
    private let isBegun = Atomic(false)

    init(_ http: HTTP1Channel.Value) { self.http = http }

    /// It is served now: who does so closes it.
    func begin() -> HTTP1Channel.Value {
        isBegun.store(true, ordering: .relaxed)
        return http
    }

    deinit {
        guard !isBegun.load(ordering: .acquiring) else { return }
        Task { [http] in try? await http.executeThenClose { _, _ in } }
    }
}

/// Every connection as it comes: over TLS by what the files hold now, or plain.
struct FrontChannel: ServerChildChannel {
    let plain: ConnectionChannel
    let tls: TLSReload?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<ConnectionChannel.Value> {
        guard let tls else { return plain.setup(channel: channel, logger: logger) }
        return tls.current.setup(channel: channel, logger: logger)
    }

    func handle(value: ConnectionChannel.Value, logger: Logger) async {
        await plain.handle(value: value, logger: logger)
    }
}

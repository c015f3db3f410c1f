import NIOCore
import NIOSSL

/// Watches the bytes of one connection: closes it when the other side takes too long, and closes it so that what was
/// written arrives.
///
/// It stands below the parser of HTTP, so that it sees a head that never ends. Closing means here: write what is left,
/// end the output, go on reading and dropping until the other side ends too or a time is over. To close at once, with
/// bytes unread, would reset the connection and could take the last answer away from the reader.
final class ConnectionWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let lingerBytes = 16 << 20
    private static let tooSlow: [UInt8] = cannedRefusal(.timeout, reason: "Request Timeout")

    private(set) var times: ConnectionTimes
    private let peer: ConnectionPeer
    private let metrics: RequestMetrics
    private let isRefused: Bool
    private var task: Scheduled<Void>?
    private var isReading = false
    private var isClosing = false
    private var isInputClosed = false
    private var wasAsked = false
    private var dropped = 0

    init(_ settings: HTTPSettings, peer: ConnectionPeer, isRefused: Bool, metrics: RequestMetrics) {
        times = ConnectionTimes(settings, now: .now())
        (self.peer, self.isRefused, self.metrics) = (peer, isRefused, metrics)
    }

    /// An answer to what cannot wait for the parser.
    static func cannedRefusal(_ fault: RequestFault, reason: String) -> [UInt8] {
        let body =
            #"{"failures":[{"rule":"\#(fault.rawValue)","at":"","message":"\#(fault.message)"}],"warnings":[]}"# + "\n"
        let head = """
            HTTP/1.1 \(fault.status) \(reason)\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
            Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n
            """
        return Array((head + body).utf8)
    }

    // MARK: What the guard tells

    func headCompleted() { times.head(now: .now()) }
    func requestCompleted() { times.end() }
    func allAnswered() { times.answered(now: .now()) }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { task?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard task == nil else { return }
        if isRefused {
            // Before a handshake there is nobody to say it to.
            if peer.protection == .none {
                let refusal = Self.cannedRefusal(.connections, reason: "Service Unavailable")
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: refusal)), promise: nil)
                metrics.refused(RequestFault.connections.rawValue)
            }
            closeGently(context)
        }
        schedule(context)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((watch: self, context: context), eventLoop: context.eventLoop)
        task = context.eventLoop.scheduleTask(in: times.interval) { bound.value.watch.check(bound.value.context) }
    }

    private func check(_ context: ChannelHandlerContext) {
        switch times.expiry(now: .now(), isReading: isReading) {
        case .none: break
        case .head:
            metrics.refused(RequestFault.timeout.rawValue)
            metrics.answered(nil, nil, status: RequestFault.timeout.status, nanoseconds: 0)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Self.tooSlow)), promise: nil)
            closeGently(context)
        case .silent:
            context.close(promise: nil)
            return
        }
        schedule(context)
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        guard !isClosing else {
            dropped &+= count
            if dropped > Self.lingerBytes { context.close(promise: nil) }
            return
        }
        if peer.protection == .tls, !wasAsked {
            // Bytes come behind the handshake only.
            wasAsked = true
            if let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate() {
                peer.showed(certificate)
            }
        }
        times.received(count, now: .now())
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.fireChannelReadComplete()
        if isClosing { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        times.writable(context.channel.isWritable, now: .now())
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            if isClosing { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Closing

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .input else { return context.close(mode: .input, promise: promise) }
        context.channel.closeFuture.cascade(to: promise)
        closeGently(context)
    }

    private func closeGently(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        times.closing(now: .now())
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((watch: self, context: context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { result in
            let (watch, context) = bound.value
            if case .success = result, !watch.isInputClosed {
                watch.times.lingering(now: .now())
                context.close(mode: .output, promise: nil)
                context.read()
            } else {
                context.close(promise: nil)
            }
        }
        // Nothing, behind everything that was written: when it is taken, so is that.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }
}

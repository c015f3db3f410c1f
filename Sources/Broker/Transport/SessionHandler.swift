import NATSWire
import NIOCore
import NIOSSL
import NIOTLS

/// Carries bytes between a socket and a session. On the broker's loop.
final class SessionHandler: ChannelInboundHandler, SessionOutlet {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// When the session begins.
    enum Beginning {
        /// As soon as there is a connection.
        case connected
        /// When TLS has come about.
        case secured
    }

    /// How long a connection that is to be closed is left to send what it has.
    private static let lingering = TimeAmount.seconds(1)
    /// As much is kept of what a client sends while it is being judged; then nothing more is read.
    private static let keptWhileJudged = 32_768
    /// How long nothing is read of a client whose receivers do not keep up.
    private static let stalling = TimeAmount.milliseconds(2)

    private let core: BrokerCore
    private let beginning: Beginning
    private let onEnd: () -> Void
    private var session: Session?
    private var context: ChannelHandlerContext?
    /// What was read and not used.
    private var kept: ByteBuffer?
    private var isClosing = false
    private var isStalled = false
    /// Whether nothing is read.
    private var isPaused = false
    private var handshakeGuard: Scheduled<Void>?
    private var tls: PeerTLS?

    init(_ core: BrokerCore, beginning: Beginning, onEnd: @escaping () -> Void) {
        self.core = core
        self.beginning = beginning
        self.onEnd = onEnd
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if beginning == .connected { return begin(context) }
        let channel = NIOLoopBound(context.channel, eventLoop: context.eventLoop)
        handshakeGuard = context.eventLoop.scheduleTask(
            in: .nanoseconds(Int64(clamping: core.settings.times.handshake.nanoseconds))
        ) { channel.value.close(promise: nil) }
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard session == nil else { return }
        let address = context.channel.remoteAddress
        let peer = Peer(host: address?.ipAddress ?? "", port: address?.port ?? 0, tls: tls)
        session = core.open(from: peer, over: self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            handshakeGuard?.cancel()
            handshakeGuard = nil
            tls = PeerTLS()
            if beginning == .secured { begin(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if var before = kept {
            kept = nil
            before.writeBuffer(&buffer)
            buffer = before
        }
        if session?.phase == .judging {
            // It is not known who this is. What it sends meanwhile is kept, and is little.
            if buffer.readableBytes > Self.keptWhileJudged { setReading(false) }
            kept = buffer
            return
        }
        use(buffer)
    }

    /// Gives bytes to the session, and keeps what it does not use.
    private func use(_ bytes: ByteBuffer) {
        guard let session, session.phase != .closed else { return }
        var bytes = bytes
        let used = bytes.withUnsafeReadableBytes { raw in
            core.receive(raw.assumingMemoryBound(to: UInt8.self), for: session)
        }
        bytes.moveReaderIndex(forwardBy: min(used, bytes.readableBytes))
        guard bytes.readableBytes > 0, session.phase != .closed else { return }
        // A part of a large buffer does not keep all of it.
        kept = bytes.readerIndex > 0 ? bytes.slice() : bytes
        if bytes.readerIndex > 0, var copy = context?.channel.allocator.buffer(capacity: bytes.readableBytes) {
            copy.writeImmutableBuffer(bytes)
            kept = copy
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeGuard?.cancel()
        if let session { core.lost(session) }
        session = nil
        kept = nil
        onEnd()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let session { core.lost(session, error is NIOSSLError ? .tls : .clientClosed) }
        context.close(promise: nil)
    }

    private func setReading(_ isReading: Bool) {
        isPaused = !isReading
        guard let context, context.channel.isActive else { return }
        _ = context.channel.setOption(.autoRead, value: isReading)
        if isReading { context.read() }
    }

    // MARK: SessionOutlet

    func send(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let context, let session else {
            // INFO, which is written while the session is being made.
            if let context { write(bytes, to: context, nil) }
            return
        }
        write(bytes, to: context, session)
    }

    private func write(_ bytes: UnsafeBufferPointer<UInt8>, to context: ChannelHandlerContext, _ session: Session?) {
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let (count, core) = (bytes.count, core)
        if let session {
            promise.futureResult.assumeIsolated().whenComplete { _ in core.sent(count, for: session) }
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    func close() {
        guard let context, !isClosing else { return }
        isClosing = true
        guard session?.unsent ?? 0 > 0, session?.closing != .slowConsumer else {
            // What was written has left, or is not waited for; the close itself waits until this call is over.
            let bound = NIOLoopBound(context.channel, eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.close(promise: nil) }
            return
        }
        let channel = NIOLoopBound(context.channel, eventLoop: context.eventLoop)
        let last = context.eventLoop.makePromise(of: Void.self)
        last.futureResult.whenComplete { _ in channel.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)), promise: last)
        context.eventLoop.scheduleTask(in: Self.lingering) { channel.value.close(promise: nil) }
    }

    func resume() {
        guard let session, session.phase == .ready else { return }
        if let bytes = kept {
            kept = nil
            use(bytes)
        }
        if session.phase == .ready, isPaused { setReading(true) }
    }

    func stall() {
        guard let context, !isStalled else { return }
        isStalled = true
        setReading(false)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.stalling) {
            let handler = bound.value
            handler.isStalled = false
            if handler.session?.phase == .ready { handler.setReading(true) }
        }
    }
}
